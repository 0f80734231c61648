#include "text/marian_decoder.h"

#include "base/utf8.h"
#include "text/chat/characters.h"

namespace typecase {
namespace {

constexpr std::string_view kBlock = "\u2581";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// Bytes of `name`, a piece <0xNN>.
char byte_of(const std::string& name) {
  return static_cast<char>(std::stoi(name.substr(3, 2), nullptr, 16));
}

class MarianStage final : public WholeTokenStage {
 public:
  MarianStage(DecoderStage& next, const SentencePieceProcessor& pieces,
              const std::set<std::string, std::less<>>& specials)
      : WholeTokenStage(next), pieces_(pieces), specials_(specials) {}

  void finish() override {
    flush_bytes();
    show(std::exchange(run_, {}));
    next_.finish();
  }

 protected:
  void token(const std::string& text) override {
    if (specials_.contains(text)) {
      flush_bytes();
      run_ += text;
      run_ += ' ';
      show(std::exchange(run_, {}));
      run_has_text_ = drops_none_ = false;
      return;
    }
    const std::int32_t id = pieces_.id_of(text);
    if (pieces_.type_of(id) == SentencePiece::kByte) {
      bytes_ += byte_of(text);
      return;
    }
    flush_bytes();
    piece(text, id);
    show(std::exchange(run_, {}));
  }

 private:
  /// A piece's text at its place in the run.
  void piece(std::string_view text, std::int32_t id) {
    const auto& file = pieces_.file();
    const bool first = !run_has_text_ && !drops_none_;
    drops_none_ = false;
    if (pieces_.type_of(id) == SentencePiece::kControl) return;
    if (pieces_.type_of(id) == SentencePiece::kUnknown) {
      const bool named = file.pieces[static_cast<std::size_t>(id)].text == text;
      add(named ? file.unk_surface : std::string(text));
      return;
    }
    if (first && (file.add_dummy_prefix || file.remove_extra_whitespaces)) {
      const bool begins = text.starts_with(kBlock);
      if (begins) text.remove_prefix(kBlock.size());
      // Where spaces are squeezed, every one at the front of the run goes, else the first alone.
      drops_none_ = begins && !file.remove_extra_whitespaces;
    }
    std::string shown(text);
    replace_all(shown, kBlock, " ");
    add(shown);
  }

  void add(const std::string& text) {
    run_ += text;
    run_has_text_ = run_has_text_ || !text.empty();
  }

  void flush_bytes() {
    for (std::size_t at = 0; at < bytes_.size();) {
      const auto c = decode_utf8(bytes_, at);
      append_utf8(run_, c.code_point);
      at += c.valid ? c.size : 1;
    }
    run_has_text_ = run_has_text_ || !bytes_.empty();
    bytes_.clear();
  }

  /// Passes `text` on, but for white space that may turn out to be the last.
  void show(std::string text) {
    replace_all(text, kBlock, " ");
    held_ += text;
    std::size_t begin = held_.size(), end = 0;  // of what is no white space
    for (std::size_t at = 0; at < held_.size();) {
      const auto c = decode_utf8(held_, at);
      if (!chat::is_space(c.code_point)) {
        begin = std::min(begin, at);
        end = at + c.size;
      }
      at += c.size;
    }
    if (end == 0) {
      if (!started_) held_.clear();
      return;
    }
    if (started_) begin = 0;
    started_ = true;
    emit(std::string_view(held_).substr(begin, end - begin));
    held_.erase(0, end);
  }

  const SentencePieceProcessor& pieces_;
  const std::set<std::string, std::less<>>& specials_;
  std::string run_;            // shown next
  std::string bytes_;          // of byte pieces in a row
  std::string held_;           // white space
  bool run_has_text_ = false;  // this run of pieces has shown something
  bool drops_none_ = false;    // its first space is gone already
  bool started_ = false;
};

class MarianDecoder final : public Decoder {
 public:
  MarianDecoder(std::shared_ptr<const SentencePieceProcessor> pieces,
                std::set<std::string, std::less<>> specials)
      : pieces_(std::move(pieces)), specials_(std::move(specials)) {}
  std::unique_ptr<DecoderStage> stage(DecoderStage& next) const override {
    return std::make_unique<MarianStage>(next, *pieces_, specials_);
  }

 private:
  std::shared_ptr<const SentencePieceProcessor> pieces_;
  std::set<std::string, std::less<>> specials_;
};

}  // namespace

std::unique_ptr<Decoder> make_marian_decoder(std::shared_ptr<const SentencePieceProcessor> pieces,
                                             std::set<std::string, std::less<>> specials) {
  return std::make_unique<MarianDecoder>(std::move(pieces), std::move(specials));
}

}  // namespace typecase
