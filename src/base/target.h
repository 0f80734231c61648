#pragma once

/// TYPECASE_TARGET("avx2,fma") … TYPECASE_TARGET_END: functions between are compiled for these
/// instructions, the rest of the file for what every processor has. No standard header may stand
/// between: an inline function of one, compiled there, could be chosen by the linker for all.
#define TYPECASE_PRAGMA(x) _Pragma(#x)
#if defined(__clang__)
#define TYPECASE_TARGET(names) \
  TYPECASE_PRAGMA(clang attribute push(__attribute__((target(names))), apply_to = function))
#define TYPECASE_TARGET_END TYPECASE_PRAGMA(clang attribute pop)
#else
#define TYPECASE_TARGET(names) TYPECASE_PRAGMA(GCC push_options) TYPECASE_PRAGMA(GCC target(names))
#define TYPECASE_TARGET_END TYPECASE_PRAGMA(GCC pop_options)
#endif
