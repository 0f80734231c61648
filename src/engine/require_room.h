#pragma once

#include "decode/effective_config.h"
#include "engine/loaded_model.h"

#include <cstddef>

namespace typecase {

/// Compares what the answers to `prompts` prompts of `prompt_tokens` ids need (weights that are not
/// packed yet, the cache up to max_length, activations) with what the system has, before any of it
/// is taken. `text_tokens`: what an encoder reads. Throws Error(out_of_memory) naming both numbers.
void require_room(const Model::Parts& model, const EffectiveConfig& config, std::size_t prompts,
                  std::size_t prompt_tokens, std::size_t text_tokens);

}  // namespace typecase
