#pragma once

#include "backend/cpu/arena.h"
#include "backend/cpu/packed.h"
#include "base/thread_pool.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

/// A copy of the head's matrix in eight bits a weight that says which few outputs can be the
/// greatest; they alone are then computed with the matrix itself.
///
/// W are the head's weights, Ŵ the copy's, x a row of states. For output o
///
///     s = what the head's kernel gives before it rounds      e = Σ W_k x_k , exactly
///     ŝ = what the same kernel gives for the copy            ê = Σ Ŵ_k x_k , exactly
///
///     |e − ê| = |Σ (W − Ŵ)_k x_k| ≤ min( ‖W − Ŵ‖₂ ‖x‖₂ ,  max_k |W − Ŵ|_k · ‖x‖₁ )
///
/// by Cauchy and Schwarz, and by Hölder: the second is the smaller one where few states are large.
/// A sum of n products in which every term passes at most m roundings of relative size u = 2⁻²⁴ is
/// off by at most (m u + O(m² u²)) Σ |W_k x_k| ≤ 1.01 m u ‖W‖₂ ‖x‖₂ (Higham 2002, chapter 3, for
/// m u < 0.01). All kernels here add up in chains, whose results are added in turn:
/// m ≤ 2 n + n / 64 + 8, counting a rounded product (levels without a fused one) and a sum for each
/// input; tiles, which take numbers apart, stay below half of that. Numbers below 2⁻¹²⁶ may be
/// taken for zeros: at most 2⁻¹²⁶ (‖W‖ + ‖x‖ + 1) more for each of the n terms, and each of the six
/// parts of a term in tiles. So |s − ŝ| ≤ bound(x), and
///
///     L = max over outputs of ŝ − bound  ≤  the greatest s.
///
/// r(·), the plan's rounding, never turns an order round: r(s) ≥ r(L) for the greatest, and an
/// output with r(ŝ + bound) < r(L) is smaller than it. All others are computed again.
namespace typecase::cpu {

class HeadScreen {
 public:
  /// What panel p's outputs can be off by: the greatest of each over its sixteen.
  struct Error {
    float norm = 0;      ///< ‖W − Ŵ‖₂
    float largest = 0;   ///< max |W − Ŵ|
    float rounding = 0;  ///< of both sums, for ‖x‖₂ = 1
  };

  /// Whether the copy suits the head's shape and takes at most this part of its bytes.
  static bool worth(const PackedMatrix& head, double most) noexcept;

  /// nullptr where the copy would take more than `most` of the head's bytes, where the weights are
  /// not finite or do not suit its format, and where memory for it is short.
  static std::unique_ptr<const HeadScreen> of(const PackedMatrix& head, double most,
                                              ThreadPool& pool);

  const PackedMatrix& copy() const noexcept { return copy_; }

  /// A row of states, as the bound sees it.
  struct States {
    double norm1 = 0, norm2 = 0;
    bool usable = false;  ///< finite, and no sum can leave float32's range
  };
  States measure(std::span<const float> x) const noexcept;
  double bound(int panel, const States& x) const noexcept;

 private:
  HeadScreen() = default;
  bool fill(const PackedMatrix& head, int panel, std::vector<float>& buffer);

  PackedMatrix copy_;
  Arena arena_;
  std::vector<Error> errors_;  // [panel]
  std::vector<float> norms_;   // [panel]: the greatest ‖W‖₂
  double greatest_norm_ = 0;
};

}  // namespace typecase::cpu
