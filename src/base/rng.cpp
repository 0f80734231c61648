#include "base/checked.h"

#include <typecase/error.h>
#include <typecase/generator.h>

#include <cmath>
#include <numeric>
#include <utility>

namespace typecase {
namespace {

constexpr std::size_t kN = 624;
constexpr std::size_t kM = 397;

std::uint32_t twist(std::uint32_t u, std::uint32_t v) {
  return (((u & 0x80000000u) | (v & 0x7FFFFFFFu)) >> 1) ^ ((0u - (v & 1u)) & 0x9908B0DFu);
}

std::uint32_t temper(std::uint32_t y) {
  y ^= y >> 11;
  y ^= (y << 7) & 0x9D2C5680u;
  y ^= (y << 15) & 0xEFC60000u;
  return y ^ (y >> 18);
}

}  // namespace

void Generator::seed(std::int64_t value) {
  state_[0] = static_cast<std::uint32_t>(static_cast<std::uint64_t>(value));
  for (std::uint32_t i = 1; i < kN; ++i) {
    state_[i] = 1812433253u * (state_[i - 1] ^ (state_[i - 1] >> 30)) + i;
  }
  at_ = kWords;
}

void Generator::refill() {
  // Cut where the recurrence reads words already renewed, so that each loop is free of dependences
  // nearer than kN − kM words and the compiler may use vectors.
  auto& s = state_;
  for (std::size_t i = 0; i < kN - kM; ++i) s[i] = s[i + kM] ^ twist(s[i], s[i + 1]);
  for (std::size_t i = kN - kM; i < kN - 1; ++i) s[i] = s[i - (kN - kM)] ^ twist(s[i], s[i + 1]);
  s[kN - 1] = s[kM - 1] ^ twist(s[kN - 1], s[0]);
  for (std::size_t i = 0; i < kN; ++i) out_[i] = temper(s[i]);
  at_ = 0;
}

float Generator::exponential() {
  const double u = static_cast<double>(next53()) * 0x1p-53;
  return static_cast<float>(-std::log1p(-u));
}

std::vector<std::int64_t> Generator::randperm(std::int64_t n) {
  TYPECASE_CHECK(n >= 0 && n < (std::int64_t{1} << 32) / 20);
  std::vector<std::int64_t> out(static_cast<std::size_t>(n));
  std::iota(out.begin(), out.end(), std::int64_t{0});
  for (std::size_t i = 0; i + 1 < out.size(); ++i) {
    std::swap(out[i], out[i + next32() % (out.size() - i)]);
  }
  return out;
}

Generator& default_generator() {
  static Generator generator;
  return generator;
}

}  // namespace typecase
