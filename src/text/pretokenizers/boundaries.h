#pragma once

#include "text/pretokenizers/class_bits.h"
#include "text/pretokenizers/pieces.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace typecase {

/// The families of split patterns that have scanners of their own; scanners.h has their texts.
enum class PatternFamily { gpt2, llama3, qwen2, qwen35, o200k, tekken, deepseek_v3 };

/// Cuts text where matches of a family's pattern begin, 64 bytes at a time: whether a byte begins
/// one follows from the classes of the bytes around it by a few operations on whole words of bits;
/// contractions, numbers and line breaks are touched up one by one. Text with characters that the
/// rules do not cover goes to the scanner of scanners.h, which both must equal.
///
/// Holds buffers only. Not for use from two threads at once.
class BoundaryCutter {
 public:
  explicit BoundaryCutter(PatternFamily family);

  /// Appends the pieces of text[piece.begin, piece.end).   REQUIRES: `text` is valid UTF-8.
  void cut(std::string_view text, Piece piece, std::vector<Piece>& out);

 private:
  void cut_stretch(std::string_view text, std::uint32_t base, std::vector<Piece>& out);

  using Scanner = std::size_t (*)(std::string_view, std::size_t) noexcept;
  PatternFamily family_;
  ClassRules rules_;
  Scanner scanner_;
  std::vector<ClassBits> rows_;
  std::vector<std::uint64_t> starts_;
};

}  // namespace typecase
