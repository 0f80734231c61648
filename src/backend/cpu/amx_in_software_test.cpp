/// Level amx compiled for every processor: the same kernels over the tiles in software, on vectors
/// that compilers make of what there is.
#include "backend/cpu/amx_in_software.h"

#include "backend/cpu/isa/tiles.h"
#include "backend/cpu/packed.h"
#include "backend/cpu/quads.h"
#include "backend/cpu/recoded.h"
#include "backend/cpu/row_forms.h"
#include "tensor/convert.h"

#include <cmath>
#include <cstring>

namespace typecase::cpu::amx_portable {

using Tiles = TilesInSoftware;

constexpr int kLanes = 16;
constexpr int kAccumulators = 24;
constexpr bool kDots = true;
typedef float Native __attribute__((vector_size(64)));
typedef int NativeInts __attribute__((vector_size(64)));

/// A vector whose lane i is f(i).
template <class Vector, class F>
Vector lanes(const F& f) {
  Vector out{};
  for (int i = 0; i < kLanes; ++i) out[i] = f(i);
  return out;
}
inline Native native_set(float x) { return Native{} + x; }
inline NativeInts native_set(int x) { return NativeInts{} + x; }
inline Native native_fma(Native a, Native b, Native c) {
  return lanes<Native>([&](int i) { return std::fma(a[i], b[i], c[i]); });
}
inline NativeInts native_u8(const std::uint8_t* p) {
  return lanes<NativeInts>([&](int i) { return p[i]; });
}
inline NativeInts native_i8(const std::uint8_t* p) {
  return lanes<NativeInts>([&](int i) { return static_cast<std::int8_t>(p[i]); });
}
inline std::uint16_t u16(const std::uint8_t* p, int i) {
  return static_cast<std::uint16_t>(p[2 * i] | p[2 * i + 1] << 8);
}
inline NativeInts native_u16(const std::uint8_t* p) {
  return lanes<NativeInts>([&](int i) { return u16(p, i); });
}
inline Native native_f16(const std::uint8_t* p) {
  return lanes<Native>([&](int i) { return float16_to_float(u16(p, i)); });
}
inline Native native_round_f16(Native x) {
  return lanes<Native>([&](int i) { return float16_to_float(float_to_float16(x[i])); });
}

inline Native native_dot(Native, Native, Native acc) { return acc; }  // tiles do that
inline void native_store_pairs(float* to, Native x) {
  for (int i = 0; i < kLanes; ++i) {
    const std::uint16_t half = float_to_bfloat16(x[i]);
    std::memcpy(reinterpret_cast<std::byte*>(to) + 2 * i, &half, 2);
  }
}
inline void native_store_pairs(float* to, Native low, Native high) {
  native_store_pairs(to, low);
  native_store_pairs(to + kLanes / 2, high);
}

struct NativeCodes {
  int base, zero;
};
inline NativeCodes native_codes(const std::uint8_t* run) { return {run[0], run[1]}; }
inline void native_weights(const std::uint8_t* step, NativeCodes c, NativeInts* a, NativeInts* b) {
  const auto weight = [&](int at, bool second) {
    const int code = second ? step[64 + at] >> 4 : step[64 + at] & 15;
    const int exponent = c.zero != 0 && code == 0 ? 0 : c.base + code;
    const std::uint16_t kept = second ? recoded::swapped(u16(step, at)) : u16(step, at);
    return (kept & static_cast<int>(recoded::kKept)) | exponent << 7;
  };
  const auto pair = [&](int lane, bool second) {
    const auto high = static_cast<unsigned>(weight(2 * lane + 1, second)) << 16;
    return static_cast<int>(high | static_cast<unsigned>(weight(2 * lane, second)));
  };
  *a = lanes<NativeInts>([&](int i) { return pair(i, false); });
  *b = lanes<NativeInts>([&](int i) { return pair(i, true); });
}
template <class Vector>
bool native_any(Vector x) {
  for (int i = 0; i < 32; ++i) {
    if (x[i] != 0) return true;
  }
  return false;
}

inline NativeInts native_dot4(NativeInts x, NativeInts w, NativeInts acc) {
  return lanes<NativeInts>([&](int i) {
    int sum = acc[i];
    for (int shift = 0; shift < 32; shift += 8) {
      sum += static_cast<std::int8_t>(x[i] >> shift & 0xff) * (w[i] >> shift & 0xff);
    }
    return sum;
  });
}
inline NativeInts native_nearest(Native x) {
  return lanes<NativeInts>([&](int i) { return static_cast<int>(std::nearbyint(x[i])); });
}
inline int native_largest(NativeInts x) {
  int most = x[0];
  for (int i = 1; i < kLanes; ++i) most = x[i] > most ? x[i] : most;
  return most;
}
inline int native_sum(NativeInts x) {
  int sum = 0;
  for (int i = 0; i < kLanes; ++i) sum += x[i];
  return sum;
}

#include "backend/cpu/isa/tile_kernels.inc.h"

}  // namespace typecase::cpu::amx_portable

namespace typecase::cpu {

const Kernels& amx_in_software() noexcept {
  static const Kernels table = [] {
    Kernels all = amx_portable::with_tiles(scalar_kernels());
    all.name = kAmxInSoftware;
    all.multiply = [](const MultiplyTask& m) noexcept {
      if (!amx_portable::multiply_by_tiles(m)) scalar_kernels().multiply(m);
    };
    return all;
  }();
  return table;
}

}  // namespace typecase::cpu
