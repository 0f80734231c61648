#pragma once

// The structure-aware mutator of the GGUF target: take apart, change one thing, put together.

#include "base/byte_reader.h"
#include "checkpoint/gguf_types.h"

#include <algorithm>
#include <bit>
#include <cstring>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace gguf_mutator {

using typecase::ByteReader;
using typecase::GgufType;

constexpr std::size_t kMostParts = 64;

struct Field {
  std::string key;
  std::uint32_t type = 8, element = 8;  // string
  std::vector<std::string> elements;    // bytes of each
};
struct TensorField {
  std::string name;
  std::vector<std::uint64_t> extents{32};
  std::uint32_t format = 0;
};
struct File {
  std::uint32_t version = 3;
  std::vector<Field> fields;
  std::vector<TensorField> tensors;
};

inline std::string text(ByteReader& in) {
  return std::string(in.text(in.read<std::uint64_t>("length"), "text"));
}

inline std::string value(ByteReader& in, std::uint32_t type) {
  if (type == 8) return text(in);
  if (type >= typecase::kGgufTypes) throw typecase::Error(typecase::Code::failed, "type");
  return std::string(in.text(typecase::scalar_size(static_cast<GgufType>(type)), "value"));
}

/// As far as the bytes make sense.
inline File taken_apart(ByteReader in) {
  File out;
  try {
    in.read<std::uint32_t>("magic");
    out.version = in.read<std::uint32_t>("version");
    const auto tensors = std::min<std::uint64_t>(in.read<std::uint64_t>("tensors"), kMostParts);
    const auto keys = std::min<std::uint64_t>(in.read<std::uint64_t>("keys"), kMostParts);
    for (std::uint64_t i = 0; i < keys; ++i) {
      Field f;
      f.key = text(in);
      f.type = f.element = in.read<std::uint32_t>("type");
      std::uint64_t n = 1;
      if (f.type == 9) {
        f.element = in.read<std::uint32_t>("element");
        n = std::min<std::uint64_t>(in.read<std::uint64_t>("count"), 4 * kMostParts);
      }
      for (std::uint64_t k = 0; k < n; ++k) f.elements.push_back(value(in, f.element));
      out.fields.push_back(std::move(f));
    }
    for (std::uint64_t i = 0; i < tensors; ++i) {
      TensorField t;
      t.name = text(in);
      t.extents.resize(std::min(in.read<std::uint32_t>("rank"), 6u));
      for (auto& e : t.extents) e = in.read<std::uint64_t>("extent");
      t.format = in.read<std::uint32_t>("format");
      in.read<std::uint64_t>("offset");
      out.tensors.push_back(std::move(t));
    }
  } catch (const typecase::Error&) {
  }
  return out;
}

template <class T>
void append(std::string& out, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}
inline void append_text(std::string& out, const std::string& s) {
  append<std::uint64_t>(out, s.size());
  out += s;
}

inline std::uint64_t alignment_of(const File& file) {
  for (const Field& f : file.fields) {
    if (f.key != "general.alignment" || f.elements.empty() || f.elements[0].size() != 4) continue;
    std::uint32_t a;
    std::memcpy(&a, f.elements[0].data(), sizeof a);
    if (std::has_single_bit(a) && a <= 4096) return a;
  }
  return 32;
}

inline std::uint64_t bytes_of(const TensorField& t) {
  const auto* format = typecase::ggml_format(t.format);
  if (format == nullptr || !format->dtype) return 0;
  std::uint64_t n = 1;
  for (const auto e : t.extents) {
    if (__builtin_mul_overflow(n, e, &n)) return 0;
  }
  const auto& d = typecase::traits(*format->dtype);
  n = n / d.block_size;
  return n > 1 << 16 ? 0 : n * d.block_bytes;
}

inline std::string put_together(const File& file) {
  std::string out = "GGUF";
  append(out, file.version);
  append<std::uint64_t>(out, file.tensors.size());
  append<std::uint64_t>(out, file.fields.size());
  for (const Field& f : file.fields) {
    append_text(out, f.key);
    append(out, f.type);
    if (f.type == 9) {
      append(out, f.element);
      append<std::uint64_t>(out, f.elements.size());
    }
    for (const auto& e : f.elements) f.element == 8 ? append_text(out, e) : void(out += e);
  }
  const std::uint64_t alignment = alignment_of(file);
  const auto padded = [&](std::uint64_t n) { return (n + alignment - 1) / alignment * alignment; };
  std::uint64_t end = 0;
  for (const TensorField& t : file.tensors) {
    append_text(out, t.name);
    append<std::uint32_t>(out, static_cast<std::uint32_t>(t.extents.size()));
    for (const auto e : t.extents) append(out, e);
    append(out, t.format);
    append(out, end);
    end = padded(end + bytes_of(t));
  }
  if (!file.tensors.empty()) out.resize(padded(out.size()) + end, '\0');
  return out;
}

