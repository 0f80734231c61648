/// tiktoken ranks, tekken.json and vocab.txt (the first byte says which): any bytes end in a
/// tokenizer or an Error. Ranks that hold every byte give back every text.
#include "text/byte_ranks.h"

#include <typecase/error.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace typecase;

void use(TokenizerParts parts) {
  const Tokenizer tokenizer = make_tokenizer(std::move(parts));
  const std::string text = "aaaaabab 12345 \u00E9\U0001F600\n\n it's";
  const Tokens ids = tokenizer.encode_ids(text);
  if (tokenizer.encode(text, {.offsets = true}).ids != ids) std::abort();
  for (const TokenId id : ids) {
    if (!tokenizer.token_of(id)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view file(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0] % 3) {
      case 0:
        use(tiktoken_parts(file));
        break;
      case 1:
        use(parse_tekken(file));
        break;
      default: {
        const Vocabulary vocabulary = parse_vocab_txt(file);
        for (std::size_t id = 0; id < vocabulary.end(); ++id) {
          const auto token = static_cast<TokenId>(id);
          if (vocabulary.find(vocabulary.at(token)) != token) std::abort();
        }
      }
    }
  } catch (const Error&) {
  }
  return 0;
}
