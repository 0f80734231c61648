#include "text/normalizers/characters.h"
#include "text/normalizers/normalizer.h"

namespace typecase {
namespace {

bool is_deleted(char32_t c) {
  return (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F ||
         c == 0x8F || c == 0x9F;
}

bool is_space(char32_t c) {
  return c == 0x09 || c == 0x0A || c == 0x0C || c == 0x0D || c == 0x1680 ||
         (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xFEFF ||
         c == 0xFFFD;
}

/// What SentencePiece's rule "nmt" does to controls and odd spaces.
class Nmt final : public Normalizer {
 public:
  void normalize(AlignedText& text) const override {
    keep_characters(text, [](char32_t c) { return !is_deleted(c); });
    map_characters(text, [](char32_t c) { return is_space(c) ? U' ' : c; });
  }
};

}  // namespace

std::unique_ptr<Normalizer> make_nmt(const ConfigValue&) { return std::make_unique<Nmt>(); }

}  // namespace typecase
