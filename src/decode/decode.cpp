#include "decode/decode.h"

#include "base/checked.h"
#include "decode/strategies/assisted.h"
#include "decode/strategies/beam_search.h"
#include "decode/strategies/constrained_beam.h"
#include "decode/strategies/contrastive.h"
#include "decode/strategies/dola.h"
#include "decode/strategies/group_beam.h"
#include "decode/strategies/one_text.h"
#include "decode/strategies/sample.h"
#include "decode/strategies/text_lookup.h"
#include "decode/trace/tracer.h"

#include <typecase/error.h>

#include <algorithm>

namespace typecase {
namespace {

/// Greedy decoding and sampling; one text in fewer steps where its drafts are right.
DecodeOutput choose_each(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
                         Generator& random, const DecodeHooks& hooks) {
  const bool one = input.ids.size() == 1 && config.num_return_sequences == 1;
  const bool gains =
      hooks.lookup || hooks.drafter != nullptr || (model.finds_winners() && !config.do_sample);
  if (!gains || !one || config.guidance_scale || hooks.rows_fail_alone) {
    return sample(model, config, input, random, hooks);
  }
  TextLookup lookup;
  Drafter* from_text = hooks.lookup ? &lookup : nullptr;
  if (from_text != nullptr && hooks.drafter != nullptr) {
    constexpr std::size_t kEnough = 4;  // what the text gives costs nothing to draft
    FirstOf both(lookup, kEnough, *hooks.drafter);
    return one_text(model, config, input, random, hooks, &both);
  }
  Drafter* drafter = hooks.drafter != nullptr ? hooks.drafter : from_text;
  return one_text(model, config, input, random, hooks, drafter);
}

}  // namespace

DecodeOutput decode(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
                    Generator& random, const DecodeHooks& hooks) {
  TYPECASE_CHECK(!input.ids.empty());
  for (const Tokens& row : input.ids) TYPECASE_CHECK(row.size() == config.prompt_length);
  if (hooks.tracer != nullptr) hooks.tracer->begin(input, model.vocabulary());
  DecodeOutput out;
  switch (config.mode) {
    case Mode::greedy:
    case Mode::sample:
      out = choose_each(model, config, input, random, hooks);
      break;
    case Mode::beam:
    case Mode::beam_sample:
      out = beam_search(model, config, input, random, hooks);
      break;
    case Mode::group_beam:
      out = group_beam(model, config, input, hooks);
      break;
    case Mode::constrained_beam:
      out = constrained_beam(model, config, input, hooks);
      break;
    case Mode::contrastive:
      out = contrastive_search(model, config, input, hooks);
      break;
    case Mode::assisted:
      out = assisted(model, config, input, random, hooks);
      break;
    case Mode::dola:
      out = dola(model, config, input, random, hooks);
      break;
  }
  if (hooks.tracer != nullptr) hooks.tracer->end(out);
  // The last token is never fed, so it does not count.
  const std::size_t seen = std::min(out.sequences.front().size(), config.max_length - 1);
  if (config.max_position_embeddings && seen > *config.max_position_embeddings) {
    out.warnings.push_back("the text has passed the " +
                           std::to_string(*config.max_position_embeddings) +
                           " positions the model was made for");
  }
  return out;
}

std::vector<std::vector<std::uint8_t>> infer_mask(const std::vector<Tokens>& ids,
                                                  const EffectiveConfig& config) {
  const auto& eos = config.eos_token_id;
  const auto pad = config.pad_token_id;
  const bool usable = pad && std::find(eos.begin(), eos.end(), *pad) == eos.end();
  std::vector<std::vector<std::uint8_t>> out;
  for (const Tokens& row : ids) {
    std::vector<std::uint8_t> mask;
    for (const TokenId id : row) mask.push_back(usable && id == *pad ? 0 : 1);
    out.push_back(std::move(mask));
  }
  return out;
}

}  // namespace typecase
