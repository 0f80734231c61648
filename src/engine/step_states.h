#pragma once

#include "backend/backend.h"

#include <cstddef>
#include <span>
#include <vector>

namespace typecase {

/// What output_hidden_states and output_attentions ask for, of one step of generate().
struct StepStates {
  /// [layer + 1][row][q · hidden]: the embedding's output first, the final norm's last.
  std::vector<std::vector<std::vector<float>>> hidden{};
  /// [layer][row][head · q · kv], zero for keys that a query does not see.
  std::vector<std::vector<std::vector<float>>> attentions{};
};

/// Which slots of a prompt were computed: those from `skipped` on, of `length`.
struct StepShape {
  std::size_t skipped = 0;  ///< leading masked slots; their states are zero
  std::size_t first = 0;    ///< the first query's slot, skipped ones counted
  std::size_t length = 0;   ///< slots after the step, skipped ones counted
};

/// Sorts an executor's rows by sequence: `shapes[i]` belongs to row i of the step, whose queries
/// stand one after the other in `out`.
StepStates step_states(const Output& out, std::span<const StepShape> shapes);

}  // namespace typecase
