#include "checkpoint/gguf.h"

#include "base/byte_reader.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "checkpoint/gguf_types.h"

#include <typecase/error.h>

#include <bit>
#include <unordered_set>
#include <utility>

namespace typecase {
namespace {

constexpr std::uint32_t kMagic = 0x46554747;  // "GGUF"
constexpr std::uint64_t kLeastKey = 8 + 4 + 1, kLeastTensor = 8 + 4 + 8 + 4 + 8;
constexpr std::uint32_t kMostDimensions = 4;
constexpr std::uint64_t kDefaultAlignment = 32, kMostAlignment = 1 << 20;

/// REQUIRES: n < 2⁶³.
std::uint64_t rounded_up(std::uint64_t n, std::uint64_t alignment) noexcept {
  return (n + alignment - 1) & ~(alignment - 1);
}

}  // namespace

class GgufParser {
 public:
  explicit GgufParser(std::span<const std::byte> file) : reader_(file), size_(file.size()) {}

  Gguf parse() {
    head();
    const std::uint64_t tensors = count("tensors", kLeastTensor, limits::kTensors);
    const std::uint64_t keys = count("metadata keys", kLeastKey, limits::kGgufKeys);
    out_.metadata_.reserve(keys);
    out_.index_.reserve(keys);
    for (std::uint64_t i = 0; i < keys; ++i) metadata_key();
    alignment();
    in_tensors_ = true;
    out_.tensors_.reserve(tensors);
    names_.reserve(tensors);
    for (std::uint64_t i = 0; i < tensors; ++i) tensor();
    place_tensors();
    return std::move(out_);
  }

 private:
  /// Errors name the key or tensor that is being read.
  [[noreturn]] void fail(std::string message, std::uint64_t offset,
                         Code code = Code::bad_file) const {
    std::string key;
    if (!current_.empty()) key = (in_tensors_ ? "tensor " : "") + quote(current_);
    throw Error(code, std::move(message),
                {.file = {}, .offset = offset, .line = {}, .key = std::move(key)});
  }

  template <class T>
  T read(std::string_view what) {
    if (reader_.remaining() < sizeof(T)) {
      fail("the file ends in " + std::string(what) + "; was the download complete?",
           reader_.offset());
    }
    return reader_.read<T>(what);
  }

  void head() {
    if (read<std::uint32_t>("the magic 'GGUF'") != kMagic) {
      fail("the file does not start with 'GGUF'; is this a GGUF file?", 0);
    }
    out_.version_ = read<std::uint32_t>("the version");
    if (out_.version_ != 0 && (out_.version_ & 0xffff) == 0) {
      fail("the file is big-endian; convert it to little-endian with gguf_convert_endian.py", 4,
           Code::unsupported);
    }
    if (out_.version_ == 1) {
      fail("GGUF version 1 cannot be read; convert the model again with a current converter", 4,
           Code::unsupported);
    }
    if (out_.version_ != 2 && out_.version_ != 3) {
      fail("GGUF version " + std::to_string(out_.version_) + " is unknown; expected 2 or 3", 4);
    }
  }

  /// A count is believed only when the rest of the file could hold that many, so that nothing is
  /// reserved for a lie.
  std::uint64_t count(std::string_view what, std::uint64_t least, std::uint64_t limit) {
    const std::uint64_t at = reader_.offset();
    const auto n = read<std::uint64_t>("the number of " + std::string(what));
    if (n > limit) {
      fail("the file says it has " + std::to_string(n) + " " + std::string(what) +
               ", the limit is " + std::to_string(limit),
           at, Code::limit);
    }
    if (n > size_ / least) {
      fail("the file says it has " + std::to_string(n) + " " + std::string(what) +
               ", more than its " + std::to_string(size_) + " bytes can hold",
           at);
    }
    return n;
  }

  std::string_view text(std::string_view what, std::uint64_t most) {
    const std::uint64_t at = reader_.offset();
    const auto length = read<std::uint64_t>(what);
    if (length > reader_.remaining()) {
      fail(std::string(what) + " says it has " + std::to_string(length) + " bytes, the file has " +
               std::to_string(reader_.remaining()) + " left; was the download complete?",
           at);
    }
    if (length > most) {
      fail(std::string(what) + " has " + std::to_string(length) + " bytes, the limit is " +
               std::to_string(most),
           at, Code::limit);
    }
    const std::string_view out = reader_.text(length, what);
    if (const auto bad = first_invalid_utf8(out)) {
      fail(std::string(what) + " is not valid UTF-8", at + 8 + *bad);
    }
    return out;
  }

