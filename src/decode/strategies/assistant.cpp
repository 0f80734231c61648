#include "decode/strategies/assistant.h"

#include "base/checked.h"
#include "decode/common_prefix.h"
#include "decode/draw.h"
#include "decode/order.h"
#include "decode/processors/min_length.h"
#include "decode/softmax.h"
#include "decode/strategies/rows.h"

#include <typecase/error.h>

#include <algorithm>
#include <array>

namespace typecase {
namespace {

bool is_any_of(std::string_view name, std::span<const std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 10> kLate{"temperature",
                                                 "top_h",
                                                 "top_k",
                                                 "top_p",
                                                 "min_p",
                                                 "typical_p",
                                                 "epsilon_cutoff",
                                                 "eta_cutoff",
                                                 "watermarking_config",
                                                 "renormalize_logits"};
constexpr std::array<std::string_view, 7> kBeforeMinLength{
    "guidance_scale",     "sequence_bias",        "encoder_repetition_penalty",
    "repetition_penalty", "no_repeat_ngram_size", "encoder_no_repeat_ngram_size",
    "bad_words_ids"};

}  // namespace

DraftSettings::DraftSettings(const GenerationConfig& config) {
  if (const auto n = config.integer("num_assistant_tokens")) {
    if (*n < 1) throw Error(Code::invalid_argument, "num_assistant_tokens: must be 1 or more");
    tokens = static_cast<std::size_t>(*n);
  }
  if (const Json* schedule = config.find("num_assistant_tokens_schedule")) {
    adapts = *schedule == Json("heuristic") || *schedule == Json("heuristic_transient");
  }
  if (const auto t = config.number("assistant_confidence_threshold")) threshold = *t;
}

AssistantDrafter::AssistantDrafter(const EffectiveConfig& config, const DecodeInput& input,
                                   Generator& random, const DecodeHooks& hooks,
                                   const Processors& processors)
    : config_(config),
      input_(input),
      random_(random),
      assistant_(*hooks.assistant),
      processors_(processors),
      settings_(assistant_.config) {}

/// The target's processors, with the minimum length of this draft, and its warpers twice.
Processors AssistantDrafter::chain(std::size_t length, std::size_t count) const {
  Processors early, late;
  for (const auto& processor : processors_) {
    if (processor->name() == "min_length") continue;
    (is_any_of(processor->name(), kLate) ? late : early).push_back(processor);
  }
  const std::size_t missing = config_.min_length > length ? config_.min_length - length : 0;
  if (missing > 0 && !config_.eos_token_id.empty()) {
    const auto place = std::find_if(early.begin(), early.end(), [](const auto& processor) {
      return !is_any_of(processor->name(), kBeforeMinLength);
    });
    early.insert(place, std::make_shared<MinLength>("min_length", length + std::min(count, missing),
                                                    config_.eos_token_id));
  }
  early.insert(early.end(), late.begin(), late.end());
  early.insert(early.end(), late.begin(), late.end());
  return early;
}

std::vector<std::uint8_t> AssistantDrafter::mask_of(const Tokens& ids) const {
  const bool given = !input_.mask.empty() && std::find(input_.mask[0].begin(), input_.mask[0].end(),
                                                       0) != input_.mask[0].end();
  if (!given) return infer_mask({ids}, config_).front();
  auto mask = input_.mask[0];
  mask.resize(ids.size(), 1);
  return mask;
}

std::span<const float> AssistantDrafter::follow(const Tokens& ids) {
  auto mask = mask_of(ids);
  const std::size_t keep = std::min(common_prefix(seen_, ids), ids.size() - 1);
  const auto middle = static_cast<std::ptrdiff_t>(keep);
  const bool same = stepper_ != nullptr && keep <= masked_.size() &&
                    std::equal(mask.begin(), mask.begin() + middle, masked_.begin()) &&
                    std::find(mask.begin() + middle, mask.end(), 0) == mask.end();
  if (!same) {
    stepper_ = assistant_.start(ids, mask);
    TYPECASE_CHECK(stepper_ != nullptr);
    seen_ = ids;
    masked_ = std::move(mask);
    return stepper_->prefill();
  }
  if (keep < seen_.size()) stepper_->truncate(keep);
  const Tokens fresh(ids.begin() + middle, ids.end());
  seen_ = ids;
  masked_ = std::move(mask);
  const auto logits = stepper_->step_many(fresh);
  return logits.last(stepper_->vocabulary());
}

Draft AssistantDrafter::draft(const Tokens& ids) {
  if (config_.max_length <= ids.size() + 1) return {};
  const std::size_t count = std::min(settings_.tokens, config_.max_length - ids.size() - 1);
  const Processors processors = chain(ids.size(), count);
  Draft out;
  std::vector<Tokens> text{ids};
  auto logits = follow(ids);
  for (;;) {
    std::vector<float> scores(logits.begin(), logits.end());
    process(processors, scores, text, 1);
    out.scores.insert(out.scores.end(), scores.begin(), scores.end());
    std::vector<float> p(scores.size());
    softmax(scores, p);
    TokenId next = argmax(scores);
    if (config_.do_sample) draw(p, p.size(), random_, {&next, 1});
    out.tokens.push_back(next);
    text[0].push_back(next);
    const auto& eos = config_.eos_token_id;
    const bool unsure =
        static_cast<double>(p[static_cast<std::size_t>(next)]) < settings_.threshold;
    const bool ended = std::find(eos.begin(), eos.end(), next) != eos.end();
    if (unsure || ended || out.tokens.size() == count) return out;
    logits = stepper_->step({&next, 1});
    seen_.push_back(next);
    masked_.push_back(1);
  }
}

void AssistantDrafter::verified(std::size_t drafted, std::size_t matches) {
  if (settings_.adapts) settings_.adapt(matches == drafted);
}

}  // namespace typecase
