#include "text/stream_sink.h"

#include <typecase/stream_decoder.h>

#include <utility>

namespace typecase {

struct StreamDecoder::State {
  State(const Tokenizer& tokenizer, bool skip_special_tokens)
      : pipe(tokenizer.impl(), text, skip_special_tokens) {}
  std::string text;
  DecodePipe pipe;
};

StreamDecoder::StreamDecoder(const Tokenizer& tokenizer, bool skip_special_tokens)
    : state_(std::make_unique<State>(tokenizer, skip_special_tokens)) {}
StreamDecoder::~StreamDecoder() = default;
StreamDecoder::StreamDecoder(StreamDecoder&&) noexcept = default;

std::string StreamDecoder::push(TokenId token) {
  state_->pipe.push(token);
  return std::exchange(state_->text, {});
}

std::string StreamDecoder::finish() {
  state_->pipe.finish();
  return std::exchange(state_->text, {});
}

}  // namespace typecase
