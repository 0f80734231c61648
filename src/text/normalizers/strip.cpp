#include "base/unicode.h"
#include "text/normalizers/characters.h"
#include "text/normalizers/normalizer.h"

namespace typecase {
namespace {

/// Takes white space off the ends.
class Strip final : public Normalizer {
 public:
  Strip(bool left, bool right) : left_(left), right_(right) {}

  void normalize(AlignedText& text) const override {
    std::size_t begin = 0, end = text.text.size();
    for (std::size_t at = 0; left_ && at < end; begin = at) {
      const auto c = decode_utf8(text.text, at);
      if (!unicode::is(c.code_point, unicode::kWhiteSpace)) break;
      at += c.size;
    }
    while (right_ && end > begin) {
      std::size_t at = end - 1;
      while ((static_cast<unsigned char>(text.text[at]) & 0xC0) == 0x80) --at;
      if (!unicode::is(decode_utf8(text.text, at).code_point, unicode::kWhiteSpace)) break;
      end = at;
    }
    if (begin == 0 && end == text.text.size()) return;
    Rewriter out(text);
    out.keep(begin, end);
    out.finish();
  }

 private:
  bool left_;
  bool right_;
};

/// Deletes marks (category M). Decomposes nothing itself.
class StripAccents final : public Normalizer {
 public:
  void normalize(AlignedText& text) const override {
    keep_characters(text, [](char32_t c) { return !unicode::is(c, unicode::kAccent); });
  }
};

}  // namespace

std::unique_ptr<Normalizer> make_strip(bool left, bool right) {
  return std::make_unique<Strip>(left, right);
}
std::unique_ptr<Normalizer> make_strip(const ConfigValue& config) {
  return make_strip(config.at("strip_left").flag(), config.at("strip_right").flag());
}
std::unique_ptr<Normalizer> make_strip_accents() { return std::make_unique<StripAccents>(); }
std::unique_ptr<Normalizer> make_strip_accents(const ConfigValue&) { return make_strip_accents(); }

}  // namespace typecase
