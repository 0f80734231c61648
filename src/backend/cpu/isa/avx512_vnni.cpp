#include "backend/cpu/isa/levels.h"
#include "backend/cpu/packed.h"
#include "backend/cpu/quads.h"
#include "backend/cpu/recoded.h"
#include "backend/cpu/row_forms.h"

#if defined(__x86_64__)
#include "base/target.h"

#include <immintrin.h>

// g++ 12 takes the "undefined" register its own headers start from for a mistake (GCC bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

TYPECASE_TARGET("avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")
/// avx512, except that quantised blocks are multiplied in integers (quads.h), where avx512_bf16 has
/// the same arithmetic.
namespace typecase::cpu::avx512_vnni {

#include "backend/cpu/isa/avx512_natives.inc.h"
//
#include "backend/cpu/isa/no_dots.inc.h"
//
#include "backend/cpu/isa/vnni_natives.inc.h"
//
#include "backend/cpu/isa/vec.h"
//
#include "backend/cpu/isa/math.h"
//
#include "backend/cpu/isa/formats.h"
//
#include "backend/cpu/isa/multiply.h"
//
#include "backend/cpu/isa/quads.h"

}  // namespace typecase::cpu::avx512_vnni
TYPECASE_TARGET_END

namespace typecase::cpu {

const Kernels& avx512_vnni_kernels() noexcept {
  static const Kernels table = [] {
    Kernels all = avx512_kernels();
    all.name = "avx512_vnni";
    all.multiply = [](const MultiplyTask& m) noexcept {
      in_quads(m.matrix->format) ? avx512_vnni::multiply_quads(m) : avx512_kernels().multiply(m);
    };
    all.pack_quads = avx512_vnni::pack_quads;
    all.pack_eight_bits = avx512_vnni::pack_eight_bits;
    return all;
  }();
  return table;
}

}  // namespace typecase::cpu
#endif
