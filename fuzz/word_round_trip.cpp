/// Text through small Unigram and WordPiece tokenizers: at once and with offsets the same ids,
/// offsets in order and inside the text, tokens that exist, and the stream decoder equal to the
/// batch.
#include "base/utf8.h"
#include "text/tokenizer_json.h"

#include <typecase/stream_decoder.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace typecase;

Tokenizer make(const std::string& parts) {
  return make_tokenizer(parse_tokenizer_json(
      R"({"added_tokens": [{"id": 0, "content": "<s>", "single_word": false, "lstrip": true,
          "rstrip": false, "normalized": false, "special": true}], "post_processor": null, )" +
      parts + "}"));
}

Tokenizer make_unigram(bool byte_fallback) {
  std::string vocab =
      R"(["<unk>", 0], ["<s>", 0], ["▁", -2], ["a", -3], ["b", -3.5], ["ab", -4], ["▁a", -3.25],
         ["aa", -5], ["é", -4], ["中", -4.5], ["▁▁", -4], ["1", -3], ["bab", -4.75])";
  for (int byte = 0; byte < 256 && byte_fallback; ++byte) {
    constexpr char kHex[] = "0123456789ABCDEF";
    vocab += std::string(", [\"<0x") + kHex[byte >> 4] + kHex[byte & 15] + ">\", -9]";
  }
  return make(
      R"("normalizer": {"type": "NFKC"}, "pre_tokenizer": {"type": "Metaspace", "replacement": "▁",
         "prepend_scheme": "first", "split": true}, "decoder": {"type": "Sequence", "decoders": [
         {"type": "ByteFallback"}, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first",
         "split": true}]}, "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": )" +
      std::string(byte_fallback ? "true" : "false") + ", \"vocab\": [" + vocab + "]}");
}

Tokenizer make_wordpiece() {
  return make(
      R"("normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
         "strip_accents": null, "lowercase": true}, "pre_tokenizer": {"type": "BertPreTokenizer"},
         "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true}, "model": {"type":
         "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
         "max_input_chars_per_word": 20, "vocab": {"[UNK]": 0, "a": 1, "##a": 2, "b": 3, "##b": 4,
         "ab": 5, "##ab": 6, "e": 7, "##e": 8, ".": 9, "'": 10, "s": 11, "中": 12, "1": 13}})");
}

void check(const Tokenizer& tokenizer, const std::string& text) {
  const auto encoding = tokenizer.encode(text, {.offsets = true});
  if (tokenizer.encode_ids(text) != encoding.ids) std::abort();
  if (tokenizer.encode_ids(text) != encoding.ids) std::abort();  // from the workspace's memory
  const auto length = count_code_points(text);
  for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
    if (!tokenizer.token_of(encoding.ids[i])) std::abort();
    if (encoding.offsets[i].begin > encoding.offsets[i].end) std::abort();
    if (encoding.offsets[i].end > length) std::abort();
  }
  StreamDecoder decoder(tokenizer);
  std::string streamed;
  for (const TokenId id : encoding.ids) {
    const auto piece = decoder.push(id);
    if (first_invalid_utf8(piece)) std::abort();
    streamed += piece;
  }
  if (streamed + decoder.finish() != tokenizer.decode(encoding.ids)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Tokenizer kTokenizers[] = {make_unigram(false), make_unigram(true),
                                          make_wordpiece()};
  const std::string text = replace_invalid_utf8({reinterpret_cast<const char*>(data), size});
  for (const Tokenizer& tokenizer : kTokenizers) check(tokenizer, text);
  return 0;
}
