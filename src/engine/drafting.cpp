#include "engine/drafting.h"

#include "engine/batch_stepper.h"

#include <typecase/error.h>

#include <memory>
#include <string>

namespace typecase {
namespace {

/// Two tokenizers understand each other through text.
void speak_through_text(Assistant& assistant, Model::Parts& model, Model::Parts& drafter) {
  if (!model.tokenizer || !drafter.tokenizer) {
    throw Error(Code::invalid_argument,
                "the assistant model has a vocabulary of " +
                    std::to_string(drafter.plan.vocabulary) + " tokens, the model one of " +
                    std::to_string(model.plan.vocabulary) + ": both need a tokenizer then");
  }
  const auto translate = [](const Tokenizer& from, const Tokenizer& to) {
    return [&from, &to](const Tokens& ids) {
      return to.encode_ids(
          from.decode(ids, {.skip_special_tokens = true, .clean_up_tokenization_spaces = true}));
    };
  };
  assistant.to_assistant = translate(*model.tokenizer, *drafter.tokenizer);
  assistant.to_target = translate(*drafter.tokenizer, *model.tokenizer);
}

}  // namespace

std::optional<Assistant> drafting(Model::Parts& model, Model::Parts* assistant,
                                  const GenerateRequest& request, const EffectiveConfig& config,
                                  const Read& read) {
  if (config.mode != Mode::assisted) return std::nullopt;
  const bool early = config.assistant_early_exit.has_value();
  if (!early && config.prompt_lookup_num_tokens) return std::nullopt;
  Model::Parts& drafter = early ? model : *assistant;
  Assistant out;
  if (drafter.plan.vocabulary != model.plan.vocabulary) speak_through_text(out, model, drafter);
  out.eos_token_id = config.eos_token_id;  // the target's, also where its ids mean something else
  out.config = drafter.generation_config;
  for (const auto& [name, value] : request.assistant_config.fields()) out.config.set(name, value);
  const int layers = early ? static_cast<int>(*config.assistant_early_exit) : 0;
  if (drafter.plan.encoder.has_value() != model.plan.encoder.has_value()) {
    throw Error(Code::unsupported, "assistant and model must both have an encoder, or neither");
  }
  out.start = [&drafter, layers, &read](const Tokens& ids, const Mask& mask) {
    auto stepper = std::make_unique<BatchStepper>(
        drafter.ready(), drafter.plan, std::vector<Tokens>{ids}, std::vector<Mask>{mask}, layers);
    if (drafter.plan.encoder) stepper->read(read.texts, read.mask);
    return stepper;
  };
  return out;
}

void remember_schedule(Model::Parts* assistant, const std::optional<Assistant>& drafter,
                       const DecodeOutput& out) {
  if (assistant == nullptr || !drafter || !out.draft_length) return;
  const Json* schedule = drafter->config.find("num_assistant_tokens_schedule");
  if (schedule == nullptr || *schedule != Json("heuristic")) return;
  assistant->generation_config.set("num_assistant_tokens",
                                   static_cast<std::int64_t>(*out.draft_length));
}

}  // namespace typecase
