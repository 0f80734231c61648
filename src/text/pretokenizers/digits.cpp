#include "base/unicode.h"
#include "base/utf8.h"
#include "text/pretokenizers/pretokenizer.h"

namespace typecase {
namespace {

/// Numeric characters become pieces of their own: each one, or each run.
class Digits final : public PreTokenizer {
 public:
  explicit Digits(bool individual) : individual_(individual) {}

  void split(Pieces& pieces) const override {
    pieces.spell_bytes();
    const std::string_view text = pieces.text.text;
    pieces.recut([&](Piece piece, std::vector<Piece>& out) {
      std::uint32_t start = piece.begin;
      bool in_digits = false;
      for (std::uint32_t at = piece.begin; at < piece.end;) {
        const auto c = decode_utf8(text, at);
        const bool digit = unicode::is(c.code_point, unicode::kNumeric);
        if (at != start && (digit != in_digits || (digit && individual_))) {
          out.push_back({start, at});
          start = at;
        }
        in_digits = digit;
        at += static_cast<std::uint32_t>(c.size);
      }
      out.push_back({start, piece.end});
    });
  }

 private:
  bool individual_;
};

}  // namespace

std::unique_ptr<PreTokenizer> make_digits(bool individual) {
  return std::make_unique<Digits>(individual);
}
std::unique_ptr<PreTokenizer> make_digits(const ConfigValue& config) {
  return make_digits(config.at("individual_digits").flag());
}

}  // namespace typecase
