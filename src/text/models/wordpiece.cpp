#include "text/models/wordpiece.h"

#include "base/utf8.h"

#include <typecase/error.h>

namespace typecase {
namespace {

std::vector<Trie::Entry> entries_of(const Vocabulary& vocabulary) {
  std::vector<Trie::Entry> out;
  out.reserve(vocabulary.size());
  for (std::size_t i = 0; i < vocabulary.end(); ++i) {
    const auto id = static_cast<TokenId>(i);
    if (vocabulary.has(id)) out.push_back({vocabulary.at(id), id});
  }
  return out;
}

}  // namespace

WordPiece::WordPiece(Vocabulary vocabulary, WordPieceOptions options)
    : vocabulary_(std::move(vocabulary)),
      options_(std::move(options)),
      trie_(entries_of(vocabulary_)),
      continuing_(trie_.walk(Trie::kRoot, options_.continuing_subword_prefix)),
      can_continue_(continuing_ != Trie::kNone || options_.continuing_subword_prefix.empty()),
      unk_(vocabulary_.find(options_.unk_token)) {}

std::unique_ptr<ModelWorkspace> WordPiece::make_workspace() const {
  return std::make_unique<ModelWorkspace>();
}

/// Appends the tokens of `word`; false, with some appended, when a rest fits nothing.
bool WordPiece::cut(std::string_view word, std::uint32_t at, ModelOutput out) const {
  for (std::size_t start = 0; start < word.size();) {
    if (start > 0 && !can_continue_) return false;
    Trie::Node node = start == 0 ? Trie::kRoot : continuing_;
    std::int32_t id = -1;
    std::size_t longest = start;
    for (std::size_t end = start; end < word.size();) {
      node = trie_.child(node, static_cast<unsigned char>(word[end++]));
      if (node == Trie::kNone) break;
      if (trie_.value(node) < 0) continue;
      id = trie_.value(node);
      longest = end;
    }
    if (id < 0) return false;
    out.ids.push_back(id);
    if (out.ranges) {
      out.ranges->push_back(
          {at + static_cast<std::uint32_t>(start), at + static_cast<std::uint32_t>(longest)});
    }
    start = longest;
  }
  return true;
}

void WordPiece::tokenize(Pieces& pieces, ModelWorkspace&, ModelOutput out) const {
  pieces.spell_bytes();
  for (const Piece piece : pieces.list) {
    const auto word = pieces.at(piece);
    const std::size_t before = out.ids.size();
    const std::size_t ranges_before = out.ranges ? out.ranges->size() : 0;
    const bool short_enough = word.size() <= options_.max_input_chars_per_word ||
                              count_code_points(word) <= options_.max_input_chars_per_word;
    if (short_enough && cut(word, piece.begin, out)) continue;
    if (!unk_) {
      throw Error(Code::invalid_argument,
                  "the text needs the unknown token " + quote(options_.unk_token) +
                      ", which is not in the vocabulary",
                  {.file = {}, .offset = {}, .line = {}, .key = "/model/unk_token"});
    }
    out.ids.resize(before);
    out.ids.push_back(*unk_);
    if (!out.ranges) continue;
    out.ranges->resize(ranges_before);
    out.ranges->push_back(piece);
  }
}

}  // namespace typecase
