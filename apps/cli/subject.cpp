#include "subject.h"

#include "text_rows.h"

#include <memory>

namespace typecase::cli {
namespace {

Subject of_toy(const std::string& path, const TextFlags& text) {
  const auto toy = std::make_shared<ToyModel>(ToyModel::from_file(path));
  const auto words = [toy](const Tokens& ids) {
    std::string out;
    for (const TokenId id : ids) {
      out += (out.empty() ? "" : " ") + toy->words().at(static_cast<std::size_t>(id));
    }
    return out;
  };
  const bool from_file = !text.given && !toy->prompt().empty();
  return {.generate = [toy](const GenerateRequest& request) { return toy->generate(request); },
          .token = [words](TokenId id) { return words({id}); },
          .text = words,
          .prompt = toy->encode(from_file ? toy->prompt() : text.read()),
          .note = "toy",
          .has_default_length = toy->defaults().find("max_new_tokens") != nullptr};
}

Subject of_model(const ModelFlags& flags, const TextFlags& text, Messages& messages) {
  const std::string prompt = text.read();
  const auto model = std::make_shared<Model>(flags.open());
  for (const auto& warning : model->warnings()) messages.warn(warning);
  const Tokenizer& tokenizer = model->tokenizer();
  return {.generate = [model](const GenerateRequest& request) { return model->generate(request); },
          .token = [&tokenizer](TokenId id) { return tokenizer.decode(Tokens{id}); },
          .text = [&tokenizer](const Tokens& ids) { return tokenizer.decode(ids); },
          .prompt = text_rows(tokenizer, {prompt}).input_ids.at(0),
          .note = model->backend()};
}

}  // namespace

Subject Subject::open(const ModelFlags& model, const std::string& toy, const TextFlags& text,
                      Messages& messages) {
  return toy.empty() ? of_model(model, text, messages) : of_toy(toy, text);
}

}  // namespace typecase::cli
