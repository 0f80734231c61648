#include "text/added_tokens.h"

#include "base/unicode.h"
#include "base/utf8.h"

namespace typecase {
namespace {

/// Where the character before `at` begins.   REQUIRES: at > 0.
std::size_t before(std::string_view text, std::size_t at) {
  do {
    --at;
  } while ((static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  return at;
}

bool is_at(std::string_view text, std::size_t at, unicode::Set sets) {
  return unicode::is(decode_utf8(text, at).code_point, sets);
}

bool stands_alone(std::string_view text, std::size_t begin, std::size_t end) {
  return (begin == 0 || !is_at(text, before(text, begin), unicode::kWord)) &&
         (end == text.size() || !is_at(text, end, unicode::kWord));
}

}  // namespace

std::optional<TokenId> AddedTokens::id_of(std::string_view content) const {
  const auto found = by_content_.find(content);
  if (found == by_content_.end()) return std::nullopt;
  return found->second;
}

std::optional<TokenId> AddedTokens::add(const AddedToken& token, const Model& model) {
  if (token.content.empty()) return std::nullopt;
  auto id = id_of(token.content);
  if (id && by_id_.at(*id) == token) return id;
  if (!id) id = model.id_of(token.content);
  if (!id) {
    const auto size = static_cast<TokenId>(model.size());
    const TokenId highest = by_id_.empty() ? -1 : by_id_.rbegin()->first;
    id = highest >= size || (size == 0 && !by_id_.empty()) ? highest + 1 : size;
  }
  by_content_[token.content] = *id;
  by_id_[*id] = token;
  if (token.special) special_.insert(token.content);
  return id;
}

void AddedTokens::finish(const Normalizer* normalizer) {
  raw_ = {};
  normalized_ = {};
  at_.assign(by_id_.empty() ? 0 : static_cast<std::size_t>(by_id_.rbegin()->first) + 1, nullptr);
  for (auto& [id, token] : by_id_) {
    at_[static_cast<std::size_t>(id)] = &token;
    token.shown = token.content;
    if (!token.normalized) {
      raw_.add(token.content, static_cast<std::uint32_t>(id));
      continue;
    }
    AlignedText content;
    content.assign(token.content, 0, false);
    if (normalizer) normalizer->normalize(content);
    token.shown = content.text;
    if (!content.text.empty()) normalized_.add(content.text, static_cast<std::uint32_t>(id));
  }
  raw_.finish();
  normalized_.finish();
}

/// A match that single_word refuses has consumed its text all the same: nothing shorter is tried.
/// Swallowed white space may overlap the next match; the reference then gives both, and so do we.
void AddedTokens::cut(std::string_view text, const TokenFinder& finder, bool split_special,
                      std::vector<Section>& out) const {
  out.clear();
  std::vector<TokenFinder::Match> matches;
  finder.find(text, matches);
  std::size_t done = 0;
  const auto put = [&](std::size_t begin, std::size_t end, std::optional<TokenId> id) {
    out.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), id});
  };
  for (const auto& match : matches) {
    const auto id = static_cast<TokenId>(match.token);
    const AddedToken& token = by_id_.at(id);
    if (split_special && is_special(token.content)) continue;
    std::size_t begin = match.begin;
    std::size_t end = match.end;
    if (token.single_word && !stands_alone(text, begin, end)) continue;
    if (token.lstrip) {
      while (begin > 0 && is_at(text, before(text, begin), unicode::kWhiteSpace)) {
        begin = before(text, begin);
      }
      begin = std::max(begin, done);
    }
    if (token.rstrip) {
      while (end < text.size() && is_at(text, end, unicode::kWhiteSpace)) {
        end += decode_utf8(text, end).size;
      }
    }
    if (done < begin) put(done, begin, std::nullopt);
    // Nothing may be left of a token whose text the one before has swallowed.
    if (begin < end) put(begin, end, id);
    done = end;
  }
  if (done != text.size()) put(done, text.size(), std::nullopt);
}

}  // namespace typecase
