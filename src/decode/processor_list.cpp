#include "decode/processor_list.h"

#include "base/checked.h"
#include "decode/processors/dry.h"
#include "decode/processors/exponential_decay.h"
#include "decode/processors/forced_tokens.h"
#include "decode/processors/guidance.h"
#include "decode/processors/logit_bias.h"
#include "decode/processors/min_length.h"
#include "decode/processors/no_repeat_ngram.h"
#include "decode/processors/occurrence_penalties.h"
#include "decode/processors/prefix_allowed_tokens.h"
#include "decode/processors/remove_invalid_values.h"
#include "decode/processors/renormalize.h"
#include "decode/processors/repetition_penalty.h"
#include "decode/processors/sequence_bias.h"
#include "decode/processors/suppress_tokens.h"
#include "decode/processors/watermark.h"
#include "decode/trace/tracer.h"
#include "decode/warpers/cutoffs.h"
#include "decode/warpers/min_p.h"
#include "decode/warpers/mirostat.h"
#include "decode/warpers/temperature.h"
#include "decode/warpers/top_h.h"
#include "decode/warpers/top_k.h"
#include "decode/warpers/top_n_sigma.h"
#include "decode/warpers/top_p.h"
#include "decode/warpers/typical.h"
#include "decode/warpers/xtc.h"

