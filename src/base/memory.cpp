#include "base/memory.h"

#include <typecase/error.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace typecase {
namespace {

/// The number behind `key` in a file of "key number" lines ("MemAvailable: 123 kB").
std::optional<std::uint64_t> number_in(const char* path, std::string_view key) {
  std::ifstream file(path);
  std::string word;
  std::uint64_t value = 0;
  while (file >> word) {
    if (word == key && file >> value) return value;
    file.clear();
  }
  return std::nullopt;
}

/// A file that holds one number; "max" is none.
std::optional<std::uint64_t> number_of(const char* path) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  if (file >> value) return value;
  return std::nullopt;
}

/// What the control group leaves; the file pages it could drop do not count as taken.
std::optional<std::uint64_t> left_in_group() {
  const auto limit = number_of("/sys/fs/cgroup/memory.max");
  const auto taken = number_of("/sys/fs/cgroup/memory.current");
  if (!limit || !taken) return std::nullopt;
  const auto files = number_in("/sys/fs/cgroup/memory.stat", "inactive_file").value_or(0);
  const std::uint64_t held = *taken - std::min(*taken, files);
  return *limit - std::min(*limit, held);
}

}  // namespace

std::optional<std::uint64_t> available_memory() {
  auto out = left_in_group();
  if (const auto kilobytes = number_in("/proc/meminfo", "MemAvailable:")) {
    out = std::min(out.value_or(UINT64_MAX), *kilobytes * 1024);
  }
  return out;
}

void require_memory(std::uint64_t bytes, std::string_view what) {
  const auto available = available_memory();
  if (!available || bytes <= *available) return;
  throw Error(Code::out_of_memory, std::string(what) + " need " + in_gigabytes(bytes) +
                                       " of memory, " + in_gigabytes(*available) +
                                       " are available; a quantised file of the model needs less");
}

std::string in_gigabytes(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f GB", static_cast<double>(bytes) / 1e9);
  return text;
}

}  // namespace typecase
