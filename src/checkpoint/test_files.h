#pragma once

// Files for tests, written byte by byte so that they can also be wrong. Not part of the library.

#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace typecase::test {

/// A folder that goes away with this object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "typecase-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
  std::string write(std::string_view name, std::string_view bytes) const {
    const std::string file = *this / name;
    std::ofstream(file, std::ios::binary) << bytes;
    return file;
  }

 private:
  std::string path_;
};

/// The bytes of a number, little-endian.
template <class T>
std::string le(T value) {
  std::string out(sizeof value, '\0');
  std::memcpy(out.data(), &value, sizeof value);
  return out;
}
inline std::string u32(std::uint32_t v) { return le(v); }
inline std::string u64(std::uint64_t v) { return le(v); }
inline std::string f32(float v) { return le(v); }

/// [length][header][data_size zero bytes]
inline std::string safetensors(std::string_view header, std::size_t data_size = 0) {
  return u64(header.size()) + std::string(header) + std::string(data_size, '\0');
}

// GGUF: values with their types, as Gguf::key takes them.
inline std::string gguf_text(std::string_view s) { return u64(s.size()) + std::string(s); }
inline std::string of_u32(std::uint32_t v) { return u32(4) + u32(v); }
inline std::string of_f32(float v) { return u32(6) + f32(v); }
inline std::string of_bool(int v) { return u32(7) + std::string(1, static_cast<char>(v)); }
inline std::string of_text(std::string_view v) { return u32(8) + gguf_text(v); }
inline std::string of_texts(const std::vector<std::string>& v) {
  std::string out = u32(9) + u32(8) + u64(v.size());
  for (const auto& s : v) out += gguf_text(s);
  return out;
}
template <class T>
std::string of_numbers(std::uint32_t type, const std::vector<T>& v) {
  std::string out = u32(9) + u32(type) + u64(v.size());
  for (const T x : v) out += le(x);
  return out;
}

/// A GGUF file under construction: right unless told otherwise.
struct GgufFile {
  std::string magic = "GGUF";
  std::uint32_t version = 3;
  std::vector<std::pair<std::string, std::string>> keys;  // name, type and value
  struct Tensor {
    std::string name;
    std::vector<std::uint64_t> extents;  // innermost first, as in the file
    std::uint32_t format = 0;
    std::uint64_t bytes = 0;
    std::int64_t offset = -1;  // −1: the right one
  };
  std::vector<Tensor> tensors;
  std::uint64_t alignment = 32;
  std::int64_t tensor_count = -1, key_count = -1;  // −1: the right ones
  std::string tail;                                // after the data

  GgufFile& key(std::string name, std::string value) {
    keys.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  GgufFile& tensor(Tensor t) {
    tensors.push_back(std::move(t));
    return *this;
  }
  std::uint64_t padded(std::uint64_t n) const {
    return (n + alignment - 1) / alignment * alignment;
  }

  std::string head() const {
    return magic + u32(version) +
           u64(tensor_count < 0 ? tensors.size() : static_cast<std::uint64_t>(tensor_count)) +
           u64(key_count < 0 ? keys.size() : static_cast<std::uint64_t>(key_count));
  }
  std::string build() const {
    std::string out = head();
    for (const auto& [name, value] : keys) out += gguf_text(name) + value;
    std::uint64_t end = 0;
    for (const Tensor& t : tensors) {
      out += gguf_text(t.name) + u32(static_cast<std::uint32_t>(t.extents.size()));
      for (const auto e : t.extents) out += u64(e);
      out += u32(t.format) + u64(t.offset < 0 ? end : static_cast<std::uint64_t>(t.offset));
      end = padded(end + t.bytes);
    }
    if (!tensors.empty()) out.resize(padded(out.size()) + end);
    return out + tail;
  }
};

/// A Llama GGUF of one layer: 2 heads of 8, 4 tokens.
inline GgufFile llama_gguf() {
  GgufFile f;
  f.key("general.architecture", of_text("llama"))
      .key("llama.block_count", of_u32(1))
      .key("llama.attention.head_count", of_u32(2))
      .key("llama.attention.head_count_kv", of_u32(2))
      .tensor({"token_embd.weight", {16, 4}, 0, 256})
      .tensor({"blk.0.attn_q.weight", {16, 16}, 0, 1024});
  return f;
}

inline GgufFile with_tokenizer(GgufFile f) {
  f.key("tokenizer.ggml.model", of_text("gpt2"))
      .key("tokenizer.ggml.pre", of_text("smollm"))
      .key("tokenizer.ggml.tokens", of_texts({"a", "b", "ab", "<s>"}));
  return f;
}

}  // namespace typecase::test
