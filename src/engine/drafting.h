#pragma once

#include "decode/decode.h"
#include "engine/loaded_model.h"

#include <optional>
#include <vector>

namespace typecase {

/// What an encoder reads; empty without one.
struct Read {
  std::vector<Tokens> texts;
  std::vector<Mask> mask;
};

/// Who drafts: the assistant model, or the model's own first layers; nullopt: nobody, or the
/// prompt. Keeps references to all but the configuration.   Throws Error(invalid_argument,
/// unsupported).
std::optional<Assistant> drafting(Model::Parts& model, Model::Parts* assistant,
                                  const GenerateRequest& request, const EffectiveConfig& config,
                                  const Read& read);

/// The schedule "heuristic" is kept for the assistant's later calls.
void remember_schedule(Model::Parts* assistant, const std::optional<Assistant>& drafter,
                       const DecodeOutput& out);

}  // namespace typecase
