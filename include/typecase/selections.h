#pragma once

#include <cstddef>

namespace typecase {

/// Rows whose nucleus (top_p) was found by a selection, and how many of them needed a sort of the
/// whole row after all, because a partial sum lay within the error bound of the cut.
struct Selections {
  std::size_t rows = 0;
  std::size_t sorted = 0;
};

}  // namespace typecase
