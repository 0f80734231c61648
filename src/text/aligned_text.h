#pragma once

#include <typecase/tokenizer.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace typecase {

/// Text that remembers where each of its bytes came from.
///
/// `text` is valid UTF-8. `origin` has one entry a byte (all bytes of a character have the same)
/// when offsets were asked for, and is empty when not: nothing is paid then.
struct AlignedText {
  std::string text;
  std::vector<Offsets> origin;
  std::uint32_t first = 0;  ///< where the original text began

  bool tracked() const noexcept { return !origin.empty(); }

  /// The original range behind bytes [begin, end).
  Offsets span(std::size_t begin, std::size_t end) const {
    if (origin.empty()) return {};
    const std::size_t last = origin.size() - 1;
    if (begin >= end)
      return {origin[std::min(begin, last)].begin, origin[std::min(begin, last)].begin};
    return {origin[std::min(begin, last)].begin, origin[std::min(end - 1, last)].end};
  }

  /// Replaces the content by `source`, whose first character is number `from` of the original.
  void assign(std::string_view source, std::uint32_t from, bool track);

  /// Adds `piece`, all of it standing for `from`.
  void append(std::string_view piece, Offsets from, bool track) {
    text += piece;
    if (track) origin.insert(origin.end(), piece.size(), from);
  }
  /// Adds bytes [begin, end) of `other` with their origins.
  void append(const AlignedText& other, std::size_t begin, std::size_t end) {
    text.append(other.text, begin, end - begin);
    if (other.tracked()) {
      origin.insert(origin.end(), other.origin.begin() + static_cast<std::ptrdiff_t>(begin),
                    other.origin.begin() + static_cast<std::ptrdiff_t>(end));
    }
  }
  void clear() noexcept {
    text.clear();
    origin.clear();
  }
};

}  // namespace typecase
