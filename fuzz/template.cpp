/// Chat templates: any source ends in a text or an Error, within its limits, and what it renders is
/// valid UTF-8 with spans that lie in it, in order.
#include <typecase/chat.h>
#include <typecase/error.h>
#include <typecase/utf8.h>

#include <cstdint>
#include <cstdlib>

namespace {

typecase::ChatRequest request() {
  typecase::ChatRequest out;
  out.messages = typecase::Json::parse(
      R"([{"role": "system", "content": "s"}, {"role": "user", "content": "é <|x|> {{ 1 }}"},)"
      R"( {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": {"a": [1, 2.5, null, true]}}}]}])");
  out.tools = typecase::Json::parse(R"([{"type": "function", "function": {"name": "f"}}])");
  out.add_generation_prompt = true;
  out.now = typecase::ClockTime{};
  // Small limits, so that an execution costs little: what the default ones hold is tested beside
  // the interpreter.
  out.limits = {.steps = 4'000,
                .output = 1u << 16,
                .memory = 1u << 20,
                .string = 1u << 16,
                .list = 1u << 12,
                .seconds = 5};
  return out;
}

void check(const typecase::RenderedText& out) {
  if (typecase::first_invalid_utf8(out.text)) std::abort();
  std::size_t at = 0;
  for (const typecase::ByteSpan& span : out.caller_spans) {
    if (span.begin < at || span.begin >= span.end || span.end > out.text.size()) std::abort();
    at = span.end;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLongest = 1024;  // longer ones only repeat what shorter ones do
  if (size > kLongest) return -1;         // and are kept out of the corpus
  static const typecase::ChatRequest chat = request();
  try {
    check(typecase::ChatTemplate::parse({reinterpret_cast<const char*>(data), size}).render(chat));
  } catch (const typecase::Error&) {
  }
  return 0;
}
