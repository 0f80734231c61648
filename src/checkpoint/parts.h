#pragma once

#include "base/mapped_file.h"
#include "checkpoint/checkpoint.h"

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace typecase {

/// What a Checkpoint owns. The loaders fill it; index_names() comes last.
struct Checkpoint::Parts {
  std::string path;
  std::vector<std::string> files;
  std::vector<std::unique_ptr<MappedFile>> mapped;  // tensors point at them
  std::vector<Storage> converted;                   // tensors whose values the reference changes
  std::vector<Tensor> tensors;
  std::unordered_map<std::string_view, std::size_t> by_name;  // views of the tensors' names
  Json config;
  std::optional<Json> generation_config;
  std::optional<Json> gguf_metadata;
  std::optional<GgufTokenizer> gguf_tokenizer;
  std::vector<std::string> warnings;

  const MappedFile& map(const std::string& file) {
    mapped.push_back(std::make_unique<MappedFile>(file));
    files.push_back(file);
    return *mapped.back();
  }
  void index_names() {
    by_name.reserve(tensors.size());
    for (std::size_t i = 0; i < tensors.size(); ++i) by_name.emplace(tensors[i].name, i);
  }
};

}  // namespace typecase
