#include "backend/cpu/isa/x86.h"
#if defined(__x86_64__)

TYPECASE_TARGET("avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512dq")
/// Sixteen lanes: one register is one vector.
namespace typecase::cpu::avx512 {

#include "backend/cpu/isa/avx512_natives.inc.h"
//
#include "backend/cpu/isa/no_dots.inc.h"
//
#include "backend/cpu/isa/kernels.inc.h"

}  // namespace typecase::cpu::avx512
TYPECASE_TARGET_END

namespace typecase::cpu {

const Kernels& avx512_kernels() noexcept {
  static const Kernels table{"avx512",       avx512::multiply, nullptr,
                             avx512::attend, avx512::norm,     avx512::activate,
                             avx512::add,    avx512::scale,    avx512::rotate};
  return table;
}

}  // namespace typecase::cpu
#endif
