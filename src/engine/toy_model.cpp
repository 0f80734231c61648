#include "base/limits.h"
#include "base/mapped_file.h"
#include "decode/decode.h"
#include "decode/trace/tracer.h"

#include <typecase/error.h>
#include <typecase/toy_model.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace typecase {
namespace {

constexpr std::size_t kMostWords = 4096;
constexpr double kSumTolerance = 1e-6;

/// The table behind the door through which strategies see every model.
class ToyStepper : public Stepper {
 public:
  ToyStepper(const ToyModel& model, const std::vector<Tokens>& prompts)
      : model_(model), rows_(prompts) {}
  std::size_t vocabulary() const override { return model_.words().size(); }
  std::span<const float> prefill() override { return look_up(); }
  void select(std::span<const std::size_t> parents) override {
    std::vector<Tokens> next;
    for (const std::size_t p : parents) next.push_back(rows_.at(p));
    rows_ = std::move(next);
  }
  std::span<float> step(std::span<const TokenId> tokens) override {
    for (std::size_t i = 0; i < tokens.size(); ++i) rows_.at(i).push_back(tokens[i]);
    return look_up();
  }

 private:
  std::span<float> look_up() {
    out_.clear();
    for (const Tokens& row : rows_) {
      const auto logits = model_.logits_after(row);
      out_.insert(out_.end(), logits.begin(), logits.end());
    }
    return out_;
  }
  const ToyModel& model_;
  std::vector<Tokens> rows_;
  std::vector<float> out_{};
};

[[noreturn]] void bad(const std::string& message, const std::string& key) {
  throw Error(Code::bad_file, message, Place{.file = {}, .key = key});
}

}  // namespace

ToyModel ToyModel::from_file(const std::string& path) {
  try {
    return from_json(Json::parse(read_file(path, limits::kConfigFile)));
  } catch (const Error& error) {
    throw error.at(Place{.file = path});
  }
}

ToyModel ToyModel::from_json(const Json& json) {
  const Json* version = json.find("typecase_toy");
  if (version == nullptr || *version != Json(1)) {
    bad("a toy model begins with \"typecase_toy\": 1", "typecase_toy");
  }
  ToyModel toy;
  for (const Json& word : json.at("words").as_array()) {
    const std::string& text = word.as_string();
    if (text.empty() || text.find(' ') != std::string::npos) {
      bad("a word is not empty and has no spaces, found " + quote(text), "words");
    }
    if (std::find(toy.words_.begin(), toy.words_.end(), text) != toy.words_.end()) {
      bad("the word " + quote(text) + " stands there twice", "words");
    }
    toy.words_.push_back(text);
  }
  if (toy.words_.empty()) bad("there are no words", "words");
  if (toy.words_.size() > kMostWords) {
    throw Error(Code::limit, "a toy model has at most " + std::to_string(kMostWords) + " words",
                Place{.file = {}, .key = "words"});
  }
  for (const auto& [context, row] : json.at("next").as_object()) {
    Tokens ids;
    try {
      ids = toy.encode(context);
    } catch (const Error& error) {
      bad(error.message(), "next");
    }
    if (!toy.next_.emplace(ids, toy.row_of(row, context)).second) {
      bad("the context " + quote(context) + " stands there twice", "next");
    }
  }
  if (const Json* prompt = json.find("prompt")) toy.prompt_ = prompt->as_string();
  if (const Json* defaults = json.find("defaults")) {
    toy.defaults_ = GenerationConfig::from_json(*defaults);
  }
  return toy;
}

std::vector<float> ToyModel::row_of(const Json& probabilities, const std::string& context) const {
  std::vector<float> p(words_.size(), 0);
  double sum = 0;
  for (const auto& [word, value] : probabilities.as_object()) {
    const double x = value.as_number();
    if (!(x >= 0 && x <= 1)) bad("a probability is from 0 to 1, found " + value.dump(), "next");
    const auto found = std::find(words_.begin(), words_.end(), word);
    if (found == words_.end()) bad("the word " + quote(word) + " is not among the words", "next");
    p[static_cast<std::size_t>(found - words_.begin())] = static_cast<float>(x);
    sum += x;
  }
  if (std::abs(sum - 1) > kSumTolerance) {
    bad("the probabilities after " + quote(context) + " sum to " + Json(sum).dump() + ", not 1",
        "next");
  }
  for (float& x : p) x = std::log(x);  // ln 0 = −∞: the word cannot follow
  return p;
}

Tokens ToyModel::encode(std::string_view text) const {
  Tokens out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    const auto found = std::find(words_.begin(), words_.end(), word);
    if (found == words_.end()) {
      throw Error(Code::invalid_argument, "the toy model has no word " + quote(word));
    }
    out.push_back(static_cast<TokenId>(found - words_.begin()));
  }
  return out;
}

std::span<const float> ToyModel::logits_after(std::span<const TokenId> ids) const {
  for (std::size_t from = 0; from <= ids.size(); ++from) {
    const auto row = next_.find(Tokens(ids.begin() + static_cast<std::ptrdiff_t>(from), ids.end()));
    if (row != next_.end()) return row->second;
  }
  std::string text;
  for (const TokenId id : ids)
    text += (text.empty() ? "" : " ") + words_.at(static_cast<std::size_t>(id));
  throw Error(Code::invalid_argument,
              "the toy model does not say what follows " + quote(text) +
                  "; generate fewer tokens, or add a row \"\" that fits everything");
}

GenerateResult ToyModel::generate(const GenerateRequest& request) const {
  const GenerationConfig* object =
      request.generation_config ? &*request.generation_config : nullptr;
  const std::vector<Tokens>& ids = request.input_ids;
  if (ids.empty() || ids[0].empty()) {
    throw Error(Code::invalid_argument, "a toy model needs a prompt of at least one word");
  }
  std::vector<std::string> warnings;
  const EffectiveConfig config = resolve(request.keywords, object, defaults_,
                                         {.prompt_length = ids[0].size(),
                                          .batch = ids.size(),
                                          .vocabulary = words_.size(),
                                          .mask_given = !request.attention_mask.empty(),
                                          .streams = static_cast<bool>(request.on_tokens)},
                                         &warnings);
  if (config.guidance_scale || !config.stop_strings.empty()) {
    throw Error(Code::unsupported, "guidance_scale and stop_strings need a real model");
  }
  ToyStepper stepper(*this, ids);
  DecodeHooks hooks;
  if (request.on_tokens) {
    hooks.on_tokens = [&](std::span<const TokenId> t) { request.on_tokens({t.begin(), t.end()}); };
  }
  hooks.should_stop = request.should_stop;
  hooks.rows_fail_alone = request.rows_fail_alone;
  std::optional<Tracer> tracer;
  if (request.observer) tracer.emplace(request.observer, config);
  hooks.tracer = tracer ? &*tracer : nullptr;
  Generator& generator = request.generator != nullptr ? *request.generator : default_generator();
  const DecodeInput input{.ids = ids, .mask = infer_mask(ids, config)};
  DecodeOutput out = decode(stepper, config, input, generator, hooks);
  if (request.on_warning) {
    for (const auto& w : warnings) request.on_warning(w);
  }
  return {.sequences = std::move(out.sequences),
          .sequences_scores = std::move(out.sequences_scores),
          .beam_indices = std::move(out.beam_indices),
          .scores = std::move(out.scores),
          .logits = std::move(out.logits),
          .return_dict = config.return_dict_in_generate,
          .stopped = out.interrupted,
          .row_errors = std::move(out.row_errors)};
}

}  // namespace typecase
