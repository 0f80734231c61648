#include "base/utf8.h"
#include "text/decoders/decoder.h"

#include <limits>

namespace typecase {
namespace {

struct StripOptions {
  std::string content;  ///< one character
  std::uint64_t start;
  std::uint64_t stop;
};

/// Takes up to `start` and `stop` of a character off the ends of every token. What is known not to
/// be at the end is passed on at once.
class StripStage final : public DecoderStage {
 public:
  StripStage(DecoderStage& next, const StripOptions& options) : next_(next), options_(options) {}

  void put(std::string_view fragment) override {
    for (std::size_t at = 0; at < fragment.size();) {
      const auto size = decode_utf8(fragment, at).size;
      character(fragment.substr(at, size));
      at += size;
    }
    if (!text_.empty()) next_.put(text_);
    text_.clear();
  }

  void end_token() override {
    const auto cut = std::min<std::uint64_t>(held_, options_.stop);
    for (std::uint64_t i = 0; i < held_ - cut; ++i) next_.put(options_.content);
    next_.end_token();
    held_ = 0;
    cut_ = 0;
    started_ = false;
  }

  void finish() override { next_.finish(); }

 private:
  void character(std::string_view c) {
    const bool matches = c == options_.content;
    if (!started_ && matches && cut_ < options_.start) {
      ++cut_;
      return;
    }
    started_ = true;
    if (matches && options_.stop > 0) {
      ++held_;
      return;
    }
    for (; held_ > 0; --held_) text_ += options_.content;
    text_ += c;
  }

  DecoderStage& next_;
  const StripOptions& options_;
  std::string text_;
  std::uint64_t cut_ = 0;   // taken off the front of this token
  std::uint64_t held_ = 0;  // may yet be at the end
  bool started_ = false;
};

class Strip final : public Decoder {
 public:
  explicit Strip(StripOptions options) : options_(std::move(options)) {}
  std::unique_ptr<DecoderStage> stage(DecoderStage& next) const override {
    return std::make_unique<StripStage>(next, options_);
  }

 private:
  StripOptions options_;
};

std::uint64_t count(const ConfigValue& value) {
  const auto n = value.integer();
  if (n < 0) throw value.error(Code::bad_file, "expected 0 or more, found " + std::to_string(n));
  return static_cast<std::uint64_t>(n);
}

}  // namespace

std::unique_ptr<Decoder> make_strip_decoder(std::string character, std::uint64_t start,
                                            std::uint64_t stop) {
  return std::make_unique<Strip>(StripOptions{std::move(character), start, stop});
}

std::unique_ptr<Decoder> make_strip_decoder(const ConfigValue& config) {
  const auto content = config.at("content");
  content.character();
  return make_strip_decoder(content.text(), count(config.at("start")), count(config.at("stop")));
}

}  // namespace typecase
