#include "base/unicode.h"
#include "text/pretokenizers/character_split.h"
#include "text/pretokenizers/pretokenizer.h"

namespace typecase {
namespace {

bool is_space(char32_t c) { return unicode::is(c, unicode::kWhiteSpace); }

/// Cuts at white space and drops it.
class WhitespaceSplit final : public PreTokenizer {
 public:
  void split(Pieces& pieces) const override {
    split_at_characters(pieces, is_space, SplitBehavior::removed);
  }
};

/// Runs of word characters and runs of what is neither of a word nor white space:
///     \w+|[^\w\s]+
class Whitespace final : public PreTokenizer {
 public:
  void split(Pieces& pieces) const override {
    pieces.spell_bytes();
    const std::string_view text = pieces.text.text;
    pieces.recut([&](Piece piece, std::vector<Piece>& out) {
      int kind_before = 0;
      for (std::uint32_t at = piece.begin; at < piece.end;) {
        const auto c = decode_utf8(text, at);
        const std::uint32_t end = at + static_cast<std::uint32_t>(c.size);
        const int kind = unicode::is(c.code_point, unicode::kWord) ? 1
                         : is_space(c.code_point)                  ? 0
                                                                   : 2;
        if (kind != 0 && kind == kind_before) {
          out.back().end = end;
        } else if (kind != 0) {
          out.push_back({at, end});
        }
        kind_before = kind;
        at = end;
      }
    });
  }
};

/// Drops white space and isolates punctuation.
class BertPreTokenizer final : public PreTokenizer {
 public:
  void split(Pieces& pieces) const override {
    split_at_characters(pieces, is_space, SplitBehavior::removed);
    split_at_characters(
        pieces, [](char32_t c) { return unicode::is(c, unicode::kPunctuation); },
        SplitBehavior::isolated);
  }
};

}  // namespace

std::unique_ptr<PreTokenizer> make_whitespace_split() {
  return std::make_unique<WhitespaceSplit>();
}
std::unique_ptr<PreTokenizer> make_whitespace_split(const ConfigValue&) {
  return make_whitespace_split();
}
std::unique_ptr<PreTokenizer> make_whitespace(const ConfigValue&) {
  return std::make_unique<Whitespace>();
}
std::unique_ptr<PreTokenizer> make_bert_pre_tokenizer() {
  return std::make_unique<BertPreTokenizer>();
}
std::unique_ptr<PreTokenizer> make_bert_pre_tokenizer(const ConfigValue&) {
  return make_bert_pre_tokenizer();
}

}  // namespace typecase
