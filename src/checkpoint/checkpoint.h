#pragma once

#include "base/gguf_tokenizer.h"
#include "tensor/tensor.h"

#include <typecase/json.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace typecase {

/// A model as it lies on disk: named tensors and configs, all validated, nothing computed yet.
///
/// `path` is a folder with config.json (and model.safetensors, one file or sharded with an index)
/// or a .gguf file. Files stay mapped as long as this object lives. A GGUF file answers in Hugging
/// Face's words: its metadata become the config.json the reference would make of them, its tensors
/// carry the Hugging Face names and shapes.
class Checkpoint {
 public:
  /// Throws Error: not_found, bad_file (place and culprit), unsupported (a format that cannot be
  /// run yet, with the remedy), limit, io.
  static Checkpoint open(const std::string& path);

  Checkpoint(Checkpoint&&) noexcept;
  Checkpoint& operator=(Checkpoint&&) noexcept;
  ~Checkpoint();

  const std::string& path() const noexcept;
  bool is_gguf() const noexcept;
  /// Files that hold tensors, for `show`.
  const std::vector<std::string>& files() const noexcept;

  const Json& config() const noexcept;             ///< always an object
  const Json* generation_config() const noexcept;  ///< nullptr when there is no such file
  /// A GGUF file's metadata, for people: of long arrays and the tokenizer's only type and length.
  /// nullptr for a folder.
  const Json* gguf_metadata() const noexcept;
  /// The tokenizer in a GGUF file; nullptr for a folder or a file without one.
  const GgufTokenizer* gguf_tokenizer() const noexcept;

  /// Oddities that stop nothing: a wrong total_size, tensors and metadata the reference ignores.
  const std::vector<std::string>& warnings() const noexcept;

  /// The tensor of that name, or nullptr.
  const Tensor* find(std::string_view name) const noexcept;
  /// All tensors, in the files' order.
  const std::vector<Tensor>& tensors() const noexcept;
  /// The first floating tensor's dtype: what "auto" means when config.json does not say.
  std::optional<DType> first_floating_dtype() const noexcept;

  struct Parts;  ///< what the loaders fill: checkpoint/parts.h

 private:
  explicit Checkpoint(std::unique_ptr<Parts> parts) noexcept;
  std::unique_ptr<Parts> parts_;
};

/// A place in the tree of weight names: w / "model.layers" / 3 / "self_attn".
///
/// Cheap to copy. Questions check the shape, so a family file states every shape it relies on, and
/// errors are collected: all missing and misshaped tensors are reported at once by
/// WeightErrors::raise(), not one by one.
class Weights {
 public:
  explicit Weights(const Checkpoint& checkpoint);

  Weights operator/(std::string_view name) const;
  Weights operator/(std::int64_t index) const;

  bool has(std::string_view name) const noexcept;
  /// The tensor `name` under this path. A missing or misshaped one is noted for raise(), and an
  /// empty Tensor comes back. −1 in `shape` matches any extent.
  Tensor tensor(std::string_view name, const Shape& shape) const;

  /// Throws Error(bad_file) listing every question that failed since the root was made: up to 10
  /// names with what was expected and found, and the count of the rest; then the tensors that no
  /// question named.
  void raise() const;

 private:
  struct State;
  Weights(std::shared_ptr<State> state, std::string path);
  std::string extra_tensors() const;
  std::shared_ptr<State> state_;
  std::string path_;
};

}  // namespace typecase