  GgufType type(std::string_view what) {
    const std::uint64_t at = reader_.offset();
    const auto number = read<std::uint32_t>(what);
    if (number >= kGgufTypes) {
      fail(std::string(what) + " is " + std::to_string(number) + ", expected 0 to 12", at);
    }
    return static_cast<GgufType>(number);
  }

  void metadata_key() {
    const std::uint64_t at = reader_.offset();
    const std::string_view key = text("a metadata key", limits::kName);
    if (key.empty()) fail("a metadata key is empty", at);
    current_ = key;
    if (!out_.index_.emplace(key, out_.metadata_.size()).second) {
      fail("the metadata key appears twice", at);
    }
    const GgufType value_type = type("the type of the value");
    out_.metadata_.emplace_back(
        key, value_type == GgufType::array ? array() : elements(value_type, value_type, 1));
    current_ = {};
  }

  GgufValue array() {
    const std::uint64_t at = reader_.offset();
    const GgufType element = type("the element type of the array");
    if (element == GgufType::array) {
      fail("arrays of arrays cannot be read", at, Code::unsupported);
    }
    const std::uint64_t n_at = reader_.offset();
    const auto n = read<std::uint64_t>("the length of the array");
    if (n > limits::kGgufArray) {
      fail("the array has " + std::to_string(n) + " elements, the limit is " +
               std::to_string(limits::kGgufArray),
           n_at, Code::limit);
    }
    const std::uint64_t least = element == GgufType::string ? 8 : scalar_size(element);
    if (n * least > reader_.remaining()) {
      fail("the array says it has " + std::to_string(n) + " elements of at least " +
               std::to_string(least) + " bytes, the file has " +
               std::to_string(reader_.remaining()) + " left; was the download complete?",
           n_at);
    }
    return elements(GgufType::array, element, n);
  }

  GgufValue elements(GgufType value_type, GgufType element, std::uint64_t n) {
    const std::uint64_t start = reader_.offset();
    ByteReader from = reader_;
    if (element == GgufType::string) {
      for (std::uint64_t i = 0; i < n; ++i) text("a string", limits::kGgufString);
    } else {
      const std::uint64_t size = n * scalar_size(element);
      if (size > reader_.remaining()) {
        fail("the file ends in the value; was the download complete?", start);
      }
      const auto bytes = reader_.take(size, "the value");
      if (element == GgufType::boolean) check_booleans(bytes, start);
    }
    const auto bytes = from.take(reader_.offset() - start, "the value");
    return {value_type, element, n, bytes, start};
  }

