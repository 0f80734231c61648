#include "decode/draw.h"

#include "base/checked.h"
#include "decode/scan.h"

#include <typecase/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

namespace typecase {
namespace {

/// Which stretches of a row have a probability above 0; after a cut few do.
class LiveStretches {
 public:
  /// Throws Error(failed) for a row that cannot be drawn from.
  explicit LiveStretches(std::span<const float> p) {
    bool positive = false;
    for (std::size_t i = 0; i < p.size(); i += kStretch) {
      const auto found = check_probabilities(p.subspan(i, std::min(kStretch, p.size() - i)));
      if (!found.valid) {
        throw Error(Code::failed,
                    "cannot sample: a probability is NaN, infinite or negative (a row of logits "
                    "has a NaN, or every token is forbidden)");
      }
      live_.push_back(found.positive);
      positive = positive || found.positive;
    }
    if (!positive) {
      throw Error(Code::failed, "cannot sample: the probabilities of a row sum to 0");
    }
  }

  /// The first place from `i` on that is not in a dead one; `end` when there is none before.
  std::size_t next(std::size_t i, std::size_t end) const {
    while (i < end && !live_[i / kStretch]) i = (i / kStretch + 1) * kStretch;
    return std::min(i, end);
  }

 private:
  static constexpr std::size_t kStretch = 4 * kScanChunk;
  std::vector<char> live_{};
};

/// u = bits · 2⁻⁵³ of two words.
double uniform53(std::uint32_t high, std::uint32_t low) {
  const std::uint64_t x = (std::uint64_t{high} << 32) | low;
  return static_cast<double>(x & ((std::uint64_t{1} << 53) - 1)) * 0x1p-53;
}

float exponential(double u) { return static_cast<float>(-std::log1p(-u)); }

/// The race of one row.
///
/// e = −ln(1 − u) is never less than u, so p/e ≤ p/u: where p/u does not reach the best quotient so
/// far, with room for the roundings of e, p/e and this test itself (each under 2⁻²²), the logarithm
/// cannot matter. Only a few dozen are taken in a row of 50 000, none where p = 0. A first look,
/// many at a time, takes u rounded down.
class Race {
 public:
  Race(std::span<const float> p, const LiveStretches& live) : p_(p), live_(live) {}

  void enter(std::size_t i, double u) {
    if (p_[i] <= best_ * u * (1 - 0x1p-20)) return;
    const float quotient = p_[i] / exponential(u);
    if (quotient > best_) {
      best_ = quotient;
      winner_ = i;
    }
  }
  /// Entrants from `i` on with these words, two for each.
  void enter(std::size_t i, std::span<const std::uint32_t> words) {
    const auto p = p_.subspan(i, words.size() / 2);
    constexpr std::size_t kGroup = 16;
    const auto next = [&](std::size_t at) {
      at = live_.next(i + at, i + p.size()) - i;
      return first_faster(p, words, at, limit_);
    };
    for (std::size_t at = next(0); at < p.size(); at = next(at)) {
      const std::size_t end = std::min(at + kGroup, p.size());
      for (; at < end; ++at) enter(i + at, uniform53(words[2 * at], words[2 * at + 1]));
      limit_ = static_cast<float>(best_ * (1 - 0x1p-18));
    }
  }
  TokenId winner() const { return static_cast<TokenId>(winner_); }

 private:
  std::span<const float> p_;
  const LiveStretches& live_;
  double best_ = 0;
  float limit_ = 0;  // a little less
  std::size_t winner_ = 0;
};

/// Calls enter(i, words) for parts of 0 … n with the generator's next 2n words, two for each.
template <class Enter>
void with_words(std::size_t n, Generator& random, const Enter& enter) {
  for (std::size_t i = 0; i < n;) {
    const auto words = random.ready();
    const std::size_t pairs = std::min(words.size() / 2, n - i);
    enter(i, words.first(2 * pairs));
    random.take(2 * pairs);
    i += pairs;
    if (pairs == 0) {  // a single word is left before the next block
      std::array<std::uint32_t, 2> across{};
      for (std::uint32_t& word : across) word = random.next32();
      enter(i++, across);
    }
  }
}

}  // namespace

void draw(std::span<const float> probabilities, std::size_t vocabulary, Generator& random,
          std::span<TokenId> tokens) {
  TYPECASE_CHECK(probabilities.size() == tokens.size() * vocabulary);
  std::vector<LiveStretches> live;  // all rows are checked before a random number is taken
  for (std::size_t row = 0; row < tokens.size(); ++row) {
    live.emplace_back(probabilities.subspan(row * vocabulary, vocabulary));
  }
  for (std::size_t row = 0; row < tokens.size(); ++row) {
    Race race(probabilities.subspan(row * vocabulary, vocabulary), live[row]);
    with_words(vocabulary, random, [&race](std::size_t i, std::span<const std::uint32_t> words) {
      race.enter(i, words);
    });
    tokens[row] = race.winner();
  }
}

std::vector<Ranked> draw_without_replacement(std::span<const float> probabilities, std::size_t k,
                                             Generator& random) {
  if (k > probabilities.size()) {
    throw Error(Code::failed, "cannot draw " + std::to_string(k) + " different candidates from " +
                                  std::to_string(probabilities.size()));
  }
  LiveStretches{probabilities};  // checks them
  std::vector<float> quotients(probabilities.size());
  with_words(quotients.size(), random, [&](std::size_t i, std::span<const std::uint32_t> words) {
    for (std::size_t j = 0; j < words.size(); j += 2, ++i) {
      const float p = probabilities[i];
      quotients[i] = p == 0 ? 0.0f : p / exponential(uniform53(words[j], words[j + 1]));
    }
  });
  return topk(quotients, k);
}

}  // namespace typecase
