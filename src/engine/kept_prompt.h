#pragma once

#include "engine/batch_stepper.h"
#include "engine/loaded_model.h"

#include <typecase/prompt_cache.h>

#include <optional>

namespace typecase {

/// What a PromptCache holds: one sequence of the executor and the ids in it.
struct PromptCache::Parts {
  Model::Parts& model;
  std::optional<SequenceId> sequence{};
  Tokens tokens{};
  std::size_t reused = 0;

  /// The call's prompt begins with what is kept here, as far as they agree.
  void lend(BatchStepper& stepper, const std::vector<Tokens>& ids, const std::vector<Mask>& mask);
  /// Keeps the only row of a finished call: the first tokens of `text`, as many as were computed.
  void keep(BatchStepper& stepper, const Tokens& text);
  void clear() noexcept;
};

}  // namespace typecase
