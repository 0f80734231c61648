/// Every file of the tables is refused with exactly the message of expected.txt, quickly and in
/// little memory. After a deliberate change of wording, TYPECASE_PRINT=1 prints the new rows:
/// read them before they go in.
#include "../budget.h"
#include "bad_file.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/test_files.h"

#include <typecase/error.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>

namespace typecase::test {
namespace {

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

    const auto start = processor_time();
    std::string found;
    {
      const MemoryLimit limit;
      found = refusal(path, folder.path());
    }
    EXPECT_LT(processor_time() - start, kMostTime) << bad.name;
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
