/// Byte-pair encoding over characters, as SentencePiece does it.
#include "base/utf8.h"
#include "text/sentencepiece_processor.h"

#include <queue>
#include <utility>

namespace typecase {
namespace {

constexpr std::uint32_t kNobody = 0xFFFFFFFF;

/// A stretch of the text that stays together; empty once its left neighbour has taken it in.
struct Symbol {
  std::uint32_t begin, end;
  std::uint32_t left, right;
  bool frozen;  // a piece of the user's: never joined
};

struct Pair {
  float score;
  std::uint32_t left, right;
  std::uint32_t size;  // bytes when it was found; another size: one of the two has changed

  /// The highest score first, of equal ones the leftmost.
  bool operator<(const Pair& other) const noexcept {
    if (score < other.score || other.score < score) return score < other.score;
    return left > other.left;
  }
};

}  // namespace

void SentencePieceProcessor::merge(std::string_view text, Work& work) const {
  std::vector<Symbol> symbols;
  symbols.reserve(text.size());
  for (std::uint32_t at = 0; at < text.size();) {
    const std::size_t own = normalizer_.user_defined(text.substr(at));
    const auto end = static_cast<std::uint32_t>(at + (own ? own : decode_utf8(text, at).size));
    const auto i = static_cast<std::uint32_t>(symbols.size());
    symbols.push_back({at, end, i - 1, end < text.size() ? i + 1 : kNobody, own > 0});
    at = end;
  }
  std::priority_queue<Pair> pairs;
  std::map<std::string_view, std::size_t> joined;  // unused pieces: where they fall apart again
  const auto consider = [&](std::uint32_t left, std::uint32_t right) {
    if (left == kNobody || right == kNobody) return;
    if (symbols[left].frozen || symbols[right].frozen) return;
    const auto both = text.substr(symbols[left].begin, symbols[right].end - symbols[left].begin);
    const Trie::Node node = trie_.walk(Trie::kRoot, both);
    if (node == Trie::kNone || trie_.value(node) < 0) return;
    const std::int32_t id = trie_.value(node);
    pairs.push({file_.pieces[static_cast<std::size_t>(id)].score, left, right,
                static_cast<std::uint32_t>(both.size())});
    if (type_of(id) == SentencePiece::kUnused) {
      joined[both] = symbols[left].end - symbols[left].begin;
    }
  };
  for (std::uint32_t i = 1; i < symbols.size(); ++i) consider(i - 1, i);
  while (!pairs.empty()) {
    const Pair pair = pairs.top();
    pairs.pop();
    Symbol& left = symbols[pair.left];
    Symbol& right = symbols[pair.right];
    const bool gone = left.begin == left.end || right.begin == right.end;
    if (gone || right.end - left.begin != pair.size) continue;
    left.end = right.end;
    left.right = right.right;
    if (right.right != kNobody) symbols[right.right].left = pair.left;
    right.begin = right.end;
    consider(left.left, pair.left);
    consider(pair.left, left.right);
  }
  work.cuts.reserve(symbols.size());
  for (std::uint32_t i = 0; i != kNobody; i = symbols[i].right) {
    const auto [begin, end] = std::pair(symbols[i].begin, symbols[i].end);
    const Work::Cut cut{begin, end, id_of(text.substr(begin, end - begin))};
    if (joined.empty()) {
      work.cuts.push_back(cut);
    } else {
      split_unused(text, cut, joined, work);
    }
  }
}

/// An unused piece falls apart into the two it was made of, and so on.
void SentencePieceProcessor::split_unused(std::string_view text, Work::Cut cut,
                                          const std::map<std::string_view, std::size_t>& joined,
                                          Work& work) const {
  std::vector<Work::Cut> open = {cut};
  while (!open.empty()) {
    const Work::Cut next = open.back();
    open.pop_back();
    const auto at = type_of(next.id) == SentencePiece::kUnused
                        ? joined.find(text.substr(next.begin, next.end - next.begin))
                        : joined.end();
    if (at == joined.end()) {
      work.cuts.push_back(next);
      continue;
    }
    const auto middle = next.begin + static_cast<std::uint32_t>(at->second);
    open.push_back({middle, next.end, id_of(text.substr(middle, next.end - middle))});
    open.push_back({next.begin, middle, id_of(text.substr(next.begin, middle - next.begin))});
  }
}

}  // namespace typecase