#include <algorithm>
namespace typecase {
namespace {

template <class T, class... Args>
void add(Processors& list, Args&&... args) {
  list.push_back(std::make_shared<T>(std::forward<Args>(args)...));
}

/// How many masked slots each prompt starts with.
std::vector<std::size_t> padding_of(const DecodeInput& input) {
  std::vector<std::size_t> out(input.ids.size(), 0);
  for (std::size_t i = 0; i < input.mask.size(); ++i) {
    const auto& mask = input.mask[i];
    const auto first = std::find(mask.begin(), mask.end(), 1);
    if (first != mask.end()) out[i] = static_cast<std::size_t>(first - mask.begin());
  }
  return out;
}

const std::vector<Tokens>& read_by_encoder(const DecodeInput& input) {
  return input.encoder_ids.empty() ? input.ids : input.encoder_ids;
}

Tokens distinct(const Tokens& ids) {
  Tokens out;
  for (const TokenId id : ids) {
    if (std::find(out.begin(), out.end(), id) == out.end()) out.push_back(id);
  }
  return out;
}

void add_warpers(Processors& list, const EffectiveConfig& c, Generator* random,
                 Selections* selections) {
  // Beams need a token that goes on beside those that end.
  const std::size_t eos = c.eos_token_id.empty() ? 1 : c.eos_token_id.size();
  const std::size_t keep = c.num_beams > 1 ? eos + 1 : 1;
  if (c.temperature) add<Temperature>(list, *c.temperature);
  if (c.own.top_n_sigma) add<TopNSigma>(list, *c.own.top_n_sigma);
  if (c.top_h) add<TopH>(list, *c.top_h);
  if (c.top_k) add<TopK>(list, std::max(*c.top_k, keep));
  if (c.top_p) add<TopP>(list, *c.top_p, keep, selections);
  if (c.min_p) add<MinP>(list, *c.min_p, keep);
  if (c.typical_p) add<Typical>(list, *c.typical_p, keep);
  if (c.epsilon_cutoff) add<EpsilonCutoff>(list, *c.epsilon_cutoff, keep);
  if (c.eta_cutoff) add<EtaCutoff>(list, *c.eta_cutoff, keep);
  if (c.own.xtc_probability > 0) {
    TYPECASE_CHECK(random != nullptr);
    add<Xtc>(list, c.own.xtc_probability, c.own.xtc_threshold, *random);
  }
  if (c.own.mirostat_tau) add<Mirostat>(list, *c.own.mirostat_tau, c.own.mirostat_eta);
}

/// 1 to 6: what looks at the row's own ids.
void add_history(Processors& list, const EffectiveConfig& c, const DecodeInput& input,
                 std::size_t vocabulary, const DecodeHooks& hooks) {
  if (c.guidance_scale) {
    TYPECASE_CHECK(hooks.unconditional != nullptr);
    const std::size_t rows = std::max(c.num_beams, c.num_return_sequences);
    add<Guidance>(list, *c.guidance_scale, *hooks.unconditional, rows, hooks.round_to_dtype);
  }
  if (!c.sequence_bias.empty()) {
    add<SequenceBiases>(list, "sequence_bias", c.sequence_bias, vocabulary);
  }
  if (c.encoder_repetition_penalty) {
    add<EncoderRepetitionPenalty>(list, *c.encoder_repetition_penalty, read_by_encoder(input));
  }
  if (c.repetition_penalty) {
    add<RepetitionPenalty>(list, *c.repetition_penalty, padding_of(input));
  }
  if (c.no_repeat_ngram_size > 0) add<NoRepeatNgram>(list, c.no_repeat_ngram_size);
  if (c.encoder_no_repeat_ngram_size > 0) {
    add<EncoderNoRepeatNgram>(list, c.encoder_no_repeat_ngram_size, read_by_encoder(input));
  }
}

/// Ours, between the reference's 6 and 7: own_filters.h says why.
void add_own(Processors& list, const EffectiveConfig& c, const DecodeInput& input) {
  const OwnFilters& own = c.own;
  if (!own.logit_bias.empty()) add<LogitBias>(list, own.logit_bias);
  if (own.presence_penalty != 0 || own.frequency_penalty != 0) {
    add<OccurrencePenalties>(list, own.presence_penalty, own.frequency_penalty, c.prompt_length);
  }
  if (own.dry_multiplier > 0) {
    const Dry::Options options{.multiplier = own.dry_multiplier,
                               .base = own.dry_base,
                               .allowed_length = own.dry_allowed_length,
                               .sequence_breakers = own.dry_sequence_breakers};
    add<Dry>(list, options, padding_of(input));
  }
}

/// 7 to 16: what allows, forbids, forces.
void add_rules(Processors& list, const EffectiveConfig& c, std::size_t vocabulary,
               const DecodeHooks& hooks) {
  const std::size_t p = c.prompt_length;
  const Tokens& eos = c.eos_token_id;
  if (!c.bad_words_ids.empty()) list.push_back(bad_words(c.bad_words_ids, vocabulary));
  if (c.min_length > 0 && !eos.empty()) add<MinLength>(list, "min_length", c.min_length, eos);
  if (c.min_new_tokens.value_or(0) > 0 && !eos.empty()) {
    add<MinLength>(list, "min_new_tokens", p + *c.min_new_tokens, eos);
  }
  if (hooks.prefix_allowed_tokens) {
    add<PrefixAllowedTokens>(list, hooks.prefix_allowed_tokens, c.num_beams);
  }
  if (c.forced_bos_token_id) {
    add<ForcedTokens>(list, "forced_bos_token_id", std::size_t{1}, Tokens{*c.forced_bos_token_id});
  }
  if (!c.forced_eos_token_id.empty()) {
    add<ForcedTokens>(list, "forced_eos_token_id", c.max_length - 1, c.forced_eos_token_id);
  }
  if (c.remove_invalid_values) add<RemoveInvalidValues>(list);
  if (const auto& decay = c.exponential_decay_length_penalty) {
    const std::int64_t start = decay->first + static_cast<std::int64_t>(p);
    add<ExponentialDecay>(list, start, decay->second, distinct(eos));
  }
  if (!c.suppress_tokens.empty()) add<SuppressTokens>(list, c.suppress_tokens, std::nullopt);
  if (!c.begin_suppress_tokens.empty()) {
    const std::size_t forced = p <= 1 && c.forced_bos_token_id ? 1 : 0;
    add<SuppressTokens>(list, c.begin_suppress_tokens, p + forced);
  }
}

}  // namespace

Processors build_processors(const EffectiveConfig& c, const DecodeInput& input,
                            std::size_t vocabulary, const DecodeHooks& hooks, Generator* random) {
  Processors list;
  add_history(list, c, input, vocabulary, hooks);
  add_own(list, c, input);
  add_rules(list, c, vocabulary, hooks);
  list.insert(list.end(), hooks.processors.begin(), hooks.processors.end());
  if (c.do_sample) add_warpers(list, c, random, hooks.selections);
  if (c.watermarking_config) {
    const std::size_t v = hooks.config_vocabulary != 0 ? hooks.config_vocabulary : vocabulary;
    add<Watermark>(list, *c.watermarking_config, v);
  }
  if (c.renormalize_logits) add<Renormalize>(list);
  return hooks.tracer != nullptr ? hooks.tracer->watched(std::move(list)) : list;
}

}  // namespace typecase
