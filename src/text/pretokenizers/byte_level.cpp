#include "text/pretokenizers/boundaries.h"
#include "text/pretokenizers/pretokenizer.h"

namespace typecase {
namespace {

/// A space in front of every piece that does not start with one, if asked for; then GPT-2's
/// pattern; then bytes instead of characters.
class ByteLevel final : public PreTokenizer {
 public:
  ByteLevel(bool add_prefix_space, bool use_regex)
      : add_prefix_space_(add_prefix_space), use_regex_(use_regex) {}

  void split(Pieces& pieces) const override {
    pieces.spell_bytes();
    if (add_prefix_space_) add_spaces(pieces);
    if (use_regex_) {
      BoundaryCutter cutter(PatternFamily::gpt2);
      pieces.recut(
          [&](Piece piece, std::vector<Piece>& out) { cutter.cut(pieces.text.text, piece, out); });
    }
    pieces.as_bytes = true;
  }

 private:
  static void add_spaces(Pieces& pieces) {
    AlignedText spaced;
    for (Piece& piece : pieces.list) {
      const auto begin = static_cast<std::uint32_t>(spaced.text.size());
      if (pieces.text.text[piece.begin] != ' ') {
        spaced.append(" ", pieces.text.span(piece.begin, piece.begin + 1), pieces.text.tracked());
      }
      spaced.append(pieces.text, piece.begin, piece.end);
      piece = {begin, static_cast<std::uint32_t>(spaced.text.size())};
    }
    pieces.text = std::move(spaced);
  }

  bool add_prefix_space_;
  bool use_regex_;
};

}  // namespace

std::unique_ptr<PreTokenizer> make_byte_level(bool add_prefix_space, bool use_regex) {
  return std::make_unique<ByteLevel>(add_prefix_space, use_regex);
}

std::unique_ptr<PreTokenizer> make_byte_level(const ConfigValue& config) {
  // trim_offsets is read by the post-processor of the same name; here it has no effect.
  return make_byte_level(config.at("add_prefix_space").flag(), config.flag_or("use_regex", true));
}

}  // namespace typecase
