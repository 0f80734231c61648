#include "engine/require_room.h"

#include "backend/memory_need.h"
#include "base/memory.h"

#include <algorithm>
#include <string>

namespace typecase {

void require_room(const Model::Parts& model, const EffectiveConfig& config, std::size_t prompts,
                  std::size_t prompt_tokens, std::size_t text_tokens) {
  constexpr std::size_t kRows = 480;             // that the CPU executor computes in one pass
  if (model.options.isa == "reference") return;  // the oracle keeps everything in its own way
  const std::size_t each = std::max(config.num_beams, config.num_return_sequences);
  const MemoryNeed need = memory_need(
      model.plan, {.prompts = prompts,
                   .prompt_tokens = prompt_tokens,
                   .sequences = prompts * each,
                   .new_tokens = std::max(config.max_length, prompt_tokens) - prompt_tokens,
                   .rows = std::min(kRows, prompts * prompt_tokens),
                   .text_tokens = text_tokens});
  // Packed weights are counted by the system already.
  const std::uint64_t weights = model.executor ? 0 : need.weights;
  require_memory(weights + need.cache + need.activations,
                 "weights, cache for up to " + std::to_string(config.max_length) +
                     " tokens (max_new_tokens sets fewer) and activations");
}

}  // namespace typecase
