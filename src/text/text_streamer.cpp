#include "base/utf8.h"

#include <typecase/error.h>
#include <typecase/text_streamer.h>

#include <utility>

namespace typecase {
namespace {

/// The CJK ideographs of the reference's streamer.
bool is_cjk(char32_t c) {
  constexpr std::pair<char32_t, char32_t> kRanges[] = {
      {0x4E00, 0x9FFF},   {0x3400, 0x4DBF},   {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F},
      {0x2B740, 0x2B81F}, {0x2B820, 0x2CEAF}, {0xF900, 0xFAFF},   {0x2F800, 0x2FA1F}};
  for (const auto& [first, last] : kRanges) {
    if (c >= first && c <= last) return true;
  }
  return false;
}

char32_t last_character(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return decode_utf8(text, at).code_point;
}

}  // namespace

TextStreamer::TextStreamer(const Tokenizer& tokenizer, Write write, TextStreamerOptions options)
    : tokenizer_(tokenizer), write_(std::move(write)), options_(options) {}

/// The text behind its first `written_` code points.
std::string TextStreamer::unwritten(const std::string& text) const {
  std::size_t at = 0;
  for (std::size_t i = 0; i < written_ && at < text.size(); ++i) at += decode_utf8(text, at).size;
  return text.substr(at);
}

void TextStreamer::put(std::span<const TokenId> ids, std::size_t rows) {
  if (rows > 1) throw Error(Code::invalid_argument, "TextStreamer only supports batch size 1");
  if (std::exchange(next_is_prompt_, false) && options_.skip_prompt) return;
  line_.insert(line_.end(), ids.begin(), ids.end());
  const std::string text = tokenizer_.decode(line_, options_.decode);
  if (text.ends_with('\n')) {
    const std::string piece = unwritten(text);
    line_.clear();
    written_ = 0;
    write_(piece, false);
    return;
  }
  const auto words = text.rfind(' ') == std::string::npos ? 0 : text.rfind(' ') + 1;
  const bool all = !text.empty() && is_cjk(last_character(text));
  const std::string piece = unwritten(all ? text : text.substr(0, words));
  written_ += count_code_points(piece);
  write_(piece, false);
}

void TextStreamer::end() {
  const std::string piece = unwritten(tokenizer_.decode(line_, options_.decode));
  line_.clear();
  written_ = 0;
  next_is_prompt_ = true;
  write_(piece, true);
}

}  // namespace typecase
