#include "bad_file.h"
#include "base/limits.h"
#include "checkpoint/test_files.h"

#include <cmath>
#include <limits>

namespace typecase::test {
namespace {

BadFile file(std::string name, std::string bytes) {
  return {std::move(name), {{"m.gguf", std::move(bytes)}}, "m.gguf"};
}
BadFile file(std::string name, const GgufFile& f) { return file(std::move(name), f.build()); }

/// A good file with one more key.
BadFile key(std::string name, std::string k, std::string value) {
  return file(std::move(name), llama_gguf().key(std::move(k), std::move(value)));
}

/// A good file with a tokenizer and one more key.
BadFile tokenizer(std::string name, std::string k, std::string value) {
  return file(std::move(name), with_tokenizer(llama_gguf()).key(std::move(k), std::move(value)));
}

/// A good file with one more tensor.
BadFile tensor(std::string name, GgufFile::Tensor t) {
  return file(std::move(name), llama_gguf().tensor(std::move(t)));
}

GgufFile changed(GgufFile f, const std::function<void(GgufFile&)>& change) {
  change(f);
  return f;
}

/// head, then these bytes: for files that end early.
BadFile cut(std::string name, const std::string& bytes, std::uint64_t tensors, std::uint64_t keys) {
  // Padded at the end of the list so that the counts are believed.
  GgufFile f;
  f.tensor_count = static_cast<std::int64_t>(tensors);
  f.key_count = static_cast<std::int64_t>(keys);
  return file(std::move(name), f.head() + bytes);
}

}  // namespace

std::vector<BadFile> bad_gguf() {
  const std::string good = llama_gguf().build();
  const std::string a = gguf_text("a"), any(40, '\0');
  return {
      file("gguf-empty", ""),
      file("gguf-3-bytes", "GGU"),
      file("gguf-magic-only", "GGUF"),
      file("gguf-magic-of-ggml", "ggml" + std::string(40, '\0')),
      file("gguf-is-html", "<!DOCTYPE html>"),
      file("gguf-is-lfs-pointer", "version https://git-lfs.github.com/spec/v1\n"),
      file("gguf-version-0", changed(llama_gguf(), [](auto& f) { f.version = 0; })),
      file("gguf-version-1", changed(llama_gguf(), [](auto& f) { f.version = 1; })),
      file("gguf-version-4", changed(llama_gguf(), [](auto& f) { f.version = 4; })),
      file("gguf-big-endian", changed(llama_gguf(), [](auto& f) { f.version = 3u << 24; })),
      file("gguf-no-counts", "GGUF" + u32(3)),
      file("gguf-no-key-count", "GGUF" + u32(3) + u64(0)),
      file("gguf-tensor-count-negative", "GGUF" + u32(3) + u64(~0ull) + u64(0)),
      file("gguf-key-count-negative", "GGUF" + u32(3) + u64(0) + u64(~0ull)),
      file("gguf-tensor-count-over-file",
           changed(llama_gguf(), [](auto& f) { f.tensor_count = 1000; })),
      file("gguf-key-count-over-file", changed(llama_gguf(), [](auto& f) { f.key_count = 1000; })),
      file("gguf-tensor-count-over-limit", "GGUF" + u32(3) + u64(limits::kTensors + 1) + u64(0)),
      file("gguf-key-count-over-limit", "GGUF" + u32(3) + u64(0) + u64(limits::kGgufKeys + 1)),
      file("gguf-one-key-too-many", changed(llama_gguf(), [](auto& f) { f.key_count = 5; })),
      file("gguf-one-tensor-too-many", changed(llama_gguf(), [](auto& f) { f.tensor_count = 3; })),
      cut("gguf-key-length-cut", u32(1), 0, 0),
      cut("gguf-key-past-end", u64(100) + any, 0, 1),
      cut("gguf-key-length-huge", u64(~0ull) + any, 0, 1),
      cut("gguf-key-no-type", u64(30) + std::string(30, 'k'), 0, 1),
      cut("gguf-key-no-value", u64(30) + std::string(30, 'k') + u32(4), 0, 1),
      cut("gguf-key-half-value", u64(30) + std::string(30, 'k') + u32(10) + u32(1), 0, 1),
      key("gguf-key-empty", "", of_u32(1)),
      key("gguf-key-twice", "llama.block_count", of_u32(1)),
      key("gguf-key-not-utf8", "\xff", of_u32(1)),
      key("gguf-key-too-long", std::string(limits::kName + 1, 'k'), of_u32(1)),
      key("gguf-type-13", "x", u32(13) + u32(0)),
      key("gguf-type-huge", "x", u32(~0u) + u32(0)),
      key("gguf-bool-2", "x", of_bool(2)),
      key("gguf-bool-255", "x", of_bool(255)),
      key("gguf-bools-3", "x", u32(9) + u32(7) + u64(3) + std::string("\1\0\3", 3)),
      key("gguf-string-past-end", "x", u32(8) + u64(1 << 20)),
      key("gguf-string-length-huge", "x", u32(8) + u64(~0ull)),
      key("gguf-string-not-utf8", "x", of_text("ab\xc3(")),
      key("gguf-string-surrogate", "x", of_text("\xed\xa0\x80")),
      key("gguf-array-of-arrays", "x", u32(9) + u32(9) + u64(1) + u32(9)),
      key("gguf-array-type-13", "x", u32(9) + u32(13) + u64(1)),
      key("gguf-array-over-file", "x", u32(9) + u32(10) + u64(1000)),
      key("gguf-array-over-limit", "x", u32(9) + u32(0) + u64(limits::kGgufArray + 1)),
      key("gguf-array-length-huge", "x", u32(9) + u32(8) + u64(~0ull)),
      key("gguf-array-strings-lie", "x", u32(9) + u32(8) + u64(2) + u64(1) + "a" + u64(1 << 30)),
      key("gguf-alignment-0", "general.alignment", of_u32(0)),
      key("gguf-alignment-24", "general.alignment", of_u32(24)),
      key("gguf-alignment-huge", "general.alignment", of_u32(1u << 31)),
      key("gguf-alignment-text", "general.alignment", of_text("32")),
      key("gguf-alignment-uint64", "general.alignment", u32(10) + u64(32)),
      key("gguf-alignment-not-kept", "general.alignment", of_u32(1 << 10)),
      tensor("gguf-tensor-name-empty", {"", {32}, 0, 128}),
      tensor("gguf-tensor-name-twice", {"token_embd.weight", {32}, 0, 128}),
      tensor("gguf-tensor-name-not-utf8", {"\x80", {32}, 0, 128}),
      tensor("gguf-tensor-name-too-long", {std::string(limits::kName + 1, 't'), {32}, 0, 128}),
      tensor("gguf-tensor-no-dimensions", {"x", {}, 0, 4}),
      tensor("gguf-tensor-5-dimensions", {"x", {1, 1, 1, 1, 1}, 0, 4}),
      tensor("gguf-tensor-extent-0", {"x", {32, 0}, 0, 0}),
      tensor("gguf-tensor-extent-negative", {"x", {~0ull}, 0, 0}),
      tensor("gguf-tensor-extent-2-to-63", {"x", {1ull << 63}, 0, 0}),
      tensor("gguf-tensor-overflow", {"x", {1ull << 62, 1ull << 62}, 0, 0}),
      tensor("gguf-tensor-wraps-to-0", {"x", {1ull << 32, 1ull << 32}, 0, 0}),
      tensor("gguf-tensor-bytes-overflow", {"x", {1ull << 62}, 0, 0}),
      tensor("gguf-tensor-half-block", {"x", {16}, 2, 18}),
      tensor("gguf-tensor-half-superblock", {"x", {128}, 12, 144}),
      tensor("gguf-tensor-format-4", {"x", {32}, 4, 20}),
      tensor("gguf-tensor-format-99", {"x", {32}, 99, 20}),
      tensor("gguf-tensor-format-iq1-s", {"x", {256}, 19, 50}),
      tensor("gguf-tensor-format-mxfp4", {"x", {32}, 39, 17}),
      tensor("gguf-tensor-format-tq1-0", {"x", {256}, 34, 54}),
      tensor("gguf-tensor-offset-unaligned", {"x", {32}, 0, 128, 1281}),
      tensor("gguf-tensor-overlaps", {"x", {32}, 0, 128, 0}),
      tensor("gguf-tensor-leaves-hole", {"x", {32}, 0, 128, 1312}),
      tensor("gguf-tensor-offset-huge", {"x", {32}, 0, 128, INT64_MAX - 31}),
      tensor("gguf-tensor-larger-than-file", {"x", {1ull << 40}, 0, 0}),
      tensor("gguf-tensor-past-end", {"x", {512}, 0, 128}),
      file("gguf-data-cut-off", good.substr(0, good.size() - 1)),
      file("gguf-data-missing", good.substr(0, good.size() - 1280)),
      file("gguf-list-cut-off", good.substr(0, 240)),
      file("gguf-bytes-left-over", good + std::string(32, '\0')),
      file("gguf-no-architecture", GgufFile().key("x", of_u32(1))),
      file("gguf-architecture-number", GgufFile().key("general.architecture", of_u32(1))),
      file("gguf-architecture-unknown", GgufFile().key("general.architecture", of_text("clip"))),
      key("gguf-split", "split.count", u32(2) + le<std::uint16_t>(3)),
      key("gguf-split-text", "split.count", of_text("3")),
      key("gguf-config-text", "llama.context_length", of_text("4096")),
      key("gguf-config-bool", "llama.context_length", of_bool(1)),
      key("gguf-config-array", "llama.feed_forward_length", of_numbers<std::uint32_t>(4, {64, 64})),
      key("gguf-config-array-empty", "llama.feed_forward_length", of_numbers<std::uint32_t>(4, {})),
      key("gguf-config-uint64", "llama.vocab_size", u32(10) + u64(~0ull)),
      key("gguf-config-nan", "llama.rope.freq_base", of_f32(std::nanf(""))),
      file("gguf-heads-0", changed(llama_gguf(), [](auto& f) { f.keys[2].second = of_u32(0); })),
      file("gguf-heads-odd", changed(llama_gguf(), [](auto& f) { f.keys[2].second = of_u32(3); })),
      key("gguf-tokenizer-no-tokens", "tokenizer.ggml.model", of_text("gpt2")),
      key("gguf-tokenizer-model-number", "tokenizer.ggml.model", of_u32(1)),
      key("gguf-tokenizer-no-model", "tokenizer.ggml.tokens", of_texts({"a"})),
      file("gguf-tokenizer-tokens-numbers",
           llama_gguf()
               .key("tokenizer.ggml.model", of_text("gpt2"))
               .key("tokenizer.ggml.tokens", of_numbers<std::uint32_t>(4, {1}))),
      file("gguf-tokenizer-tokens-text", llama_gguf()
                                             .key("tokenizer.ggml.model", of_text("gpt2"))
                                             .key("tokenizer.ggml.tokens", of_text("a"))),
      file(
          "gguf-tokenizer-token-too-long",
          llama_gguf()
              .key("tokenizer.ggml.model", of_text("gpt2"))
              .key("tokenizer.ggml.tokens", of_texts({"a", std::string(limits::kToken + 1, 't')}))),
      file("gguf-tokenizer-pre-number", llama_gguf()
                                            .key("tokenizer.ggml.model", of_text("gpt2"))
                                            .key("tokenizer.ggml.pre", of_u32(1))
                                            .key("tokenizer.ggml.tokens", of_texts({"a"}))),
      tokenizer("gguf-tokenizer-scores-short", "tokenizer.ggml.scores",
                of_numbers<float>(6, {0, 0})),
      tokenizer("gguf-tokenizer-scores-doubles", "tokenizer.ggml.scores",
                of_numbers<double>(12, {0, 0, 0, 0})),
      tokenizer("gguf-tokenizer-score-nan", "tokenizer.ggml.scores",
                of_numbers<float>(6, {0, 0, std::nanf(""), 0})),
      tokenizer("gguf-tokenizer-types-long", "tokenizer.ggml.token_type",
                of_numbers<std::int32_t>(5, {1, 1, 1, 1, 1})),
      tokenizer("gguf-tokenizer-types-text", "tokenizer.ggml.token_type",
                of_texts({"1", "1", "1", "1"})),
      tokenizer("gguf-tokenizer-type-0", "tokenizer.ggml.token_type",
                of_numbers<std::int32_t>(5, {1, 1, 0, 1})),
      tokenizer("gguf-tokenizer-type-7", "tokenizer.ggml.token_type",
                of_numbers<std::int32_t>(5, {1, 1, 1, 7})),
      tokenizer("gguf-tokenizer-merges-numbers", "tokenizer.ggml.merges",
                of_numbers<std::int32_t>(5, {1})),
      tokenizer("gguf-tokenizer-bos-beyond", "tokenizer.ggml.bos_token_id", of_u32(4)),
      tokenizer("gguf-tokenizer-eos-negative", "tokenizer.ggml.eos_token_id",
                u32(5) + le<std::int32_t>(-1)),
      tokenizer("gguf-tokenizer-pad-text", "tokenizer.ggml.padding_token_id", of_text("0")),
      tokenizer("gguf-tokenizer-unknown-float", "tokenizer.ggml.unknown_token_id", of_f32(0)),
      tokenizer("gguf-tokenizer-add-bos-number", "tokenizer.ggml.add_bos_token", of_u32(1)),
      tokenizer("gguf-tokenizer-template-number", "tokenizer.chat_template", of_u32(1)),
  };
}

}  // namespace typecase::test
