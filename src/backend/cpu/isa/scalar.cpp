#include "backend/cpu/isa/levels.h"
#include "backend/cpu/packed.h"
#include "backend/cpu/recoded.h"
#include "backend/cpu/row_forms.h"
#include "tensor/convert.h"

/// The level for every processor: no instruction set is named, so the compiler uses what all have
/// (SSE2 on x86-64). A product and a sum are two roundings here.
namespace typecase::cpu::scalar {

constexpr int kLanes = 4;
constexpr int kAccumulators = 12;  // registers of kLanes floats, of the 16 there are
typedef float Native __attribute__((vector_size(16)));
typedef int NativeInts __attribute__((vector_size(16)));

inline Native native_set(float x) { return Native{x, x, x, x}; }
inline NativeInts native_set(int x) { return NativeInts{x, x, x, x}; }
inline Native native_fma(Native a, Native b, Native c) { return a * b + c; }
inline NativeInts native_u8(const std::uint8_t* p) { return NativeInts{p[0], p[1], p[2], p[3]}; }
inline NativeInts native_i8(const std::uint8_t* p) {
  const auto at = [p](int i) { return static_cast<std::int8_t>(p[i]); };
  return NativeInts{at(0), at(1), at(2), at(3)};
}
inline std::uint16_t u16(const std::uint8_t* p, int i) {
  return static_cast<std::uint16_t>(p[2 * i] | p[2 * i + 1] << 8);
}
inline NativeInts native_u16(const std::uint8_t* p) {
  return NativeInts{u16(p, 0), u16(p, 1), u16(p, 2), u16(p, 3)};
}
inline Native native_f16(const std::uint8_t* p) {
  return Native{float16_to_float(u16(p, 0)), float16_to_float(u16(p, 1)),
                float16_to_float(u16(p, 2)), float16_to_float(u16(p, 3))};
}
inline Native native_round_f16(Native x) {
  for (int i = 0; i < kLanes; ++i) x[i] = float16_to_float(float_to_float16(x[i]));
  return x;
}

#include "backend/cpu/isa/no_dots.inc.h"
//
#include "backend/cpu/isa/kernels.inc.h"

}  // namespace typecase::cpu::scalar

namespace typecase::cpu {

const Kernels& scalar_kernels() noexcept {
  static const Kernels table{"scalar",       scalar::multiply, nullptr,
                             scalar::attend, scalar::norm,     scalar::activate,
                             scalar::add,    scalar::scale,    scalar::rotate};
  return table;
}

}  // namespace typecase::cpu
