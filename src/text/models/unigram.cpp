#include "text/models/unigram.h"

#include "base/utf8.h"
#include "text/models/byte_tokens.h"

#include <typecase/error.h>

#include <limits>

namespace typecase {
namespace {

constexpr double kUnknownPenalty = 10;
constexpr std::uint32_t kNowhere = 0xFFFFFFFF;

}  // namespace

/// The best way to each byte position, and the pieces read back from it.
struct Unigram::Workspace final : ModelWorkspace {
  struct Node {
    double score = 0;
    std::uint32_t start = kNowhere;  // where its last entry begins
    TokenId id = 0;
  };
  struct Part {
    std::uint32_t begin, end;
    bool unknown;
  };
  std::vector<Node> best;
  std::vector<Part> parts;
};

void Unigram::Builder::add(std::string_view piece, double score) {
  begins_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  bytes_ += piece;
  scores_.push_back(score);
}

std::optional<TokenId> Unigram::Builder::find(std::string_view piece, double score) const noexcept {
  for (std::size_t i = 0; i < scores_.size(); ++i) {
    const std::size_t end = i + 1 < begins_.size() ? begins_[i + 1] : bytes_.size();
    const auto text = std::string_view(bytes_).substr(begins_[i], end - begins_[i]);
    if (text == piece && !(scores_[i] < score) && !(score < scores_[i])) {
      return static_cast<TokenId>(i);
    }
  }
  return std::nullopt;
}

std::unique_ptr<Unigram> Unigram::Builder::build(std::optional<TokenId> unk_id,
                                                 bool byte_fallback) && {
  if (unk_id && (*unk_id < 0 || static_cast<std::size_t>(*unk_id) >= scores_.size())) {
    throw Error(Code::bad_file, "unk_id is " + std::to_string(*unk_id) + ", the vocabulary has " +
                                    std::to_string(scores_.size()) + " entries");
  }
  return std::unique_ptr<Unigram>(new Unigram(std::move(*this), unk_id, byte_fallback));
}

Unigram::Unigram(Builder&& parts, std::optional<TokenId> unk_id, bool byte_fallback)
    : bytes_(std::move(parts.bytes_)),
      begins_(std::move(parts.begins_)),
      scores_(std::move(parts.scores_)),
      unk_id_(unk_id),
      byte_fallback_(byte_fallback) {
  begins_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  std::vector<Trie::Entry> entries;
  entries.reserve(scores_.size());
  double lowest = std::numeric_limits<double>::infinity();
  for (std::size_t id = 0; id < scores_.size(); ++id) {
    lowest = std::min(lowest, scores_[id]);
    entries.push_back({token_of(static_cast<TokenId>(id)), static_cast<std::int32_t>(id)});
  }
  trie_ = Trie(std::move(entries));
  unk_score_ = lowest - kUnknownPenalty;
  fallback_ = byte_tokens([this](std::string_view token) { return id_of(token); });
}

std::unique_ptr<ModelWorkspace> Unigram::make_workspace() const {
  return std::make_unique<Workspace>();
}

bool Unigram::has(TokenId id) const noexcept {
  return id >= 0 && static_cast<std::size_t>(id) < scores_.size();
}

std::string_view Unigram::token_of(TokenId id) const noexcept {
  if (!has(id)) return {};
  const auto i = static_cast<std::size_t>(id);
  return std::string_view(bytes_).substr(begins_[i], begins_[i + 1] - begins_[i]);
}

std::optional<TokenId> Unigram::id_of(std::string_view token) const noexcept {
  const Trie::Node node = trie_.walk(Trie::kRoot, token);
  if ((node == Trie::kNone && !token.empty()) || trie_.value(node) < 0) return std::nullopt;
  return trie_.value(node);
}

/// best[e] = max over entries ending at e of best[start] + score. Only a strictly better way
/// replaces another, so of equal ones the one found first stays: the longest last entry.
void Unigram::search(std::string_view text, Workspace& work) const {
  auto& best = work.best;
  best.assign(text.size() + 1, {});
  const auto offer = [&](std::size_t start, std::size_t end, double score, TokenId id) {
    Workspace::Node& node = best[end];
    if (node.start != kNowhere && !(score > node.score)) return;
    node = {score, static_cast<std::uint32_t>(start), id};
  };
  for (std::size_t start = 0; start < text.size();) {
    const double till_here = best[start].score;
    const std::size_t size = decode_utf8(text, start).size;
    bool covered = false;
    Trie::Node node = Trie::kRoot;
    for (std::size_t end = start; end < text.size();) {
      node = trie_.child(node, static_cast<unsigned char>(text[end++]));
      if (node == Trie::kNone) break;
      const std::int32_t id = trie_.value(node);
      if (id < 0) continue;
      offer(start, end, scores_[static_cast<std::size_t>(id)] + till_here, id);
      covered = covered || end - start == size;
    }
    if (!covered) {
      if (!unk_id_) {
        throw Error(Code::invalid_argument,
                    "the text needs an unknown token for " + quote(text.substr(start, size)) +
                        ", and unk_id is null",
                    {.file = {}, .offset = {}, .line = {}, .key = "/model/unk_id"});
      }
      offer(start, start + size, unk_score_ + till_here, *unk_id_);
    }
    start += size;
  }
}

/// Reads the best way from its end; neighbouring unknown parts become one.
void Unigram::collect(std::string_view text, Workspace& work) const {
  work.parts.clear();
  for (auto end = static_cast<std::uint32_t>(text.size()); end > 0;) {
    const Workspace::Node& node = work.best[end];
    const bool unknown = shows_text(node.id);
    if (unknown && !work.parts.empty() && work.parts.back().unknown) {
      work.parts.back().begin = node.start;
    } else {
      work.parts.push_back({node.start, end, unknown});
    }
    end = node.start;
  }
}

void Unigram::emit(std::string_view text, std::uint32_t at, ModelOutput out) const {
  const Piece range{at, at + static_cast<std::uint32_t>(text.size())};
  const auto put = [&](TokenId id) {
    out.ids.push_back(id);
    if (out.ranges) out.ranges->push_back(range);
  };
  if (const auto id = id_of(text)) return put(*id);
  const auto has_token = [&](char byte) {
    return fallback_[static_cast<unsigned char>(byte)] >= 0;
  };
  if (byte_fallback_ && std::ranges::all_of(text, has_token)) {
    for (const char byte : text) put(fallback_[static_cast<unsigned char>(byte)]);
    return;
  }
  put(*unk_id_);
}

void Unigram::tokenize(Pieces& pieces, ModelWorkspace& workspace, ModelOutput out) const {
  auto& work = static_cast<Workspace&>(workspace);
  pieces.spell_bytes();
  for (const Piece piece : pieces.list) {
    const auto text = pieces.at(piece);
    search(text, work);
    collect(text, work);
    for (auto part = work.parts.rbegin(); part != work.parts.rend(); ++part) {
      emit(text.substr(part->begin, part->end - part->begin), piece.begin + part->begin, out);
    }
  }
}

}  // namespace typecase
