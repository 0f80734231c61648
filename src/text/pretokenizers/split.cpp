#include "text/pattern/pattern.h"
#include "text/pretokenizers/behavior.h"
#include "text/pretokenizers/pretokenizer.h"

namespace typecase {
namespace {

/// Cuts at every match of a pattern; `invert` swaps matches and what lies between.
class Split final : public PreTokenizer {
 public:
  Split(std::unique_ptr<TextPattern> pattern, SplitBehavior behavior, bool invert)
      : pattern_(std::move(pattern)), behavior_(behavior), invert_(invert) {}

  void split(Pieces& pieces) const override {
    pieces.spell_bytes();
    std::vector<TextPattern::Match> matches;
    std::vector<SplitPart> parts;
    pieces.recut([&](Piece piece, std::vector<Piece>& out) {
      pattern_->find(pieces.at(piece), matches);
      parts.clear();
      std::uint32_t done = piece.begin;
      for (const auto match : matches) {
        const std::uint32_t begin = piece.begin + match.begin;
        if (done < begin) parts.push_back({done, begin, invert_});
        done = piece.begin + match.end;
        parts.push_back({begin, done, !invert_});
      }
      if (done < piece.end) parts.push_back({done, piece.end, invert_});
      arrange(parts, behavior_, out);
    });
  }

 private:
  std::unique_ptr<TextPattern> pattern_;
  SplitBehavior behavior_;
  bool invert_;
};

}  // namespace

std::unique_ptr<PreTokenizer> make_split(std::unique_ptr<TextPattern> pattern,
                                         SplitBehavior behavior, bool invert) {
  return std::make_unique<Split>(std::move(pattern), behavior, invert);
}

std::unique_ptr<PreTokenizer> make_split(const ConfigValue& config) {
  const auto pattern = config.at("pattern");
  const auto behavior = split_behavior(config.at("behavior"));
  const bool invert = config.at("invert").flag();
  // The known patterns match everywhere: all of the text is matches. So these two agree.
  const bool keeps_matches = behavior == SplitBehavior::isolated && !invert;
  const bool keeps_no_rest = behavior == SplitBehavior::removed && invert;
  pattern.require_object();
  if ((keeps_matches || keeps_no_rest) && pattern.has("Regex")) {
    if (auto known = make_known_pattern(pattern.at("Regex").text())) return known;
  }
  return make_split(make_pattern(pattern), behavior, invert);
}

}  // namespace typecase
