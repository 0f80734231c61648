#include "text/pretokenizers/boundaries.h"
#include "text/pretokenizers/pretokenizer.h"

#include <algorithm>
#include <array>

namespace typecase {
namespace {

/// A pattern that matches at every position, as Split with behavior Isolated applies it.
class FamilySplit final : public PreTokenizer {
 public:
  explicit FamilySplit(PatternFamily family) : family_(family) {}

  void split(Pieces& pieces) const override {
    pieces.spell_bytes();
    BoundaryCutter cutter(family_);
    pieces.recut(
        [&](Piece piece, std::vector<Piece>& out) { cutter.cut(pieces.text.text, piece, out); });
  }

 private:
  PatternFamily family_;
};

constexpr struct {
  std::string_view pattern;
  PatternFamily family;
} kKnown[] = {
    {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
     PatternFamily::gpt2},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     PatternFamily::llama3},
    // cl100k as Phi-4 has it: what is possessive here never needs to give anything back, and
    // \s*[\r\n] reaches the last line break of its run as \s*[\r\n]+ does.
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)",
     PatternFamily::llama3},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     PatternFamily::qwen2},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     PatternFamily::qwen35},
    {R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     PatternFamily::o200k},
    {R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     PatternFamily::tekken},
};

/// DeepSeek V3's three splits. The line breaks in the third are characters, not escapes.
constexpr std::array<std::string_view, 3> kDeepSeek = {
    R"(\p{N}{1,3})", "[一-龥぀-ゟ゠-ヿ]+",
    "[!\"#$%&'()*+,\\-./"
    ":;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
    "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"};

}  // namespace

std::unique_ptr<PreTokenizer> make_known_pattern(std::string_view pattern) {
  for (const auto& known : kKnown) {
    if (known.pattern == pattern) return std::make_unique<FamilySplit>(known.family);
  }
  return nullptr;
}

std::unique_ptr<PreTokenizer> make_known_sequence(std::span<const std::string_view> patterns) {
  if (!std::ranges::equal(patterns, kDeepSeek)) return nullptr;
  return std::make_unique<FamilySplit>(PatternFamily::deepseek_v3);
}

}  // namespace typecase
