/// The module files of sentence-transformers: any JSON ends in an Error, or in modules whose paths
/// stay in the folder and at least one pooling.
#include "engine/sentence_modules.h"

#include "ask.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace typecase;
  using fuzz::ask, fuzz::expect;
  ask([&] {
    const Json json =
        Json::parse({reinterpret_cast<const char*>(data), size}, {.duplicate_keys = true});
    ask([&] {
      for (const SentenceModule& module : sentence_modules(json, "modules.json")) {
        expect(module.path.find("..") == std::string::npos && !module.path.starts_with('/'));
      }
    });
    ask([&] { expect(!pooling_modes(json, "config.json").empty()); });
  });
  return 0;
}
