#include "base/utf8.h"
#include "text/pretokenizers/pretokenizer.h"
#include "text/unicode/script.h"

namespace typecase {
namespace {

/// Cuts where the script changes. What stands in front of the first character that has a script is
/// dropped (the reference does so).
class UnicodeScripts final : public PreTokenizer {
 public:
  void split(Pieces& pieces) const override {
    pieces.spell_bytes();
    const std::string_view text = pieces.text.text;
    pieces.recut([&](Piece piece, std::vector<Piece>& out) {
      std::uint8_t last = 0;
      std::uint32_t begin = piece.end;
      for (std::uint32_t at = piece.begin; at < piece.end;) {
        const auto c = decode_utf8(text, at);
        const std::uint8_t script = unicode::script_of(c.code_point);
        if (script != 0 && script != last) {
          if (begin < at) out.push_back({begin, at});
          begin = at;
        }
        if (script != 0) last = script;
        at += static_cast<std::uint32_t>(c.size);
      }
      if (begin < piece.end) out.push_back({begin, piece.end});
    });
  }
};

/// Pieces of so many characters; the last may be shorter.
class FixedLength final : public PreTokenizer {
 public:
  explicit FixedLength(std::uint64_t length) : length_(length) {}

  void split(Pieces& pieces) const override {
    pieces.spell_bytes();
    const std::string_view text = pieces.text.text;
    pieces.recut([&](Piece piece, std::vector<Piece>& out) {
      for (std::uint32_t at = piece.begin; at < piece.end;) {
        const std::uint32_t begin = at;
        for (std::uint64_t n = 0; n < length_ && at < piece.end; ++n) {
          at += static_cast<std::uint32_t>(decode_utf8(text, at).size);
        }
        out.push_back({begin, at});
      }
    });
  }

 private:
  std::uint64_t length_;
};

}  // namespace

std::unique_ptr<PreTokenizer> make_unicode_scripts(const ConfigValue&) {
  return std::make_unique<UnicodeScripts>();
}

std::unique_ptr<PreTokenizer> make_fixed_length(const ConfigValue& config) {
  const auto length = config.has("length") ? config.at("length").integer() : 5;
  if (length <= 0) {
    throw config.at("length").error(Code::bad_file,
                                    "expected 1 or more, found " + std::to_string(length));
  }
  return std::make_unique<FixedLength>(static_cast<std::uint64_t>(length));
}

}  // namespace typecase
