#include "backend/cpu/isa/levels.h"

#include "backend/backend.h"

#include <typecase/error.h>

#include <cstdlib>

namespace typecase::cpu {
namespace {

struct Level {
  const char* name;
  const Kernels& (*kernels)() noexcept;
  bool (*available)();
  bool (*preferred)();  // where available: whether it is the faster one on this make of processor
};

bool always() { return true; }

#if defined(__x86_64__)
// __builtin_cpu_supports asks CPUID and, for vector registers, XCR0: whether the system keeps them.
bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("f16c");
}
bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
bool has_avx512_bf16() { return has_avx512() && __builtin_cpu_supports("avx512bf16"); }

/// vdpbf16ps does twice the work of a fused multiply-add at the same rate on AMD's cores (Zen 4
/// on), at a quarter of it on Intel's. A table, not a stopwatch: timing must not choose the
/// arithmetic.
bool fast_dots() { return __builtin_cpu_is("amd"); }
#endif

const std::vector<Level>& levels() {
  static const std::vector<Level> all = {
#if defined(__x86_64__)
      {"avx512_bf16", avx512_bf16_kernels, has_avx512_bf16, fast_dots},
      {"avx512", avx512_kernels, has_avx512, always},
      {"avx2", avx2_kernels, has_avx2, always},
#endif
      {"scalar", scalar_kernels, always, always},
  };
  return all;
}

const Level* level_named(const std::string& name) {
  for (const Level& level : levels()) {
    if (level.name == name) return &level;
  }
  return nullptr;
}

std::string available_names() {
  std::string names;
  for (const Level& level : levels()) {
    if (level.available()) names += (names.empty() ? "" : ", ") + std::string(level.name);
  }
  return names;
}

}  // namespace

const Kernels& kernels_for(const std::string& asked) {
  std::string name = asked;
  if (const char* forced = std::getenv("TYPECASE_ISA"); name.empty() && forced != nullptr) {
    name = forced;
  }
  if (name.empty()) {
    for (const Level& level : levels()) {
      if (level.available() && level.preferred()) return level.kernels();
    }
  }
  const Level* level = level_named(name);
  if (level == nullptr) {
    throw Error(Code::unsupported, "there is no ISA level " + quote(name) +
                                       "; this processor can run: " + available_names());
  }
  if (!level->available()) {
    throw Error(Code::unsupported, "this processor cannot run ISA level " + quote(name) +
                                       "; it can run: " + available_names());
  }
  return level->kernels();
}

}  // namespace typecase::cpu

namespace typecase {

std::vector<std::string> cpu_isa_levels() {
  std::vector<std::string> names;
  for (const auto& level : cpu::levels()) names.emplace_back(level.name);
  return names;
}

bool cpu_isa_available(const std::string& name) {
  const auto* level = cpu::level_named(name);
  return level != nullptr && level->available();
}

}  // namespace typecase
