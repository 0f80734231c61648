#include "decode/draw.h"

#include "base/checked.h"

#include <typecase/error.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace typecase {
namespace {

void check(std::span<const float> p) {
  bool valid = true;
  bool positive = false;
  for (const float x : p) {
    valid &= x >= 0.0f && x <= std::numeric_limits<float>::max();
    positive |= x > 0.0f;
  }
  if (!valid) {
    throw Error(Code::failed,
                "cannot sample: a probability is NaN, infinite or negative (a row of logits has a "
                "NaN, or every token is forbidden)");
  }
  if (!positive) throw Error(Code::failed, "cannot sample: the probabilities of a row sum to 0");
}

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
/// cannot matter. Only a few dozen are taken in a row of 50 000, none where p = 0.
class Race {
 public:
  explicit Race(std::span<const float> p) : p_(p) {}

  void enter(std::size_t i, double u) {
    if (p_[i] <= best_ * u * (1 - 0x1p-20)) return;
    const float quotient = p_[i] / exponential(u);
    if (quotient > best_) {
      best_ = quotient;
      winner_ = i;
    }
  }
  TokenId winner() const { return static_cast<TokenId>(winner_); }

 private:
  std::span<const float> p_;
  double best_ = 0;
  std::size_t winner_ = 0;
};

/// Calls enter(i, u_i) for i < n with the generator's next 2n words.
template <class Enter>
void uniforms(std::size_t n, Generator& random, const Enter& enter) {
  for (std::size_t i = 0; i < n;) {
    const auto words = random.ready();
    const std::size_t pairs = std::min(words.size() / 2, n - i);
    for (std::size_t j = 0; j < pairs; ++j) enter(i + j, uniform53(words[2 * j], words[2 * j + 1]));
    random.take(2 * pairs);
    i += pairs;
    if (pairs == 0) {  // a single word is left before the next block
      const std::uint32_t high = random.next32();
      enter(i++, uniform53(high, random.next32()));
    }
  }
}

}  // namespace

void draw(std::span<const float> probabilities, std::size_t vocabulary, Generator& random,
          std::span<TokenId> tokens) {
  TYPECASE_CHECK(probabilities.size() == tokens.size() * vocabulary);
  for (std::size_t row = 0; row < tokens.size(); ++row) {
    check(probabilities.subspan(row * vocabulary, vocabulary));
  }
  for (std::size_t row = 0; row < tokens.size(); ++row) {
    Race race(probabilities.subspan(row * vocabulary, vocabulary));
    uniforms(vocabulary, random, [&race](std::size_t i, double u) { race.enter(i, u); });
    tokens[row] = race.winner();
  }
}

std::vector<Ranked> draw_without_replacement(std::span<const float> probabilities, std::size_t k,
                                             Generator& random) {
  if (k > probabilities.size()) {
    throw Error(Code::failed, "cannot draw " + std::to_string(k) + " different candidates from " +
                                  std::to_string(probabilities.size()));
  }
  check(probabilities);
  std::vector<float> quotients(probabilities.size());
  uniforms(quotients.size(), random, [&](std::size_t i, double u) {
    quotients[i] = probabilities[i] == 0 ? 0.0f : probabilities[i] / exponential(u);
  });
  return topk(quotients, k);
}

}  // namespace typecase
