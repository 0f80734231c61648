#include "decode/processor_list.h"

#include "decode/processors/min_length.h"
#include "decode/processors/repetition_penalty.h"
#include "decode/warpers/min_p.h"
#include "decode/warpers/temperature.h"
#include "decode/warpers/top_k.h"
#include "decode/warpers/top_p.h"

#include <typecase/error.h>

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

void add_warpers(Processors& list, const EffectiveConfig& c) {
  // Beams need a token that goes on beside those that end.
  const std::size_t eos = c.eos_token_id.empty() ? 1 : c.eos_token_id.size();
  const std::size_t keep = c.num_beams > 1 ? eos + 1 : 1;
  if (c.temperature) add<Temperature>(list, *c.temperature);
  if (c.top_k) add<TopK>(list, std::max(*c.top_k, keep));
  if (c.top_p) add<TopP>(list, *c.top_p, keep);
  if (c.min_p) add<MinP>(list, *c.min_p, keep);
}

}  // namespace

Processors build_processors(const EffectiveConfig& c, const DecodeInput& input,
                            std::size_t /*vocabulary*/, const DecodeHooks& hooks) {
  Processors list;
  if (c.encoder_repetition_penalty) {
    add<EncoderRepetitionPenalty>(list, *c.encoder_repetition_penalty, input.ids);
  }
  if (c.repetition_penalty) {
    add<RepetitionPenalty>(list, *c.repetition_penalty, padding_of(input));
  }
  if (c.min_length > 0 && !c.eos_token_id.empty()) {
    add<MinLength>(list, "min_length", c.min_length, c.eos_token_id);
  }
  if (c.min_new_tokens.value_or(0) > 0 && !c.eos_token_id.empty()) {
    add<MinLength>(list, "min_new_tokens", c.prompt_length + *c.min_new_tokens, c.eos_token_id);
  }
  list.insert(list.end(), hooks.processors.begin(), hooks.processors.end());
  if (c.do_sample) add_warpers(list, c);
  return list;
}

}  // namespace typecase
