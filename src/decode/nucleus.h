#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace typecase {

/// Where nucleus sampling (TopP) cuts a row, found without sorting it.
///
/// The scores are bracketed between levels whose masses C(level) = Σ_{s_i < level} e^(s_i − max s)
/// are summed in one pass each, until few remain; those are sorted. The definition sums floats in
/// the order of the sorted row, so its sums differ from C by roundings, and the answer is certain
/// only where no partial sum lies within their bound of the limit (1 − p) · C(∞):
///
///     each of the 16 partial sums errs by at most u = 2⁻²⁴ of itself at each addition, thus in
///     all by  u · Σ_i e_i · ⌈(number of scores ≥ s_i) / 16⌉ ,  small because the large e_i come
///     last; 4 additions fold the sums; reciprocal, product and final rounding add 3.
///
/// Holds scratch memory: not for two threads at once.
class Nucleus {
 public:
  /// The least score that stays; nullopt: only the sort can tell (a sum within the bound, equal
  /// scores on both sides of the cut, a NaN, or nothing above −∞).
  /// `rest` is 1 − p; the `keep` greatest always stay.   REQUIRES: 0 < rest ≤ 1, keep ≥ 1.
  std::optional<float> least_kept(std::span<const float> scores, float rest, std::size_t keep);

 private:
  struct Bracket;
  struct Part;
  Part gather(const Bracket& bracket, std::span<const float> scores);
  static std::optional<float> first_kept(const Bracket& bracket, const Part& part,
                                         std::size_t most);

  std::vector<float> e_;  // e^(s_i − max s)
  std::vector<float> scores_inside_, e_inside_;
};

}  // namespace typecase
