/// Json::parse: any bytes end in a value or an Error, and what was parsed prints and parses again.
#include <typecase/error.h>
#include <typecase/json.h>

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto value =
        typecase::Json::parse({reinterpret_cast<const char*>(data), size}, {.depth = 64});
    const auto text = value.dump();
    // Equal as text: numbers may change type once (an integer over 64 bits), never twice.
    if (typecase::Json::parse(text).dump() != text) std::abort();
  } catch (const typecase::Error&) {
  }
  return 0;
}
