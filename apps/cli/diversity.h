#pragma once

#include <typecase/token.h>

#include <cstddef>
#include <set>

namespace typecase::cli {

/// distinct-n: different n-grams / all n-grams. Li et al. 2016, arXiv:1510.03055.
/// 1 for a text shorter than n.
inline double distinct(const Tokens& ids, std::size_t n) {
  if (ids.size() < n) return 1;
  std::set<Tokens> seen;
  const std::size_t all = ids.size() - n + 1;
  for (std::size_t i = 0; i < all; ++i) {
    const auto from = ids.begin() + static_cast<std::ptrdiff_t>(i);
    seen.emplace(from, from + static_cast<std::ptrdiff_t>(n));
  }
  return static_cast<double>(seen.size()) / static_cast<double>(all);
}

/// seq-rep-n: the share of n-grams that stood there before. Welleck et al. 2020, arXiv:1908.04319.
inline double repetition(const Tokens& ids, std::size_t n) { return 1 - distinct(ids, n); }

}  // namespace typecase::cli
