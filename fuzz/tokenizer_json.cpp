/// A tokenizer.json: any bytes end in a tokenizer or an Error, and a tokenizer can be used.
#include "text/tokenizer_json.h"

#include <typecase/error.h>

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace typecase;
  try {
    const Tokenizer tokenizer =
        make_tokenizer(parse_tokenizer_json({reinterpret_cast<const char*>(data), size}));
    const auto encoding = tokenizer.encode("a <mask> 12\n é'ſ  b", {.offsets = true});
    if (encoding.tokens.size() != encoding.ids.size()) std::abort();
    if (encoding.offsets.size() != encoding.ids.size()) std::abort();
    (void)tokenizer.decode(encoding.ids);
    if (tokenizer.encode_ids("a <mask> 12\n é'ſ  b") != encoding.ids) std::abort();
  } catch (const Error&) {
  }
  return 0;
}
