#include "checkpoint/safetensors.h"

#include "base/byte_reader.h"
#include "base/limits.h"
#include "checkpoint/header_scanner.h"

#include <typecase/error.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <string_view>
#include <tuple>
#include <unordered_set>
#include <utility>

namespace typecase {
namespace {

constexpr std::string_view kOurDtypes[] = {"F64", "F32", "F16",  "BF16",    "I64",
                                           "I32", "I16", "I8",   "U64",     "U32",
                                           "U16", "U8",  "BOOL", "F8_E4M3", "F8_E5M2"};
constexpr std::uint64_t kLongestDtype = 64;
// In the format, but nothing here reads them.
constexpr std::string_view kOtherDtypes[] = {"F4",          "F6_E2M3",     "F6_E3M2", "F8_E8M0",
                                             "F8_E4M3FNUZ", "F8_E5M2FNUZ", "C64"};

std::string bytes_text(std::uint64_t n) {
  return std::to_string(n) + (n == 1 ? " byte" : " bytes");
}

/// One entry while it is read; offsets are still relative to the data.
struct Draft {
  std::optional<DType> dtype;
  std::optional<Shape> shape;
  std::optional<std::pair<std::int64_t, std::int64_t>> data_offsets;
};

[[noreturn]] void fail_tensor(const std::string& name, const std::string& message,
                              std::uint64_t offset) {
  throw Error(Code::bad_file, message,
              {.file = {}, .offset = offset, .line = {}, .key = "tensor " + quote(name)});
}

class Parser {
 public:
  Parser(std::string_view header, std::uint64_t data_size)
      : scan_(header, sizeof(std::uint64_t)), data_size_(data_size) {}

  std::vector<SafetensorsEntry> parse() {
    scan_.expect('{', "at the start of the header");
    if (!scan_.accept('}')) {
      do {
        member();
      } while (scan_.accept(','));
      scan_.expect('}', "or ',' after a tensor");
    }
    if (!scan_.at_end()) scan_.fail("the header goes on after its closing brace");
    return std::move(entries_);
  }

 private:
  void member() {
    const std::uint64_t at = scan_.offset();
    std::string name = scan_.string("a tensor name", limits::kName);
    scan_.set_tensor(&name);
    scan_.expect(':', "after a tensor name");
    if (name == "__metadata__") {
      if (std::exchange(has_metadata_, true)) scan_.fail("appears twice in the header", at);
      scan_.set_tensor(nullptr);
      return metadata();
    }
    if (entries_.size() == limits::kTensors) {
      scan_.fail("is one more than the limit of " + std::to_string(limits::kTensors) + " tensors",
                 at, Code::limit);
    }
    entries_.push_back(checked(draft(), at));
    scan_.set_tensor(nullptr);
    entries_.back().name = std::move(name);
  }

  void metadata() {
    std::unordered_set<std::string> keys;
    scan_.expect('{', "at the start of __metadata__");
    if (scan_.accept('}')) return;
    do {
      const std::uint64_t at = scan_.offset();
      const std::string key = scan_.string("a key of __metadata__", limits::kName);
      if (!keys.insert(key).second) {
        scan_.fail("the key " + quote(key) + " appears twice in __metadata__", at);
      }
      scan_.expect(':', "after a key of __metadata__");
      scan_.string("a value of __metadata__", limits::kSafetensorsHeader);
    } while (scan_.accept(','));
    scan_.expect('}', "or ',' in __metadata__");
  }

  Draft draft() {
    Draft d;
    scan_.expect('{', "at the start of the tensor's entry");
    if (scan_.accept('}')) return d;
    do {
      const std::uint64_t at = scan_.offset();
      const std::string key = scan_.string("a key", limits::kName);
      scan_.expect(':', "after a key");
      if (key == "dtype") {
        once(d.dtype, key, at) = dtype();
      } else if (key == "shape") {
        once(d.shape, key, at) = shape();
      } else if (key == "data_offsets") {
        once(d.data_offsets, key, at) = data_offsets();
      } else {
        scan_.fail("the key " + quote(key) + " is unknown; expected dtype, shape, data_offsets",
                   at);
      }
    } while (scan_.accept(','));
    scan_.expect('}', "or ',' in the tensor's entry");
    return d;
  }

  template <class T>
  std::optional<T>& once(std::optional<T>& field, const std::string& key, std::uint64_t at) const {
    if (field) scan_.fail("the key " + quote(key) + " appears twice", at);
    return field;
  }

  DType dtype() {
    const std::uint64_t at = scan_.offset();
    const std::string text = scan_.string("a dtype", kLongestDtype);
    if (std::ranges::find(kOtherDtypes, text) != std::end(kOtherDtypes)) {
      scan_.fail(
          "numbers of dtype " + text + " cannot be read yet; use a checkpoint in BF16, F16 or F32",
          at, Code::unsupported);
    }
    // dtype_named also knows torch's spellings, which the format does not.
    if (std::ranges::find(kOurDtypes, text) == std::end(kOurDtypes)) {
      std::string known;
      for (const auto ours : kOurDtypes) known += " " + std::string(ours);
      scan_.fail("the dtype " + quote(text) + " is unknown; expected one of" + known, at);
    }
    return *dtype_named(text);
  }

  Shape shape() {
    Shape out;
    scan_.expect('[', "at the start of the shape");
    if (scan_.accept(']')) return out;
    do {
      if (out.size() == static_cast<std::size_t>(limits::kRank)) {
        scan_.fail("the shape has more than " + std::to_string(limits::kRank) + " dimensions",
                   scan_.offset(), Code::limit);
      }
      out.push_back(scan_.whole_number("an extent of the shape"));
    } while (scan_.accept(','));
    scan_.expect(']', "or ',' in the shape");
    return out;
  }

