#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace typecase {

/// The random numbers of torch's CPU generator, bit for bit: MT19937 (Matsumoto and Nishimura 1998)
/// and the formulas torch derives its distributions with.
///
/// A plain value: a copy continues from the same state. Not for use from two threads at once.
class Generator {
 public:
  static constexpr std::int64_t kDefaultSeed = 67280421310721;  ///< what torch starts with

  explicit Generator(std::int64_t seed = kDefaultSeed) { this->seed(seed); }

  /// torch.manual_seed: only the low 32 bits of `value` count (two's complement when negative).
  void seed(std::int64_t value);

  /// The next 32 random bits.
  std::uint32_t next32() {
    if (at_ == kWords) refill();
    return out_[at_++];
  }

  /// The words that are ready, at least one; take(n) consumes the first n ≤ size of them.
  std::span<const std::uint32_t> ready() {
    if (at_ == kWords) refill();
    return {out_.data() + at_, kWords - at_};
  }
  void take(std::size_t n) { at_ += n; }

  /// 53 random bits made from two words: the numerator of a double in [0, 1).
  std::uint64_t next53() {
    const std::uint64_t high = next32();
    return ((high << 32) | next32()) & ((std::uint64_t{1} << 53) - 1);
  }

  /// Exp(1):  e = (float)(−log1p(−u)),  u = next53() · 2⁻⁵³.
  float exponential();

  /// Uniform in [0, 1):  (next32() mod 2²⁴) · 2⁻²⁴.
  float uniform() { return static_cast<float>(next32() & 0xFFFFFFu) * 0x1p-24f; }

  /// torch.randperm(n).   REQUIRES: n < 2³²/20.
  std::vector<std::int64_t> randperm(std::int64_t n);

 private:
  static constexpr std::size_t kWords = 624;
  void refill();

  std::array<std::uint32_t, kWords> state_{};
  std::array<std::uint32_t, kWords> out_{};  // state_ tempered
  std::size_t at_ = kWords;
};

/// The generator that every call draws from unless it is given its own: one per process, as in
/// torch. Not guarded: who serves several requests at once gives each its own.
Generator& default_generator();

}  // namespace typecase
