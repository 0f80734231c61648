#include "text/pretokenizers/pretokenizer.h"

namespace typecase {
namespace {

using Maker = std::unique_ptr<PreTokenizer> (*)(const ConfigValue&);

constexpr std::pair<std::string_view, Maker> kPreTokenizers[] = {
    {"BertPreTokenizer", make_bert_pre_tokenizer},
    {"ByteLevel", make_byte_level},
    {"CharDelimiterSplit", make_char_delimiter_split},
    {"Digits", make_digits},
    {"FixedLength", make_fixed_length},
    {"Metaspace", make_metaspace},
    {"Punctuation", make_punctuation},
    {"Sequence", make_pre_tokenizer_sequence},
    {"Split", make_split},
    {"UnicodeScripts", make_unicode_scripts},
    {"Whitespace", make_whitespace},
    {"WhitespaceSplit", make_whitespace_split},
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
