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
};

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
#endif

const std::vector<Level>& levels() {
  static const std::vector<Level> all = {
#if defined(__x86_64__)
      {"avx512", avx512_kernels, has_avx512},
      {"avx2", avx2_kernels, has_avx2},
#endif
      {"scalar", scalar_kernels, [] { return true; }},
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
      if (level.available()) return level.kernels();
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