  std::pair<std::int64_t, std::int64_t> data_offsets() {
    scan_.expect('[', "at the start of data_offsets");
    const auto begin = scan_.whole_number("the first of the data_offsets");
    scan_.expect(',', "between the two data_offsets");
    const auto end = scan_.whole_number("the second of the data_offsets");
    scan_.expect(']', "after the two data_offsets");
    return {begin, end};
  }

  /// All but the name.
  SafetensorsEntry checked(Draft d, std::uint64_t at) const {
    if (!d.dtype) scan_.fail("the key 'dtype' is missing", at);
    if (!d.shape) scan_.fail("the key 'shape' is missing", at);
    if (!d.data_offsets) scan_.fail("the key 'data_offsets' is missing", at);
    const auto [begin, end] = *d.data_offsets;
    if (begin > end) {
      scan_.fail("data_offsets end before they begin: [" + std::to_string(begin) + ", " +
                     std::to_string(end) + "]",
                 at);
    }
    const std::int64_t size = byte_size(*d.dtype, *d.shape, at);
    if (size != end - begin) {
      scan_.fail("the shape " + to_string(*d.shape) + " of " +
                     std::string(typecase::name(*d.dtype)) + " needs " +
                     bytes_text(static_cast<std::uint64_t>(size)) + ", data_offsets give it " +
                     std::to_string(end - begin),
                 at);
    }
    if (static_cast<std::uint64_t>(end) > data_size_) {
      scan_.fail("ends at byte " + std::to_string(end) + " of the data, the file has " +
                     std::to_string(data_size_) + "; was the download complete?",
                 at);
    }
    return {{},
            *d.dtype,
            std::move(*d.shape),
            static_cast<std::uint64_t>(begin),
            static_cast<std::uint64_t>(end),
            at};
  }

  std::int64_t byte_size(DType dtype, const Shape& shape, std::uint64_t at) const {
    std::int64_t size = traits(dtype).block_bytes;
    for (const std::int64_t extent : shape) {
      if (__builtin_mul_overflow(size, extent, &size)) {
        scan_.fail("the shape " + to_string(shape) + " is too large for 63 bits of bytes", at);
      }
    }
    return size;
  }

  HeaderScanner scan_;
  std::uint64_t data_size_;
  bool has_metadata_ = false;
  std::vector<SafetensorsEntry> entries_;
};

void check_unique(const std::vector<SafetensorsEntry>& entries) {
  std::unordered_set<std::string_view> names(entries.size());
  for (const SafetensorsEntry& e : entries) {
    if (!names.insert(e.name).second) fail_tensor(e.name, "appears twice in the header", e.at);
  }
}

/// Every byte of the data belongs to exactly one tensor.
void check_coverage(const std::vector<SafetensorsEntry>& entries, std::uint64_t data_size,
                    std::uint64_t data) {
  std::vector<std::uint32_t> order(entries.size());
  std::iota(order.begin(), order.end(), 0u);
  const auto place = [&](std::uint32_t i) {
    return std::tuple(entries[i].begin, entries[i].end, i);
  };
  if (!std::ranges::is_sorted(order, {}, place)) std::ranges::sort(order, {}, place);
  std::uint64_t covered = 0;
  const SafetensorsEntry* before = nullptr;
  for (const std::uint32_t i : order) {
    const SafetensorsEntry& e = entries[i];
    if (e.begin < covered) {
      fail_tensor(e.name,
                  "starts at byte " + std::to_string(e.begin) + " of the data, inside tensor " +
                      quote(before->name) + ", which ends at " + std::to_string(covered),
                  data + e.begin);
    }
    if (e.begin > covered) {
      fail_tensor(e.name,
                  "starts at byte " + std::to_string(e.begin) + " of the data, leaving a hole of " +
                      bytes_text(e.begin - covered) + " before it",
                  data + covered);
    }
    covered = e.end;
    before = &e;
  }
  if (covered != data_size) {
    throw Error(Code::bad_file,
                "the tensors end at byte " + std::to_string(covered) +
                    " of the data, the file has " + std::to_string(data_size) +
                    "; the rest belongs to no tensor",
                {.file = {}, .offset = data + covered});
  }
}

}  // namespace

std::vector<SafetensorsEntry> parse_safetensors(std::span<const std::byte> file) {
  ByteReader reader(file);
  const auto size = reader.read<std::uint64_t>("the header's length");
  if (size > limits::kSafetensorsHeader) {
    throw Error(Code::limit,
                "the header says it has " + bytes_text(size) + ", the limit is " +
                    std::to_string(limits::kSafetensorsHeader) + "; is this a safetensors file?",
                {.file = {}, .offset = 0});
  }
  const std::string_view header = reader.text(size, "the header");
  if (!header.starts_with('{')) {
    throw Error(Code::bad_file,
                "the header must start with '{', found " +
                    (header.empty() ? "nothing" : quote(header.substr(0, 1))) +
                    "; is this a safetensors file?",
                {.file = {}, .offset = sizeof size});
  }
  const std::uint64_t data = reader.offset();
  auto entries = Parser(header, reader.remaining()).parse();
  check_unique(entries);
  check_coverage(entries, reader.remaining(), data);
  for (auto& e : entries) {
    e.begin += data;
    e.end += data;
  }
  return entries;
}

}  // namespace typecase
