/// Gguf::parse and everything made of its metadata: any bytes end in an Error or in a file whose
/// tensors lie inside it, one after the other, and whose tokenizer keeps its promises.
///
/// The mutator takes the file apart, changes one key, value or tensor, and writes it again with
/// right lengths, counts and offsets; sometimes it flips plain bytes.
#include "checkpoint/gguf.h"

#include "ask.h"
#include "base/utf8.h"
#include "checkpoint/gguf_config.h"
#include "checkpoint/gguf_names.h"

#include <typecase/error.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace typecase;
using fuzz::ask, fuzz::expect;

void check_tensors(const Gguf& file, std::size_t size) {
  std::uint64_t end = 0;
  for (const auto& t : file.tensors()) {
    expect(t.begin >= end && t.end > t.begin && t.end <= size);
    const auto& d = traits(t.dtype);
    std::uint64_t elements = 1;
    for (const auto extent : t.shape) elements *= static_cast<std::uint64_t>(extent);
    expect(elements / d.block_size * d.block_bytes == t.end - t.begin);
    end = t.end;
    hugging_face_name(gguf_names("llama"), t.name);
  }
}

void check_tokenizer(const Gguf& file) {
  const GgufTokenizer t = tokenizer_from_gguf(file);
  expect(t.scores.empty() || t.scores.size() == t.tokens.size());
  expect(t.token_types.empty() || t.token_types.size() == t.tokens.size());
  for (const auto& token : t.tokens) expect(!first_invalid_utf8(token));
  if (t.bos_token_id) expect(static_cast<std::size_t>(*t.bos_token_id) < t.tokens.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const Gguf file = Gguf::parse(std::as_bytes(std::span(data, size)));
    check_tensors(file, size);
    metadata_of(file);
    std::vector<std::string> warnings;
    ask([&] { config_from_gguf(file, warnings); });
    check_tokenizer(file);
  } catch (const Error&) {
  }
  return 0;
}

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#include "gguf_mutator.h"
#endif
