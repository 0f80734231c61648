#include "text/normalizers/bert.h"

#include "base/unicode.h"
#include "text/normalizers/characters.h"

namespace typecase {
namespace {

/// The ideographs that get spaces around them. U+2B820 to U+2B91F are not among them.
bool is_ideograph(char32_t c) {
  constexpr char32_t kRanges[][2] = {{0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xF900, 0xFAFF},
                                     {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F},
                                     {0x2B920, 0x2CEAF}, {0x2F800, 0x2FA1F}};
  for (const auto& [first, last] : kRanges) {
    if (c >= first && c <= last) return true;
  }
  return false;
}

class BertNormalizer final : public Normalizer {
 public:
  explicit BertNormalizer(const BertNormalizerOptions& options)
      : options_(options), decompose_(make_nfd()) {}

  void normalize(AlignedText& text) const override {
    if (options_.clean_text) clean(text);
    if (options_.handle_chinese_chars) isolate_ideographs(text);
    if (options_.strip_accents.value_or(options_.lowercase)) {
      decompose_->normalize(text);
      keep_characters(text, [](char32_t c) { return !unicode::is(c, unicode::kBertAccent); });
    }
    if (options_.lowercase) lowercase_text(text);
  }

 private:
  static void clean(AlignedText& text) {
    keep_characters(text, [](char32_t c) { return !unicode::is(c, unicode::kBertDropped); });
    map_characters(text,
                   [](char32_t c) { return unicode::is(c, unicode::kWhiteSpace) ? U' ' : c; });
  }

  static void isolate_ideographs(AlignedText& text) {
    Rewriter out(text);
    for (std::size_t at = 0; at < text.text.size();) {
      const auto c = decode_utf8(text.text, at);
      at += c.size;
      if (is_ideograph(c.code_point)) {
        out.put(U' ', 0);
        out.put(c.code_point, 1);
        out.put(U' ', 1);
      } else {
        out.put(c.code_point, 0);
      }
    }
    out.finish();
  }

  BertNormalizerOptions options_;
  std::unique_ptr<Normalizer> decompose_;
};

}  // namespace

std::unique_ptr<Normalizer> make_bert_normalizer(const BertNormalizerOptions& options) {
  return std::make_unique<BertNormalizer>(options);
}

std::unique_ptr<Normalizer> make_bert_normalizer(const ConfigValue& config) {
  BertNormalizerOptions options;
  options.clean_text = config.at("clean_text").flag();
  options.handle_chinese_chars = config.at("handle_chinese_chars").flag();
  if (config.has("strip_accents")) options.strip_accents = config.at("strip_accents").flag();
  options.lowercase = config.at("lowercase").flag();
  return make_bert_normalizer(options);
}

}  // namespace typecase
