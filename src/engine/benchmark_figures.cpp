#include "engine/benchmark_figures.h"

#include "base/mapped_file.h"

#include <typecase/error.h>

#include <filesystem>
#include <fstream>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace typecase {
namespace {

constexpr double kFall = 0.15;

struct Measure {
  const char* name;
  const char* part;   ///< of the result
  const char* value;  ///< in the part
  bool less_is_more = false;
};
constexpr Measure kMeasures[] = {
    {"load, s", "load", "seconds", true},
    {"prefill, tokens/s", "prefill", "tokens_per_second"},
    {"decode, tokens/s", "decode", "tokens_per_second"},
    {"tokenizer, bytes/s", "tokenizer", "bytes_per_second"},
    {"read, bytes/s", "limits", "read_bytes_per_second"},
    {"multiply-add, operations/s", "limits", "multiply_add_operations_per_second"},
};

std::string make_of_processor() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_is("amd")) return "AMD";
  if (__builtin_cpu_is("intel")) return "Intel";
#endif
  return "another make";
}

/// The model by name, not by place: "model.gguf, float32".
std::string subject(const Json& result) {
  std::filesystem::path path(result.at("model").as_string());
  if (!path.has_filename()) path = path.parent_path();
  return path.filename().string() + ", " + result.at("dtype").as_string();
}

Json figures_of(const Json& result) {
  Json out = Json::object();
  for (const Measure& m : kMeasures) {
    const Json* part = result.find(m.part);
    if (part != nullptr) out.set(m.name, part->at(m.value));
  }
  return out;
}

Json read_figures(const std::string& path, bool may_be_missing) {
  if (may_be_missing && !std::filesystem::exists(path)) return Json::object();
  const MappedFile file(path);
  const auto bytes = file.bytes();
  Json all = Json::parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  all.as_object();
  return all;
}

void write_figures(const std::string& path, const Json& all) {
  const std::string half = path + ".half";
  std::ofstream file(half, std::ios::binary);
  file << all.pretty() << "\n";
  file.close();
  std::error_code failed;
  if (file) std::filesystem::rename(half, path, failed);
  if (!file || failed) throw Error(Code::io, "the figures cannot be written to " + quote(path));
}

Json difference(const Json* before, const Json& now) {
  Json fell = Json::array();
  int compared = 0;
  for (const Measure& m : kMeasures) {
    const Json* was = before != nullptr ? before->find(m.name) : nullptr;
    const Json* is = now.find(m.name);
    if (was == nullptr || is == nullptr) continue;
    ++compared;
    const double a = was->as_number(), b = is->as_number();
    const bool worse = m.less_is_more ? a < b * (1 - kFall) : b < a * (1 - kFall);
    if (!worse) continue;
    Json line = Json::object();
    line.set("measure", m.name);
    line.set("was", a);
    line.set("now", b);
    fell.push_back(std::move(line));
  }
  Json out = Json::object();
  out.set("compared", compared);
  out.set("fell", std::move(fell));
  return out;
}

}  // namespace

std::string machine_class(const std::string& level, int threads) {
  return make_of_processor() + ", " + level + ", " + std::to_string(threads) +
         (threads == 1 ? " thread" : " threads");
}

void compare_with_figures(const std::string& path, bool record, Json& result) {
  try {
    Json all = read_figures(path, record);
    const std::string& machine = result.at("machine").as_string();
    Json now = figures_of(result);
    const Json* here = all.find(machine);
    result.set("against", difference(here != nullptr ? here->find(subject(result)) : nullptr, now));
    if (!record) return;
    Json mine = here != nullptr ? *here : Json::object();
    mine.set(subject(result), std::move(now));
    all.set(machine, std::move(mine));
    write_figures(path, all);
  } catch (const Error& error) {
    throw error.at(Place{.file = path});
  }
}

}  // namespace typecase