  void check_booleans(std::span<const std::byte> bytes, std::uint64_t start) const {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] > std::byte{1}) {
        fail("a boolean is " + std::to_string(static_cast<int>(bytes[i])) + ", expected 0 or 1",
             start + i);
      }
    }
  }

  void alignment() {
    current_ = "general.alignment";
    if (const GgufValue* value = out_.find(current_)) {
      if (value->type != GgufType::uint32) {
        fail("has type " + std::string(name(value->type)) + ", expected uint32", value->offset);
      }
      alignment_ = static_cast<std::uint64_t>(integer_at(*value, 0));
      if (!std::has_single_bit(alignment_) || alignment_ > kMostAlignment) {
        fail("is " + std::to_string(alignment_) + ", expected a power of two up to " +
                 std::to_string(kMostAlignment),
             value->offset);
      }
    }
    current_ = {};
  }

  void tensor() {
    const std::uint64_t at = reader_.offset();
    current_ = text("a tensor name", limits::kName);
    if (current_.empty()) fail("a tensor name is empty", at);
    if (!names_.insert(current_).second) fail("appears twice in the tensor list", at);
    Shape shape = dimensions();
    const DType dtype = format();
    const std::uint64_t size = byte_size(shape, dtype, at);
    if (size > size_) {
      fail("the shape " + to_string(shape) + " of " + std::string(name(dtype)) + " needs " +
               std::to_string(size) + " bytes, the file has " + std::to_string(size_) +
               "; was the download complete?",
           at);
    }
    const std::uint64_t offset_at = reader_.offset();
    const auto offset = read<std::uint64_t>("the offset of the tensor");
    if (offset % alignment_ != 0) {
      fail("the offset " + std::to_string(offset) + " is not a multiple of the alignment " +
               std::to_string(alignment_),
           offset_at);
    }
    if (offset != end_) {
      fail("starts at byte " + std::to_string(offset) + " of the data, expected " +
               std::to_string(end_) + ", where the tensor before it ends",
           offset_at);
    }
    // No overflow: a million tensors of at most the file's size.
    end_ = rounded_up(offset + size, alignment_);
    out_.tensors_.push_back({current_, dtype, std::move(shape), offset, offset + size});
    current_ = {};
  }

  Shape dimensions() {
    const std::uint64_t at = reader_.offset();
    const auto n = read<std::uint32_t>("the number of dimensions");
    if (n == 0 || n > kMostDimensions) {
      fail("has " + std::to_string(n) + " dimensions, expected 1 to " +
               std::to_string(kMostDimensions),
           at);
    }
    Shape shape(n);
    for (std::uint32_t i = 0; i < n; ++i) {
      const std::uint64_t extent_at = reader_.offset();
      const auto extent = read<std::uint64_t>("an extent");
      if (extent == 0 || !std::in_range<std::int64_t>(extent)) {
        fail("extent " + std::to_string(i) + " is " + std::to_string(extent) +
                 ", expected 1 to 2⁶³ − 1",
             extent_at);
      }
      shape[n - 1 - i] = static_cast<std::int64_t>(extent);
    }
    return shape;
  }

  DType format() {
    const std::uint64_t at = reader_.offset();
    const auto number = read<std::uint32_t>("the format of the tensor");
    const GgmlFormat* f = ggml_format(number);
    if (f == nullptr) fail("the format number " + std::to_string(number) + " is unknown", at);
    if (!f->dtype) {
      fail("tensors of format " + std::string(f->name) +
               " cannot be run yet; use a file of this model in Q4_K, Q8_0 or F16",
           at, Code::unsupported);
    }
    return *f->dtype;
  }

  std::uint64_t byte_size(const Shape& shape, DType dtype, std::uint64_t at) const {
    const DTypeTraits& t = traits(dtype);
    if (shape.back() % t.block_size != 0) {
      fail("rows of " + std::to_string(shape.back()) + " are not a multiple of " +
               std::string(t.name) + "'s block of " + std::to_string(t.block_size),
           at);
    }
    std::int64_t elements = 1, size = 0;
    for (const std::int64_t extent : shape) {
      if (__builtin_mul_overflow(elements, extent, &elements)) elements = 0;
      if (elements == 0) break;
    }
    const bool fits = elements > 0 && !__builtin_mul_overflow(elements / t.block_size,
                                                              std::int64_t{t.block_bytes}, &size);
    if (!fits) fail("the shape " + to_string(shape) + " is too large for 63 bits of bytes", at);
    return static_cast<std::uint64_t>(size);
  }

  /// The offsets so far count from the start of the data.
  void place_tensors() {
    if (out_.tensors_.empty()) return;
    const std::uint64_t data = rounded_up(reader_.offset(), alignment_);
    for (GgufTensorInfo& t : out_.tensors_) {
      t.begin += data;
      t.end += data;
      if (t.end > size_) {
        current_ = t.name;
        fail("ends at byte " + std::to_string(t.end) + ", the file has " + std::to_string(size_) +
                 "; was the download complete?",
             t.begin);
      }
    }
    // The padding after the last tensor may be missing.
    if (const std::uint64_t last = data + end_; size_ > last) {
      fail("the tensors end at byte " + std::to_string(last) + ", the file has " +
               std::to_string(size_) + "; the rest belongs to no tensor",
           last);
    }
  }

  ByteReader reader_;
  std::uint64_t size_;
  std::uint64_t alignment_ = kDefaultAlignment;
  std::uint64_t end_ = 0;     // of the tensors so far, padded
  std::string_view current_;  // the key or tensor being read, for errors
  bool in_tensors_ = false;
  std::unordered_set<std::string_view> names_;
  Gguf out_;
};

Gguf Gguf::parse(std::span<const std::byte> file) { return GgufParser(file).parse(); }

const GgufValue* Gguf::find(std::string_view key) const noexcept {
  const auto it = index_.find(key);
  return it == index_.end() ? nullptr : &metadata_[it->second].second;
}

}  // namespace typecase
