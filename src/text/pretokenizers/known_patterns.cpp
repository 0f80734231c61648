#include "text/pretokenizers/pretokenizer.h"
#include "text/pretokenizers/scanners.h"

namespace typecase {
namespace {

using Scanner = std::size_t (*)(std::string_view, std::size_t) noexcept;

/// A pattern that matches at every position, as Split with behavior Isolated applies it.
class ScannerSplit final : public PreTokenizer {
 public:
  explicit ScannerSplit(Scanner scanner) : scanner_(scanner) {}

  void split(Pieces& pieces) const override {
    pieces.spell_bytes();
    pieces.recut([&](Piece piece, std::vector<Piece>& out) {
      const auto text = std::string_view(pieces.text.text).substr(0, piece.end);
      for (std::size_t at = piece.begin; at < piece.end;) {
        const std::size_t end = scanner_(text, at);
        out.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)});
        at = end;
      }
    });
  }

 private:
  Scanner scanner_;
};

constexpr struct {
  std::string_view pattern;
  Scanner scanner;
} kKnown[] = {
    {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
     scanners::gpt2},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     scanners::llama3},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     scanners::qwen2},
};

}  // namespace

std::unique_ptr<PreTokenizer> make_known_pattern(std::string_view pattern) {
  for (const auto& known : kKnown) {
    if (known.pattern == pattern) return std::make_unique<ScannerSplit>(known.scanner);
  }
  return nullptr;
}

}  // namespace typecase
