#include "backend/cpu/isa/x86.h"
#if defined(__x86_64__)

TYPECASE_TARGET("avx2,fma,f16c")
/// Eight lanes, fused multiply-add. The same sixteen-lane arithmetic as avx512, bit for bit.
namespace typecase::cpu::avx2 {

#include "backend/cpu/isa/avx2_natives.inc.h"
//
#include "backend/cpu/isa/no_dots.inc.h"
//
#include "backend/cpu/isa/kernels.inc.h"

}  // namespace typecase::cpu::avx2
TYPECASE_TARGET_END

namespace typecase::cpu {

const Kernels& avx2_kernels() noexcept {
  static const Kernels table{"avx2",         avx2::multiply, nullptr,     avx2::attend, avx2::norm,
                             avx2::activate, avx2::add,      avx2::scale, avx2::rotate};
  return table;
}

}  // namespace typecase::cpu
#endif
