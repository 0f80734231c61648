/// MarianTokenizer over any SentencePiece model: its pieces, one in three left out, are the
/// vocabulary. It ends in a tokenizer or an Error; one that can be built encodes and decodes
/// without harm, at once and as a stream, the model's own pieces among the text.
#include "text/marian.h"

#include <typecase/error.h>
#include <typecase/stream_decoder.h>
#include <typecase/utf8.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace typecase;

constexpr std::size_t kMostText = 512;  // bytes of the pieces' own texts

Tokenizer build(const SentencePiece& file, std::string& text) {
  Vocabulary vocabulary;
  TokenId next = 0;
  for (const char* token : {"</s>", "<unk>", ">>fra<<", "<pad>"}) vocabulary.add(token, next++);
  for (std::size_t i = 0; i < file.pieces.size(); ++i) {
    const std::string& piece = file.pieces[i].text;
    if (text.size() + piece.size() < kMostText) text += piece + (i % 4 == 0 ? " " : "");
    if (i % 3 != 0 && vocabulary.add(piece, next)) ++next;
  }
  FolderFiles made = marian_files(file, std::move(vocabulary), "<unk>");
  for (const char* token : {"</s>", "<unk>", "<pad>"}) {
    made.parts.added.add({.content = token, .normalized = false, .special = true},
                         *made.parts.model);
  }
  made.finish(made.parts);
  return make_tokenizer(std::move(made.parts));
}

void use(const Tokenizer& tokenizer, const std::string& text) {
  const auto encoding = tokenizer.encode(text, {.offsets = true});
  if (tokenizer.encode_ids(text) != encoding.ids) std::abort();
  for (const bool skip : {false, true}) {
    const std::string back = tokenizer.decode(encoding.ids, {.skip_special_tokens = skip});
    if (first_invalid_utf8(back)) std::abort();
  }
  StreamDecoder decoder(tokenizer);
  std::string streamed;
  for (const TokenId id : encoding.ids) streamed += decoder.push(id);
  if (streamed + decoder.finish() != tokenizer.decode(encoding.ids)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    std::string text = ">>fra<<  the rain, in\tSpain \u2581 </s> \u4E2D\U0001F600 e\u0301 ";
    const Tokenizer tokenizer =
        build(parse_sentencepiece({reinterpret_cast<const char*>(data), size}), text);
    use(tokenizer, text);
    use(tokenizer, "");
  } catch (const Error& error) {
    if (error.code() == Code::invalid_argument) std::abort();  // any text has tokens here
  }
  return 0;
}
