#include "text/sentencepiece_processor.h"

#include "base/limits.h"
#include "base/utf8.h"

#include <typecase/error.h>

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace typecase {
namespace {

constexpr float kUnknownPenalty = 10;
constexpr std::uint32_t kNowhere = 0xFFFFFFFF;

Error bad(Code code, const std::string& message, std::string key = {}) {
  return Error(code, message, {.file = {}, .offset = {}, .line = {}, .key = std::move(key)});
}

bool is_reserved(std::int32_t type) {
  return type != SentencePiece::kNormal && type != SentencePiece::kUserDefined &&
         type != SentencePiece::kUnused;
}

std::int32_t value_of(const Trie& trie, std::string_view text) noexcept {
  const Trie::Node node = trie.walk(Trie::kRoot, text);
  return node == Trie::kNone ? -1 : trie.value(node);
}

}  // namespace

SentencePieceProcessor::SentencePieceProcessor(SentencePiece file)
    : file_(std::move(file)),
      normalizer_(file_),
      lowest_(std::numeric_limits<float>::max()),
      highest_(std::numeric_limits<float>::min()) {
  if (file_.model_type != SentencePiece::kUnigram && file_.model_type != SentencePiece::kBpe) {
    throw bad(Code::unsupported,
              "the SentencePiece model is neither Unigram nor BPE (model_type " +
                  std::to_string(file_.model_type) + ")",
              "/trainer_spec/model_type");
  }
  if (file_.rewrites_decoded_text) {
    throw bad(Code::unsupported, "a character map for decoded text is not supported",
              "/denormalizer_spec");
  }
  check_pieces();
  for (std::size_t byte = 0; byte < bytes_.size(); ++byte) {
    bytes_[byte] = fmt::format("<0x{:02X}>", byte);
  }
  if (file_.byte_fallback) check_bytes();
}

void SentencePieceProcessor::check_pieces() {
  std::vector<Trie::Entry> usable, reserved;
  std::uint64_t bytes = 0;
  const auto key = [](std::size_t id) { return "/pieces/" + std::to_string(id); };
  for (std::size_t id = 0; id < file_.pieces.size(); ++id) {
    const auto& [text, score, type] = file_.pieces[id];
    if (text.empty()) throw bad(Code::bad_file, "a piece has no text", key(id));
    bytes += text.size();
    if (bytes > limits::kVocabularyBytes) {
      throw bad(Code::limit,
                "the pieces have more than " + std::to_string(limits::kVocabularyBytes) + " bytes");
    }
    (is_reserved(type) ? reserved : usable).push_back({text, static_cast<std::int32_t>(id)});
    if (type == SentencePiece::kNormal) {
      lowest_ = std::min(lowest_, score);
      highest_ = std::max(highest_, score);
    }
    if (type != SentencePiece::kUnknown) continue;
    if (unk_ >= 0) throw bad(Code::bad_file, "there are two unknown pieces", key(id));
    unk_ = static_cast<std::int32_t>(id);
  }
  if (unk_ < 0) throw bad(Code::bad_file, "there is no unknown piece", "/pieces");
  trie_ = Trie(std::move(usable));
  reserved_ = Trie(std::move(reserved));
  for (std::size_t id = 0; id < file_.pieces.size(); ++id) {
    const std::string& text = file_.pieces[id].text;
    const bool twice = value_of(reserved_, text) >= 0 && value_of(trie_, text) >= 0;
    if (twice || id_of(text) != static_cast<std::int32_t>(id)) {
      throw bad(Code::bad_file, "the piece " + quote(text) + " is given twice", key(id));
    }
  }
}

void SentencePieceProcessor::check_bytes() const {
  for (const std::string& name : bytes_) {
    const std::int32_t id = value_of(reserved_, name);
    if (id >= 0 && type_of(id) == SentencePiece::kByte) continue;
    throw bad(Code::bad_file, "byte_fallback needs the piece " + name + ", which is not there",
              "/trainer_spec/byte_fallback");
  }
}

std::int32_t SentencePieceProcessor::id_of(std::string_view piece) const noexcept {
  if (piece.empty()) return unk_;
  if (const std::int32_t id = value_of(reserved_, piece); id >= 0) return id;
  const std::int32_t id = value_of(trie_, piece);
  return id >= 0 ? id : unk_;
}

/// Viterbi over byte positions: best[e] = max over pieces [b, e) of best[b] + score. A character
/// that is no piece may be unknown, with the lowest score − 10. Only a strictly better way replaces
/// another. A piece of the user's costs next to nothing.
void SentencePieceProcessor::search(std::string_view text, Work& work) const {
  auto& best = work.best;
  best.assign(text.size() + 1, {});
  const auto offer = [&](std::size_t begin, std::size_t end, double score, std::int32_t id) {
    auto& node = best[end];
    if (node.begin != kNowhere && !(score > static_cast<double>(node.score))) return;
    node = {static_cast<float>(score), static_cast<std::uint32_t>(begin), id};
  };
  for (std::size_t begin = 0; begin < text.size();) {
    const float till_here = best[begin].score;
    const std::size_t size = decode_utf8(text, begin).size;
    bool covered = false;
    Trie::Node node = Trie::kRoot;
    for (std::size_t end = begin; end < text.size();) {
      node = trie_.child(node, static_cast<unsigned char>(text[end++]));
      if (node == Trie::kNone) break;
      const std::int32_t id = trie_.value(node);
      if (id < 0 || type_of(id) == SentencePiece::kUnused) continue;
      if (type_of(id) == SentencePiece::kUserDefined) {
        const float longer = static_cast<float>(end - begin) * highest_;
        offer(begin, end, static_cast<double>(longer) - 0.1 + static_cast<double>(till_here), id);
      } else {
        offer(begin, end, file_.pieces[static_cast<std::size_t>(id)].score + till_here, id);
      }
      covered = covered || end - begin == size;
    }
    if (!covered) offer(begin, begin + size, lowest_ - kUnknownPenalty + till_here, unk_);
    begin += size;
  }
  const auto whole = static_cast<std::uint32_t>(text.size());
  std::size_t count = 0;  // first, so that only memory that is needed is touched
  for (auto end = whole; end > 0; end = best[end].begin) ++count;
  work.cuts.resize(count);
  for (auto end = whole; end > 0; end = best[end].begin) {
    work.cuts[--count] = {best[end].begin, end, best[end].id};
  }
}

/// Cuts to parts: unknown ones in a row are joined, or become their bytes.
void SentencePieceProcessor::collect(Work& work) const {
  const std::string_view text = work.normalized.text;
  const auto& from = work.normalized.from;
  bool after_unknown = false;
  work.parts.reserve(work.cuts.size());
  for (const Work::Cut cut : work.cuts) {
    const std::string_view piece = text.substr(cut.begin, cut.end - cut.begin);
    const bool unknown = type_of(cut.id) == SentencePiece::kUnknown;
    if (unknown && file_.byte_fallback) {
      for (const char byte : piece) {
        const auto& name = bytes_[static_cast<unsigned char>(byte)];
        work.parts.push_back({name, from[cut.begin], from[cut.end]});
      }
    } else if (unknown && after_unknown) {
      Part& last = work.parts.back();
      last = {{last.text.data(), last.text.size() + piece.size()}, last.begin, from[cut.end]};
    } else {
      work.parts.push_back({piece, from[cut.begin], from[cut.end]});
    }
    after_unknown = unknown;
  }
}

const std::vector<SentencePieceProcessor::Part>& SentencePieceProcessor::encode(
    std::string_view text, Work& work) const {
  work.cuts.clear();
  work.parts.clear();
  normalizer_.normalize(text, work.normalized);
  const std::string_view normalized = work.normalized.text;
  if (normalized.empty()) return work.parts;
  if (file_.model_type == SentencePiece::kUnigram) {
    search(normalized, work);
  } else {
    merge(normalized, work);
  }
  collect(work);
  return work.parts;
}

}  // namespace typecase
