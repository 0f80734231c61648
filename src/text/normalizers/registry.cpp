#include "text/normalizers/normalizer.h"

namespace typecase {
namespace {

using Maker = std::unique_ptr<Normalizer> (*)(const ConfigValue&);

constexpr std::pair<std::string_view, Maker> kNormalizers[] = {
    {"BertNormalizer", make_bert_normalizer},
    {"ByteLevel", make_byte_level_normalizer},
    {"Lowercase", make_lowercase},
    {"NFC", make_nfc},
    {"NFD", make_nfd},
    {"NFKC", make_nfkc},
    {"NFKD", make_nfkd},
    {"Nmt", make_nmt},
    {"Precompiled", make_precompiled},
    {"Prepend", make_prepend},
    {"Replace", make_replace},
    {"Sequence", make_normalizer_sequence},
    {"Strip", make_strip},
    {"StripAccents", make_strip_accents},
};

}  // namespace

std::unique_ptr<Normalizer> make_normalizer(const ConfigValue& config) {
  const auto type = config.at("type");
  for (const auto& [name, make] : kNormalizers) {
    if (type.text() == name) return make(config);
  }
  throw type.error(Code::unsupported, "the normalizer " + quote(type.text()) + " is not supported");
}

}  // namespace typecase
