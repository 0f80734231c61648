#include "decode/nucleus.h"

#include "decode/order.h"
#include "decode/scan.h"
#include "decode/softmax.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace typecase {
namespace {

constexpr double kUnit = 0x1p-24;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// An upper bound of the definition's relative error in any partial sum, and of ours.
double error_bound(const Below& below, std::size_t n) {
  double additions = 0;  // Σ_i e_i · how many follow it in its partial sum
  double mass = 0;
  std::size_t count = 0;
  const double lanes = n < 16 ? 1 : 16;  // a short row has one sum
  for (std::size_t l = 0; l < kLevels; ++l) {
    const double followers = static_cast<double>(n - count) / lanes + 2;
    additions += (below.mass[l] - mass) * followers;
    mass = below.mass[l];
    count = below.count[l];
  }
  return 1.01 * (kUnit * (additions / mass + 4 + 3) + 2 * kMassError);
}

/// Levels around the place where a sample of the row reaches the limit, as far as a sample can
/// tell; the last is +∞, whose sum is the whole mass.
std::array<float, kLevels> guessed(std::span<const float> scores, std::span<const float> e,
                                   float limit) {
  constexpr std::size_t kSample = 256, kDoubt = 2;
  const std::size_t stride = std::max<std::size_t>(scores.size() / kSample, 1);
  std::vector<std::pair<float, float>> sample;
  for (std::size_t i = 0; i < scores.size(); i += stride) sample.emplace_back(scores[i], e[i]);
  std::sort(sample.begin(), sample.end());
  const std::size_t last = sample.size() - 1;
  std::size_t at = 0;
  for (float sum = 0; at < last; ++at) {
    sum += sample[at].second * static_cast<float>(stride);
    if (sum > limit) break;
  }
  const auto score = [&](std::size_t i) { return sample[std::min(i, last)].first; };
  return {score(at - std::min(at, kDoubt)), score(at + kDoubt), kInfinity};
}

/// The k-th greatest, unless an equal score would have to be cut.
std::optional<float> least_of_best(std::span<const float> scores, std::size_t k) {
  const float least = kth_greatest(scores, k);
  const bool tied = k < scores.size() && kth_greatest(scores, k + 1) == least;
  return tied ? std::nullopt : std::optional(least);
}

}  // namespace

/// Some of a row, with what lies below all of them.
struct Nucleus::Part {
  std::span<const float> scores, e;
  double mass = 0;
  std::size_t count = 0;
};

/// The scores low ≤ s < high, among which the cut lies.
struct Nucleus::Bracket {
  double least = 0, most = 0;  // up to `least` a sum surely cuts; above `most` it surely does not
  float lowest = 0, top = 0;   // no cut lies below `lowest`, no score above `top`
  float low = -kInfinity, high = kInfinity;
  double mass = 0;        // of everything below `low`
  double end_mass = 0;    // and below `high`
  std::size_t count = 0;  // how many are below `low`
  std::size_t size = 0;   // how many inside
  int passes = 6;         // that may still be made

  /// Takes the part between the two neighbouring levels where the limit is crossed.
  void narrow(const std::array<float, kLevels>& levels, const Below& below) {
    std::size_t end = count + size;
    for (std::size_t l = 0; l < kLevels; ++l) {
      if (below.mass[l] <= least && levels[l] > low) {
        low = levels[l];
        mass = below.mass[l];
        count = below.count[l];
      }
    }
    for (std::size_t l = kLevels; l-- > 0;) {
      if (below.mass[l] > most && levels[l] < high) {
        high = levels[l];
        end_mass = below.mass[l];
        end = below.count[l];
      }
    }
    size = end - count;
  }

  /// Narrows until at most `few` are inside, as far as the passes reach. `part` has all of them.
  void close_in(const Part& part, std::size_t few) {
    for (; passes > 0 && size > few; --passes) {
      const auto levels = closer();
      Below sums = below(part.scores, part.e, levels);
      for (double& m : sums.mass) m += part.mass;
      for (std::size_t& c : sums.count) c += part.count;
      narrow(levels, sums);
    }
  }

  /// Levels close around where the limit is if the mass lies evenly.
  std::array<float, kLevels> closer() const {
    const float from = std::max(low, lowest), to = std::min(high, top);
    const double share = (least - mass) / (end_mass - mass);
    std::array<float, kLevels> levels{};
    constexpr std::array kApart{-0.05, 0.0, 0.05};
    for (std::size_t l = 0; l < kLevels; ++l) {
      const double place =
          std::clamp(share + kApart[l], 0.05 * static_cast<double>(l + 1) / kLevels,
                     1 - 0.05 * static_cast<double>(kLevels - l) / kLevels);
      levels[l] = from + (to - from) * static_cast<float>(place);
    }
    return levels;
  }
};

std::optional<float> Nucleus::least_kept(std::span<const float> scores, float rest,
                                         std::size_t keep) {
  const std::size_t n = scores.size();
  e_.resize(n);
  const auto [top, sum] = exponentials(scores, e_);
  if (!(sum >= 1 && sum < kInfinity)) return std::nullopt;

  const auto levels = guessed(scores, e_, rest * sum);
  const Below sums = below(scores, e_, levels);
  const double whole = sums.mass[kLevels - 1];
  const double limit = static_cast<double>(rest) * whole;
  const double error = error_bound(sums, n);
  // Scores whose e is under rest · Σ / n cannot reach the limit together.
  const float lowest = std::min(top + std::log(rest * sum / static_cast<float>(n)), top - 1);
  Bracket bracket{.least = limit * (1 - error),
                  .most = limit * (1 + error),
                  .lowest = lowest,
                  .top = top,
                  .end_mass = whole,
                  .size = n};
  bracket.narrow(levels, sums);
  constexpr std::size_t kSome = 4096, kFew = 160;
  bracket.close_in({scores, e_}, kSome);
  if (bracket.size > kSome) return std::nullopt;
  const Part inside = gather(bracket, scores);
  bracket.close_in(inside, kFew);
  if (bracket.size > 8 * kFew) return std::nullopt;
  if (n - bracket.count < keep) return least_of_best(scores, std::min(keep, n));
  return first_kept(bracket, inside, n - bracket.count - keep);
}

/// Copies what is inside the bracket: further passes are over that alone.
Nucleus::Part Nucleus::gather(const Bracket& bracket, std::span<const float> scores) {
  typecase::gather(scores, e_, bracket.low, bracket.high, scores_inside_, e_inside_, bracket.size);
  return {scores_inside_, e_inside_, bracket.mass, bracket.count};
}

/// The least score inside that is not cut, where at most `most` may be.
std::optional<float> Nucleus::first_kept(const Bracket& bracket, const Part& part,
                                         std::size_t most) {
  std::vector<std::pair<float, float>> inside;  // score and e
  for (std::size_t i = 0; i < part.scores.size(); ++i) {
    const float score = part.scores[i];
    if (score >= bracket.low && score < bracket.high) inside.emplace_back(score, part.e[i]);
  }
  std::sort(inside.begin(), inside.end());
  double mass = bracket.mass;
  std::size_t cut = 0;
  for (; cut < inside.size() && cut < most; ++cut) {
    const double next = mass + static_cast<double>(inside[cut].second);
    if (next > bracket.most) break;
    if (next > bracket.least) return std::nullopt;
    mass = next;
  }
  if (cut == inside.size()) return std::nullopt;
  if (cut > 0 && inside[cut - 1].first == inside[cut].first) return std::nullopt;
  return inside[cut].first;
}

}  // namespace typecase
