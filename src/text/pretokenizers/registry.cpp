#include "text/pretokenizers/pretokenizer.h"

namespace typecase {
namespace {

using Maker = std::unique_ptr<PreTokenizer> (*)(const ConfigValue&);

constexpr std::pair<std::string_view, Maker> kPreTokenizers[] = {
    {"ByteLevel", make_byte_level},
    {"Digits", make_digits},
    {"Sequence", make_pre_tokenizer_sequence},
    {"Split", make_split},
};

}  // namespace

std::unique_ptr<PreTokenizer> make_pre_tokenizer(const ConfigValue& config) {
  const auto type = config.at("type");
  for (const auto& [name, make] : kPreTokenizers) {
    if (type.text() == name) return make(config);
  }
  throw type.error(Code::unsupported,
                   "the pre-tokenizer " + quote(type.text()) + " is not supported");
}

}  // namespace typecase