inline void mutate(std::string& s, std::size_t most = 48) {
  std::vector<std::uint8_t> bytes(std::max(s.size() + 8, most));
  std::copy(s.begin(), s.end(), bytes.begin());
  const std::size_t n = LLVMFuzzerMutate(bytes.data(), s.size(), bytes.size());
  s.assign(reinterpret_cast<const char*>(bytes.data()), n);
}
template <class T>
void mutate_number(T& number) {
  LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(&number), sizeof number, sizeof number);
}

inline void change_field(Field& f, std::uint32_t how, std::uint32_t pick) {
  if (how == 0) return mutate(f.key);
  if (how == 1) {
    f.type = pick % 14;
    f.element = f.type == 9 ? pick / 14 % 13 : f.type;
  } else if (how == 2 && !f.elements.empty()) {
    f.elements.push_back(f.elements[pick % f.elements.size()]);
    f.type = 9;
  } else if (how == 3 && f.elements.size() > 1) {
    f.elements.pop_back();
  } else if (!f.elements.empty()) {
    mutate(f.elements[pick % f.elements.size()]);
  }
  if (f.element == 8 || f.element >= typecase::kGgufTypes) return;
  for (auto& e : f.elements) e.resize(typecase::scalar_size(static_cast<GgufType>(f.element)));
}

inline void change_tensor(TensorField& t, std::uint32_t how, std::uint32_t pick) {
  if (how == 0) return mutate(t.name);
  if (how == 1) t.format = pick % 44;
  if (how == 2) t.extents.push_back(pick % 4);
  if (how == 3 && !t.extents.empty()) t.extents.pop_back();
  if (how == 4 && !t.extents.empty()) t.extents[pick % t.extents.size()] = 32 * (pick % 17);
  if (how >= 5 && !t.extents.empty()) mutate_number(t.extents[pick % t.extents.size()]);
}

template <class T>
void copy_or_drop(std::vector<T>& v, std::uint32_t pick) {
  const auto at = v.begin() + static_cast<std::ptrdiff_t>(pick % v.size());
  if (pick / 1024 % 2 == 0) {
    v.erase(at);
  } else {
    v.push_back(T(*at));
  }
}

inline void change(File& file, std::uint32_t seed) {
  constexpr const char* kKeys[] = {"general.architecture",  "general.alignment",
                                   "tokenizer.ggml.model",  "tokenizer.ggml.tokens",
                                   "tokenizer.ggml.scores", "tokenizer.ggml.token_type",
                                   "tokenizer.ggml.merges", "tokenizer.ggml.bos_token_id",
                                   "llama.block_count",     "split.count"};
  const std::uint32_t what = seed % 8, how = seed / 8 % 8, pick = seed / 64;
  if (what == 0) {
    file.fields.push_back({kKeys[pick % std::size(kKeys)], 4, 4, {std::string(4, '\1')}});
  } else if (what == 1 && !file.fields.empty()) {
    copy_or_drop(file.fields, pick);
  } else if (what == 2 && !file.tensors.empty()) {
    copy_or_drop(file.tensors, pick);
  } else if (what == 3) {
    file.tensors.push_back({"blk.0.attn_q.weight", {32}, pick % 31});
  } else if (what <= 5 && !file.tensors.empty()) {
    change_tensor(file.tensors[pick % file.tensors.size()], how, pick / 8);
  } else if (!file.fields.empty()) {
    change_field(file.fields[pick % file.fields.size()], how, pick / 8);
  }
}

}  // namespace gguf_mutator

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned int seed) {
  using namespace gguf_mutator;
  if (seed % 4 == 0) return LLVMFuzzerMutate(data, size, most);
  File file = taken_apart(ByteReader(std::as_bytes(std::span(data, size))));
  change(file, seed / 4);
  const std::string out = put_together(file);
  if (out.size() > most) return LLVMFuzzerMutate(data, size, most);
  std::memcpy(data, out.data(), out.size());
  return out.size();
}
