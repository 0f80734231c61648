#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace typecase {

// Passes over one row of scores at the speed of memory. Each is compiled for three vector widths,
// and all of them give the same answer.

/// The index of the first greatest value, or of the first NaN if there is one.
/// REQUIRES: x is not empty.
std::int32_t first_greatest(std::span<const float> x);

/// The index of the first element from `from` on that is greater than `least` or NaN; x.size() when
/// there is none.
std::size_t first_above(std::span<const float> x, std::size_t from, float least);

/// The first of from, from + kScanChunk, … whose kScanChunk elements are not all ≤ least; else the
/// first that has fewer elements left.
inline constexpr std::size_t kScanChunk = 128;
std::size_t next_chunk_above(std::span<const float> x, std::size_t from, float least);

/// Puts the x_i with low ≤ x_i < high into `xs` and their e_i into `es`.
/// REQUIRES: at most `most` of them, e as many as x.
void gather(std::span<const float> x, std::span<const float> e, float low, float high,
            std::vector<float>& xs, std::vector<float>& es, std::size_t most);

/// x_i ← −∞ where x_i < least; where e_i · scale < least.
void cut_below(std::span<float> x, float least);
void cut_below(std::span<float> x, std::span<const float> e, float scale, float least);

/// x_i ← x_i / d, correctly rounded.
void divide(std::span<float> x, float d);

/// What a draw demands of its probabilities.
struct Probabilities {
  bool valid = true;      ///< all of them finite, ≥ 0, not NaN
  bool positive = false;  ///< one is above 0
};
Probabilities check_probabilities(std::span<const float> p);

/// A place from `from` on, where the exponential race of draw() must be looked at closely: before
/// it p_i ≤ best · u_i, u_i being the uniform number of words[2i], words[2i + 1] rounded down to 21
/// bits. At least the last p.size() mod 16 places are left to look at.
/// REQUIRES: two words for each p.
std::size_t first_faster(std::span<const float> p, std::span<const std::uint32_t> words,
                         std::size_t from, float best);

inline constexpr std::size_t kLevels = 3;

/// What lies below each of some levels.
struct Below {
  std::array<double, kLevels> mass{};        ///< Σ of e_i where x_i < level
  std::array<std::size_t, kLevels> count{};  ///< how many
};

/// The relative error of every mass is at most kMassError.   REQUIRES: e ≥ 0, as many as x.
Below below(std::span<const float> x, std::span<const float> e,
            const std::array<float, kLevels>& levels);
inline constexpr double kMassError = 32 * 0x1p-24;  // 32 float additions, then double

}  // namespace typecase
