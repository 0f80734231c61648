/// A SentencePiece model file: any bytes end in a tokenizer or an Error. One that can be built
/// encodes and decodes without harm, at once and as a stream.
#include "text/sentencepiece.h"

#include <typecase/error.h>
#include <typecase/stream_decoder.h>
#include <typecase/utf8.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace typecase;

void use(const SentencePiece& file, std::string_view declared) {
  TokenizerParts parts = sentencepiece_parts(file, declared);
  add_sentencepiece_tokens(file, declared, parts);
  const Tokenizer tokenizer = make_tokenizer(std::move(parts));
  const std::string text = "  the rain, in\tSpain \u2581 <s> \u4E2D\U0001F600 e\u0301";
  try {
    const auto encoding = tokenizer.encode(text, {.offsets = true});
    if (tokenizer.encode_ids(text) != encoding.ids) std::abort();
    const std::string back = tokenizer.decode(encoding.ids);
    if (first_invalid_utf8(back)) std::abort();
    StreamDecoder decoder(tokenizer);
    std::string streamed;
    for (const TokenId id : encoding.ids) streamed += decoder.push(id);
    if (streamed + decoder.finish() != back) std::abort();
  } catch (const Error& error) {
    if (error.code() != Code::invalid_argument) std::abort();  // text that has no tokens
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  SentencePiece file;
  try {
    file = parse_sentencepiece({reinterpret_cast<const char*>(data), size});
  } catch (const Error& error) {
    if (!error.place().offset) std::abort();
    return 0;
  }
  for (const char* declared : {"", "LlamaTokenizer", "GemmaTokenizer", "T5Tokenizer"}) {
    try {
      use(file, declared);
    } catch (const Error&) {
    }
  }
  return 0;
}
