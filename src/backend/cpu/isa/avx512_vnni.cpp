#include "backend/cpu/isa/x86.h"
#if defined(__x86_64__)

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
#include "backend/cpu/isa/products.inc.h"
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
