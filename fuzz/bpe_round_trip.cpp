/// Text through small byte-level tokenizers and back: decoding what was encoded gives the text,
/// offsets tile it, and the stream decoder agrees with the batch for every split.
#include "base/utf8.h"
#include "text/byte_alphabet.h"
#include "text/tokenizer_json.h"

#include <typecase/error.h>
#include <typecase/stream_decoder.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace typecase;

/// All bytes, and a few merges that make tokens of several letters and of half characters.
Tokenizer make(const std::string& pre_tokenizer) {
  std::string vocabulary, merges;
  int next = 0;
  const auto add = [&](const std::string& token) {
    if (next > 0) vocabulary += ", ";
    append_json_string(vocabulary, token);
    vocabulary += ": " + std::to_string(next++);
  };
  for (int byte = 0; byte < 256; ++byte) {
    const char raw = static_cast<char>(byte);
    add(byte_alphabet::spell({&raw, 1}));
  }
  const auto merge = [&](const std::string& left, const std::string& right) {
    const auto a = byte_alphabet::spell(left), b = byte_alphabet::spell(right);
    add(a + b);
    if (!merges.empty()) merges += ", ";
    append_json_string(merges, a + " " + b);
  };
  merge("a", "a");
  merge("a", "b");
  merge("aa", "ab");
  merge(" ", "a");
  merge("\xC3", "\xA9");
  merge("\xF0", "\x9F");
  merge("\xF0\x9F", "\x98");
  merge("1", "2");
  merge("\n", "\n");
  merge(" ", " ");
  return make_tokenizer(parse_tokenizer_json(
      R"({"added_tokens": [{"id": 0, "content": "<s>", "single_word": false, "lstrip": false,
          "rstrip": false, "normalized": false, "special": true}], "normalizer": null,
          "pre_tokenizer": )" +
      pre_tokenizer +
      R"(, "post_processor": null, "decoder": {"type": "ByteLevel", "add_prefix_space": true,
          "trim_offsets": true, "use_regex": true}, "model": {"type": "BPE", "vocab": {)" +
      vocabulary + R"(}, "merges": [)" + merges + "]}}"));
}

void check(const Tokenizer& tokenizer, const std::string& text) {
  const auto encoding = tokenizer.encode(text, {.offsets = true});
  if (tokenizer.encode_ids(text) != encoding.ids) std::abort();
  if (tokenizer.decode(encoding.ids) != text) std::abort();
  std::uint32_t end = 0;
  for (const Offsets at : encoding.offsets) {
    // A token may begin inside the character in which the one before ended.
    if (at.begin > end || at.begin + 1 < end || at.end < end) std::abort();
    end = at.end;
  }
  if (end != count_code_points(text)) std::abort();
}

void check_stream(const Tokenizer& tokenizer, const std::uint8_t* data, std::size_t size) {
  Tokens ids;
  for (std::size_t i = 0; i < size; ++i) ids.push_back(data[i] + (i % 5 == 0 ? 16 : 0));
  StreamDecoder decoder(tokenizer);
  std::string streamed;
  for (const TokenId id : ids) {
    const auto piece = decoder.push(id);
    if (first_invalid_utf8(piece)) std::abort();
    streamed += piece;
  }
  if (streamed + decoder.finish() != tokenizer.decode(ids)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Tokenizer kGpt2 = make(
      R"({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true})");
  static const Tokenizer kLlama3 = make(
      R"({"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex":
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},
      "behavior": "Isolated", "invert": false}, {"type": "ByteLevel", "add_prefix_space": false,
      "trim_offsets": true, "use_regex": false}]})");
  const std::string text = replace_invalid_utf8({reinterpret_cast<const char*>(data), size});
  check(kGpt2, text);
  check(kLlama3, text);
  check_stream(kGpt2, data, size);
  return 0;
}
