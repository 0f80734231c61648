#pragma once

#include <typecase/token.h>

#include <algorithm>
#include <cstddef>

namespace typecase {

/// How many ids two texts begin with alike.
inline std::size_t common_prefix(const Tokens& a, const Tokens& b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first -
                                  a.begin());
}

}  // namespace typecase
