#pragma once

#include <limits>

namespace typecase {

/// The score of a token that cannot be chosen.
inline constexpr float kCut = -std::numeric_limits<float>::infinity();

}  // namespace typecase
