#include "backend/cpu/isa/x86.h"
#if defined(__x86_64__)

TYPECASE_TARGET("avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx512vnni")
/// avx512 with dot products of bfloat16 pairs where a bfloat16 plan multiplies by a matrix; all
/// else is avx512's arithmetic, bit for bit.
///
/// vdpbf16ps computes in each lane, for pairs x = (x0, x1) and w = (w0, w1),
///     acc = f(x0·w0 + f(x1·w1 + acc)),
/// where f rounds to float32 once, ties to even. The products are exact, so it is the chain of
/// fused multiply-adds with neighbours exchanged: as accurate, at twice the rate. Subnormal
/// numbers, taken or given, are zeros with their sign, whatever the control register says.
namespace typecase::cpu::avx512_bf16 {

#include "backend/cpu/isa/avx512_natives.inc.h"
//
#include "backend/cpu/isa/bf16_natives.inc.h"
//
#include "backend/cpu/isa/vnni_natives.inc.h"
//
#include "backend/cpu/isa/kernels.inc.h"
//
#include "backend/cpu/isa/recode.h"
//
#include "backend/cpu/isa/quads.h"

/// All that the table offers as `multiply`.
inline void multiply_all(const MultiplyTask& m) noexcept {
  in_quads(m.matrix->format) ? multiply_quads(m) : multiply(m);
}

}  // namespace typecase::cpu::avx512_bf16
TYPECASE_TARGET_END

namespace typecase::cpu {

const Kernels& avx512_bf16_kernels() noexcept {
  static const Kernels table{
      "avx512_bf16",       avx512_bf16::multiply_all, avx512_bf16::pack,
      avx512_bf16::attend, avx512_bf16::norm,         avx512_bf16::activate,
      avx512_bf16::add,    avx512_bf16::scale,        avx512_bf16::rotate,
      avx512_bf16::recode, avx512_bf16::pack_quads,   avx512_bf16::pack_eight_bits};
  return table;
}

}  // namespace typecase::cpu
#endif
