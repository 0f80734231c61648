#pragma once

#include "backend/backend.h"

#include <functional>

namespace typecase {

/// What a row may ask of a plan.
struct RowLimits {
  std::int64_t vocabulary = 0;
  std::int64_t max_positions = 0;  ///< 0: positions have no end
  static RowLimits of(const Plan& plan) { return {plan.vocabulary, plan.max_positions}; }
};

/// Throws Error(invalid_argument) naming the first row that asks for an id or a position that does
/// not exist; TYPECASE_CHECKs that slots follow each sequence's `length`.
void check_rows(std::span<const Row> rows, const RowLimits& limits,
                const std::function<std::int32_t(SequenceId)>& length);

/// The same for a text that an encoder reads whole: slots 0, 1, …
void check_text(std::span<const Row> text, const RowLimits& limits);

}  // namespace typecase
