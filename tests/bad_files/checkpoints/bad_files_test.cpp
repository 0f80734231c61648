/// Every file of the tables is refused with exactly the message of expected.txt, quickly and in
/// little memory. After a deliberate change of wording, TYPECASE_PRINT=1 prints the new rows:
/// read them before they go in.
#include "bad_file.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/test_files.h"

#include <typecase/error.h>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TYPECASE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TYPECASE_SANITIZED 1
#endif
#endif
#ifndef TYPECASE_SANITIZED
#define TYPECASE_SANITIZED 0
#endif

namespace typecase::test {
namespace {

// A file takes under 100 ms and 64 MB. The clock is given three times that, for busy machines.
constexpr auto kTime = std::chrono::milliseconds(TYPECASE_SANITIZED ? 3000 : 300);
constexpr rlim_t kMemory = 64u << 20;

/// The process may take this much more address space while it lives. Sanitizers want terabytes.
class MemoryLimit {
 public:
  explicit MemoryLimit(rlim_t more) {
    ::getrlimit(RLIMIT_AS, &before_);
    if (TYPECASE_SANITIZED) return;
    rlimit now = before_;
    now.rlim_cur = address_space() + more;
    ::setrlimit(RLIMIT_AS, &now);
  }
  ~MemoryLimit() { ::setrlimit(RLIMIT_AS, &before_); }
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;

 private:
  static rlim_t address_space() {
    rlim_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    return pages * 4096;
  }
  rlimit before_{};
};

/// "exit code: message", with the folder's name replaced by {folder}.
std::string refusal(const std::string& path, const std::string& folder) {
  try {
    Checkpoint::open(path);
  } catch (const Error& e) {
    std::string text = e.what();
    for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder)) {
      text.replace(at, folder.size(), "{folder}");
    }
    return std::to_string(exit_code(e.code())) + ": " + text;
  }
  return "accepted";
}

std::map<std::string, std::string> expected_rows() {
  std::map<std::string, std::string> out;
  std::ifstream in(TYPECASE_SOURCE_DIR "/tests/bad_files/checkpoints/expected.txt");
  for (std::string line; std::getline(in, line);) {
    const auto tab = line.find('\t');
    if (tab != std::string::npos) out.emplace(line.substr(0, tab), line.substr(tab + 1));
  }
  return out;
}

void check(const std::vector<BadFile>& cases) {
  static const auto expected = expected_rows();
  for (const BadFile& bad : cases) {
    const TemporaryFolder folder;
    for (const auto& [name, bytes] : bad.files) folder.write(name, bytes);
    if (bad.prepare) bad.prepare(folder.path());
    const std::string path = bad.open.empty() ? folder.path() : folder / bad.open;

    const auto start = std::chrono::steady_clock::now();
    std::string found;
    {
      const MemoryLimit limit(kMemory);
      found = refusal(path, folder.path());
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, kTime) << bad.name;
    if (std::getenv("TYPECASE_PRINT") != nullptr) std::cout << bad.name << '\t' << found << '\n';
    const auto row = expected.find(bad.name);
    EXPECT_EQ(found, row == expected.end() ? "(no row in expected.txt)" : row->second) << bad.name;
  }
}

TEST(BadFiles, Safetensors) { check(bad_safetensors()); }
TEST(BadFiles, ShardIndex) { check(bad_indexes()); }
TEST(BadFiles, Gguf) { check(bad_gguf()); }
TEST(BadFiles, Configs) { check(bad_configs()); }
TEST(BadFiles, Folders) { check(bad_folders()); }

}  // namespace
}  // namespace typecase::test
