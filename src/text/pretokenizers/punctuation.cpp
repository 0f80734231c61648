#include "base/unicode.h"
#include "text/pretokenizers/character_split.h"
#include "text/pretokenizers/pretokenizer.h"

namespace typecase {
namespace {

/// Cuts at punctuation (ASCII punctuation and category P of an old table).
class Punctuation final : public PreTokenizer {
 public:
  explicit Punctuation(SplitBehavior behavior) : behavior_(behavior) {}
  void split(Pieces& pieces) const override {
    split_at_characters(
        pieces, [](char32_t c) { return unicode::is(c, unicode::kPunctuation); }, behavior_);
  }

 private:
  SplitBehavior behavior_;
};

/// Cuts at one character and drops it.
class CharDelimiterSplit final : public PreTokenizer {
 public:
  explicit CharDelimiterSplit(char32_t delimiter) : delimiter_(delimiter) {}
  void split(Pieces& pieces) const override {
    split_at_characters(
        pieces, [this](char32_t c) { return c == delimiter_; }, SplitBehavior::removed);
  }

 private:
  char32_t delimiter_;
};

}  // namespace

std::unique_ptr<PreTokenizer> make_punctuation(SplitBehavior behavior) {
  return std::make_unique<Punctuation>(behavior);
}
std::unique_ptr<PreTokenizer> make_punctuation(const ConfigValue& config) {
  return make_punctuation(config.has("behavior") ? split_behavior(config.at("behavior"))
                                                 : SplitBehavior::isolated);
}
std::unique_ptr<PreTokenizer> make_char_delimiter_split(const ConfigValue& config) {
  return std::make_unique<CharDelimiterSplit>(config.at("delimiter").character());
}

}  // namespace typecase
