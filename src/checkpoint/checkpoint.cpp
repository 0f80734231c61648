#include "checkpoint/checkpoint.h"

#include "checkpoint/folder.h"
#include "checkpoint/parts.h"

#include <typecase/error.h>

#include <filesystem>
#include <utility>

namespace typecase {
namespace {

enum class Kind { nothing, folder, other };

Kind kind_of(const std::string& path) {
  if (path.empty() || path.find('\0') != std::string::npos) {
    throw Error(Code::invalid_argument, "the path of a model is empty or holds a NUL character");
  }
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) return Kind::nothing;
  return std::filesystem::is_directory(status) ? Kind::folder : Kind::other;
}

}  // namespace

Checkpoint Checkpoint::open(const std::string& path) {
  auto parts = std::make_unique<Parts>();
  parts->path = path;
  switch (kind_of(path)) {
    case Kind::nothing:
      fail_not_found(path);
    case Kind::folder:
      load_folder(*parts);
      break;
    case Kind::other:
      load_gguf(*parts);
      break;
  }
  parts->index_names();
  for (const auto& file : parts->mapped) file->check_size();
  return Checkpoint(std::move(parts));
}

Checkpoint::Checkpoint(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}
Checkpoint::Checkpoint(Checkpoint&&) noexcept = default;
Checkpoint& Checkpoint::operator=(Checkpoint&&) noexcept = default;
Checkpoint::~Checkpoint() = default;

const std::string& Checkpoint::path() const noexcept { return parts_->path; }
bool Checkpoint::is_gguf() const noexcept { return parts_->gguf_metadata.has_value(); }
const std::vector<std::string>& Checkpoint::files() const noexcept { return parts_->files; }
const Json& Checkpoint::config() const noexcept { return parts_->config; }
const Json* Checkpoint::generation_config() const noexcept {
  return parts_->generation_config ? &*parts_->generation_config : nullptr;
}
const Json* Checkpoint::gguf_metadata() const noexcept {
  return parts_->gguf_metadata ? &*parts_->gguf_metadata : nullptr;
}
const GgufTokenizer* Checkpoint::gguf_tokenizer() const noexcept {
  return parts_->gguf_tokenizer ? &*parts_->gguf_tokenizer : nullptr;
}
const std::vector<std::string>& Checkpoint::warnings() const noexcept { return parts_->warnings; }
const std::vector<Tensor>& Checkpoint::tensors() const noexcept { return parts_->tensors; }

const Tensor* Checkpoint::find(std::string_view name) const noexcept {
  const auto it = parts_->by_name.find(name);
  return it == parts_->by_name.end() ? nullptr : &parts_->tensors[it->second];
}

std::optional<DType> Checkpoint::first_floating_dtype() const noexcept {
  for (const Tensor& t : parts_->tensors) {
    if (traits(t.dtype).floating) return t.dtype;
  }
  return std::nullopt;
}

}  // namespace typecase
