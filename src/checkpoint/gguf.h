#pragma once

#include "tensor/tensor.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace typecase {

/// The format's value types, with its numbers.
enum class GgufType : std::uint32_t {
  uint8,
  int8,
  uint16,
  int16,
  uint32,
  int32,
  float32,
  boolean,
  string,
  array,
  uint64,
  int64,
  float64
};
std::string_view name(GgufType type) noexcept;

/// A metadata value where it lies in the file. The walk over the file has checked that it is whole,
/// that booleans are 0 or 1 and strings are UTF-8.
struct GgufValue {
  GgufType type;
  GgufType element;                  ///< of an array; else = type
  std::uint64_t count;               ///< elements of an array; else 1
  std::span<const std::byte> bytes;  ///< the elements, without the array's head
  std::uint64_t offset;              ///< of `bytes` in the file
};

/// What a GGUF file says of one tensor, all of it checked.
struct GgufTensorInfo {
  std::string_view name;
  DType dtype;
  Shape shape;               ///< outermost first: the file has the innermost first
  std::uint64_t begin, end;  ///< its bytes: [begin, end) of the file
};

/// The metadata and tensor list of a GGUF file, version 2 or 3, little-endian.
///
///     "GGUF" version:u32 tensors:u64 keys:u64
///     keys ×    { key: string, type: u32, value }          string = length:u64, bytes
///     tensors × { name: string, n:u32, n × extent:u64, type:u32, offset:u64 }
///     padding to general.alignment (32), then the tensors' bytes, each padded to it
///
/// Views the file's bytes: they must outlive it. Promises what parse() checked: unique keys and
/// names, tensors in the file's order without hole or overlap, nothing after them.
class Gguf {
 public:
  /// Throws Error: bad_file, limit, unsupported (version, byte order, a block format we know but
  /// cannot read), with the offset and the key or tensor. Linear time.
  static Gguf parse(std::span<const std::byte> file);

  std::uint32_t version() const noexcept { return version_; }
  const std::vector<std::pair<std::string_view, GgufValue>>& metadata() const noexcept {
    return metadata_;
  }
  const std::vector<GgufTensorInfo>& tensors() const noexcept { return tensors_; }

  const GgufValue* find(std::string_view key) const noexcept;

  /// The value of `key`, or nothing when there is no such key. Throws Error(bad_file) naming the
  /// key when its type is another; integers of any width are integers.
  std::optional<std::int64_t> integer(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  std::optional<std::string> string(std::string_view key) const;
  /// Empty when there is no such key.
  std::vector<std::string> strings(std::string_view key, std::uint64_t most_bytes_each) const;
  std::vector<std::int32_t> int32s(std::string_view key) const;
  std::vector<float> float32s(std::string_view key) const;

 private:
  friend class GgufParser;
  std::uint32_t version_ = 0;
  std::vector<std::pair<std::string_view, GgufValue>> metadata_;
  std::unordered_map<std::string_view, std::size_t> index_;
  std::vector<GgufTensorInfo> tensors_;
};

/// Element i of an array of numbers or booleans, or a scalar (i = 0): integers as they are.
/// REQUIRES: i < value.count; no string, no array.
std::int64_t integer_at(const GgufValue& value,
                        std::uint64_t i) noexcept;                   ///< of an integer or boolean
double number_at(const GgufValue& value, std::uint64_t i) noexcept;  ///< of any number

}  // namespace typecase
