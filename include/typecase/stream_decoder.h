#pragma once

#include <typecase/token.h>
#include <typecase/tokenizer.h>

#include <memory>
#include <string>

namespace typecase {

/// Turns token ids into text as they arrive, O(1) a token.
///
/// Bytes that do not yet form a whole UTF-8 character are held back, so every piece returned by
/// push() is valid UTF-8 and the concatenation of all pieces equals Tokenizer::decode(all tokens).
/// Calls in order:  push* finish.   Not for use from two threads at once.
class StreamDecoder {
 public:
  /// REQUIRES: `tokenizer` outlives this object.
  explicit StreamDecoder(const Tokenizer& tokenizer, bool skip_special_tokens = false);
  ~StreamDecoder();
  StreamDecoder(StreamDecoder&&) noexcept;

  std::string push(TokenId token);  ///< may be empty
  std::string finish();             ///< U+FFFD for a character that never completed

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace typecase
