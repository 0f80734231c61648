#include "base/utf8.h"
#include "text/pretokenizers/pretokenizer.h"

namespace typecase {
namespace {

enum class Behavior { removed, isolated, merged_with_previous, merged_with_next, contiguous };

constexpr std::pair<std::string_view, Behavior> kBehaviors[] = {
    {"Removed", Behavior::removed},
    {"Isolated", Behavior::isolated},
    {"MergedWithPrevious", Behavior::merged_with_previous},
    {"MergedWithNext", Behavior::merged_with_next},
    {"Contiguous", Behavior::contiguous},
};

struct Part {
  std::uint32_t begin;
  std::uint32_t end;
  bool match;
};

/// What `behavior` makes of a text cut into matches and the rest.
void arrange(const std::vector<Part>& parts, Behavior behavior, std::vector<Piece>& out) {
  const auto put = [&](std::uint32_t begin, std::uint32_t end) {
    if (begin < end) out.push_back({begin, end});
  };
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Part part = parts[i];
    const bool has_next = i + 1 < parts.size();
    switch (behavior) {
      case Behavior::removed:
        if (part.match) continue;
        break;
      case Behavior::isolated:
        break;
      case Behavior::merged_with_previous:
        if (!part.match && has_next) part.end = parts[++i].end;
        break;
      case Behavior::merged_with_next:
        if (part.match && has_next && !parts[i + 1].match) part.end = parts[++i].end;
        break;
      case Behavior::contiguous:
        while (i + 1 < parts.size() && parts[i + 1].match == part.match) part.end = parts[++i].end;
        break;
    }
    put(part.begin, part.end);
  }
}

/// Split at every occurrence of a literal text.
class LiteralSplit final : public PreTokenizer {
 public:
  LiteralSplit(std::string pattern, Behavior behavior, bool invert)
      : pattern_(std::move(pattern)), behavior_(behavior), invert_(invert) {}

  void split(Pieces& pieces) const override {
    pieces.spell_bytes();
    std::vector<Part> parts;
    pieces.recut([&](Piece piece, std::vector<Piece>& out) {
      parts.clear();
      cut(pieces.at(piece), piece.begin, parts);
      arrange(parts, behavior_, out);
    });
  }

 private:
  void cut(std::string_view text, std::uint32_t base, std::vector<Part>& parts) const {
    const auto at = [&](std::size_t i) { return base + static_cast<std::uint32_t>(i); };
    std::size_t done = 0;
    while (!pattern_.empty()) {
      const std::size_t found = text.find(pattern_, done);
      if (found == std::string_view::npos) break;
      if (found > done) parts.push_back({at(done), at(found), invert_});
      done = found + pattern_.size();
      parts.push_back({at(found), at(done), !invert_});
    }
    if (done < text.size()) parts.push_back({at(done), at(text.size()), invert_});
  }

  std::string pattern_;
  Behavior behavior_;
  bool invert_;
};

Behavior behavior_of(const ConfigValue& config) {
  for (const auto& [name, behavior] : kBehaviors) {
    if (config.text() == name) return behavior;
  }
  throw config.error(
      Code::bad_file,
      "expected Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous, "
      "found " +
          quote(config.text()));
}

}  // namespace

std::unique_ptr<PreTokenizer> make_split(const ConfigValue& config) {
  const auto pattern = config.at("pattern");
  const auto behavior = behavior_of(config.at("behavior"));
  const bool invert = config.at("invert").flag();
  pattern.require_object();
  if (pattern.has("String")) {
    return std::make_unique<LiteralSplit>(pattern.at("String").text(), behavior, invert);
  }
  const auto regex = pattern.at("Regex");
  // The known patterns match everywhere: all of the text is matches, so these behaviours agree.
  if (behavior == Behavior::isolated && !invert) {
    if (auto known = make_known_pattern(regex.text())) return known;
  }
  throw regex.error(Code::unsupported, "the split pattern " + quote(regex.text()) +
                                           " is not supported yet; supported are those of GPT-2, "
                                           "Llama 3 and Qwen 2, behavior Isolated");
}

}  // namespace typecase
