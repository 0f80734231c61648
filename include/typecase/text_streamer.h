#pragma once

#include <typecase/token.h>
#include <typecase/tokenizer.h>

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace typecase {

struct TextStreamerOptions {
  bool skip_prompt = false;  ///< drop exactly the first put()
  DecodeOptions decode{};
};

/// The reference's TextStreamer: text in pieces that end where words end.
///
/// After each put() everything since the last line break is decoded again, and of what has not been
/// written yet this is written: all of it when the text ends in a line break or in a CJK character,
/// else up to and including the last space. Its pieces may therefore differ from the batch decode
/// (decoders treat the first token after a line break as the first of all); StreamDecoder's do not.
///
/// Calls in order:  put* end.   Not for use from two threads at once.
class TextStreamer {
 public:
  /// Receives each piece, empty ones too; `end` marks the last.
  using Write = std::function<void(std::string_view text, bool end)>;

  /// REQUIRES: `tokenizer` outlives this object.
  TextStreamer(const Tokenizer& tokenizer, Write write, TextStreamerOptions options = {});

  /// The prompt first, then what each step added. Throws Error(invalid_argument) for more than one
  /// row, the skipped prompt included.
  void put(std::span<const TokenId> ids, std::size_t rows = 1);
  void end();

 private:
  std::string unwritten(const std::string& text) const;

  const Tokenizer& tokenizer_;
  Write write_;
  TextStreamerOptions options_;
  bool next_is_prompt_ = true;
  Tokens line_;              // since the last line break
  std::size_t written_ = 0;  // code points of the line
};

}  // namespace typecase
