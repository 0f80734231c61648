#include "backend/cpu/isa/levels.h"

#include "backend/backend.h"

#include <typecase/error.h>

#include <cstdlib>

namespace typecase::cpu {
namespace {

struct Level {
  const char* name;
  const Kernels& (*kernels)() noexcept;
  bool (*available)(const Processor&);
  /// Where available: why it is not taken unless it is asked for, or null.
  const char* (*against)(const Processor&);
  /// Where available: why it cannot be run all the same, or null; found out when it is wanted.
  const char* (*hindrance)() noexcept = nullptr;

  bool usable() const { return hindrance == nullptr || hindrance() == nullptr; }
};

bool always(const Processor&) { return true; }
const char* nothing(const Processor&) { return nullptr; }

#if defined(__x86_64__)
bool has_avx2(const Processor& p) { return p.avx2; }
bool has_avx512(const Processor& p) { return p.avx512; }
bool has_avx512_vnni(const Processor& p) { return p.avx512_vnni; }
bool has_avx512_bf16(const Processor& p) { return p.avx512_bf16; }
bool has_amx(const Processor& p) { return p.amx && p.avx512_bf16; }

/// vdpbf16ps does twice the work of a fused multiply-add at the same rate on AMD's cores (Zen 4
/// on), at a quarter of it on Intel's. A table, not a stopwatch: timing must not choose the
/// arithmetic.
const char* slow_dots(const Processor& p) {
  return p.amd ? nullptr : "slower than avx512_vnni on this make of processor";
}
const char* tiles_hindrance() noexcept {
  if (!ask_for_tiles()) return "the system does not let this process use its registers";
  return tiles_keep_to_the_manual()
             ? nullptr
             : "this processor's tiles do not compute what Intel's manual says";
}
#endif

const std::vector<Level>& levels() {
  static const std::vector<Level> all = {
#if defined(__x86_64__)
      {"amx", amx_kernels, has_amx, nothing, tiles_hindrance},
      {"avx512_bf16", avx512_bf16_kernels, has_avx512_bf16, slow_dots},
      {"avx512_vnni", avx512_vnni_kernels, has_avx512_vnni, nothing},
      {"avx512", avx512_kernels, has_avx512, nothing},
      {"avx2", avx2_kernels, has_avx2, nothing},
#endif
      {"scalar", scalar_kernels, always, nothing},
  };
  return all;
}

const Kernels* offered = nullptr;

const Level* level_named(const std::string& name) {
  for (const Level& level : levels()) {
    if (level.name == name) return &level;
  }
  return nullptr;
}

std::string available_names() {
  std::string names;
  for (const Level& level : levels()) {
    if (level.available(this_processor()))
      names += (names.empty() ? "" : ", ") + std::string(level.name);
  }
  return names;
}

}  // namespace

const Processor& this_processor() {
  static const Processor found = [] {
    Processor p;
#if defined(__x86_64__)
    // __builtin_cpu_supports asks CPUID and, for vector registers, XCR0: whether the system keeps
    // them.
    p.avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
             __builtin_cpu_supports("f16c");
    p.avx512 = p.avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    p.avx512_vnni = p.avx512 && __builtin_cpu_supports("avx512vnni");
    p.avx512_bf16 = p.avx512_vnni && __builtin_cpu_supports("avx512bf16");
    p.amx = has_tiles();
    p.amd = __builtin_cpu_is("amd");
#endif
    return p;
  }();
  return found;
}

std::string level_for(const Processor& processor, bool tiles_usable) {
  for (const Level& level : levels()) {
    const bool chosen = level.available(processor) && level.against(processor) == nullptr;
    if (chosen && (tiles_usable || level.hindrance == nullptr)) return level.name;
  }
  return "scalar";
}

std::string why_not_chosen(const std::string& name, const Processor& processor) {
  const Level* level = level_named(name);
  if (level == nullptr || !level->available(processor)) return "";
  const char* reason = level->against(processor);
  return reason != nullptr ? reason : "";
}

void offer(const Kernels& kernels) noexcept { offered = &kernels; }

const Kernels& kernels_for(const std::string& asked) {
  if (offered != nullptr && asked == offered->name) return *offered;
  std::string name = asked;
  if (const char* forced = std::getenv("TYPECASE_ISA"); name.empty() && forced != nullptr) {
    name = forced;
  }
  if (name.empty()) {
    name = level_for(this_processor());
    if (!level_named(name)->usable()) name = level_for(this_processor(), false);
  }
  const Level* level = level_named(name);
  if (level == nullptr) {
    throw Error(Code::unsupported, "there is no ISA level " + quote(name) +
                                       "; this processor can run: " + available_names());
  }
  if (!level->available(this_processor())) {
    throw Error(Code::unsupported, "this processor cannot run ISA level " + quote(name) +
                                       "; it can run: " + available_names());
  }
  if (!level->usable()) {
    throw Error(Code::unsupported,
                "ISA level " + quote(name) + " cannot be used: " + level->hindrance());
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
  return level != nullptr && level->available(cpu::this_processor()) && level->usable();
}

}  // namespace typecase
