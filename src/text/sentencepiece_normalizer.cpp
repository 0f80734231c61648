#include "text/sentencepiece_normalizer.h"

#include "base/limits.h"
#include "base/utf8.h"

#include <typecase/error.h>

namespace typecase {
namespace {

std::vector<Trie::Entry> user_entries(const SentencePiece& file) {
  std::vector<Trie::Entry> out;
  for (const auto& piece : file.pieces) {
    if (piece.type == SentencePiece::kUserDefined) out.push_back({piece.text, 0});
  }
  return out;
}

}  // namespace

SentencePieceNormalizer::SentencePieceNormalizer(const SentencePiece& file)
    : user_(user_entries(file)),
      space_(file.escape_whitespaces ? "\u2581" : " "),
      prefix_(file.add_dummy_prefix && !file.treat_whitespace_as_suffix),
      suffix_(file.add_dummy_prefix && file.treat_whitespace_as_suffix),
      squeeze_(file.remove_extra_whitespaces) {
  if (!file.charsmap.empty()) map_.emplace(file.charsmap);
}

std::size_t SentencePieceNormalizer::user_defined(std::string_view text) const noexcept {
  std::size_t longest = 0;
  Trie::Node node = Trie::kRoot;
  for (std::size_t i = 0; i < text.size(); ++i) {
    node = user_.child(node, static_cast<unsigned char>(text[i]));
    if (node == Trie::kNone) break;
    if (user_.value(node) >= 0) longest = i + 1;
  }
  return longest;
}

/// What comes next of the text, and what stands for it.
SentencePieceNormalizer::Step SentencePieceNormalizer::next(std::string_view text) const {
  if (const std::size_t bytes = user_defined(text)) return {text.substr(0, bytes), bytes};
  std::string_view by;
  if (const std::size_t bytes = map_ ? map_->longest(text, by) : 0) return {by, bytes};
  const std::size_t bytes = decode_utf8(text, 0).size;
  return {text.substr(0, bytes), bytes};
}

void SentencePieceNormalizer::append(std::string_view by, std::size_t from, bool& after_space,
                                     Result& out) const {
  while (after_space && by.starts_with(' ')) by.remove_prefix(1);
  if (by.empty()) return;
  for (const char c : by) {
    if (c == ' ') {
      out.text += space_;
    } else {
      out.text += c;
    }
    out.from.resize(out.text.size(), static_cast<std::uint32_t>(from));
  }
  after_space = by.ends_with(' ');
}

void SentencePieceNormalizer::normalize(std::string_view input, Result& out) const {
  out.text.clear();
  out.from.clear();
  std::size_t at = 0;
  while (squeeze_ && at < input.size()) {
    const Step step = next(input.substr(at));
    if (step.by != " ") break;
    at += step.bytes;
  }
  if (at == input.size()) {
    out.from.push_back(static_cast<std::uint32_t>(at));
    return;
  }
  if (prefix_) out.text += space_;
  out.from.resize(out.text.size(), static_cast<std::uint32_t>(at));
  for (bool after_space = squeeze_; at < input.size();) {
    const Step step = next(input.substr(at));
    append(step.by, at, after_space, out);
    if (!squeeze_) after_space = false;
    at += step.bytes;
    if (out.text.size() > limits::kReplacedText) {
      throw Error(Code::limit, "the text grows to more than " +
                                   std::to_string(limits::kReplacedText) +
                                   " bytes under the character map");
    }
  }
  while (squeeze_ && out.text.ends_with(space_)) {
    out.text.resize(out.text.size() - space_.size());
    at = out.from[out.text.size()];
  }
  if (suffix_) out.text += space_;
  out.from.resize(out.text.size() + 1, static_cast<std::uint32_t>(at));
}

}  // namespace typecase
