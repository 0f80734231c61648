#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace typecase::test {

/// A model folder, or a single file, that must be refused.
struct BadFile {
  std::string name;                                          ///< the row of expected.txt
  std::vector<std::pair<std::string, std::string>> files{};  ///< name and bytes
  std::string open{};  ///< what to open: a file; empty: the folder
  std::function<void(const std::string& folder)> prepare{};  ///< what bytes cannot say
};

std::vector<BadFile> bad_safetensors();
std::vector<BadFile> bad_indexes();
std::vector<BadFile> bad_gguf();
std::vector<BadFile> bad_configs();
std::vector<BadFile> bad_folders();

}  // namespace typecase::test
