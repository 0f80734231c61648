#pragma once

#include "text/normalizers/normalizer.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace typecase {

/// SentencePiece's compiled character map: a double-array trie of texts and what replaces them.
/// Aoe 1989, doi:10.1109/32.31365; layout of Darts-clone.
///
/// Layout: trie size in bytes (uint32), the trie's units (uint32 each), then the replacements, each
/// ended by a zero byte. Little-endian.
class CharsMap {
 public:
  /// Throws Error(bad_file), without place, for sizes that do not fit and text that is not UTF-8.
  explicit CharsMap(std::string_view blob);

  /// What replaces `text` if one of the map's texts is `text` or a beginning of it: that of the
  /// shortest such text (the reference looks no further). False when there is none.
  bool find(std::string_view text, std::string_view& replacement) const noexcept;

  /// The same of the longest such text, as SentencePiece itself does. Returns its bytes; 0: none.
  std::size_t longest(std::string_view text, std::string_view& replacement) const noexcept;

 private:
  /// Calls found(size, replacement) for each of the map's texts that `text` begins with, shortest
  /// first, until it returns false.
  template <class Found>
  void walk(std::string_view text, Found&& found) const noexcept;

  std::vector<std::uint32_t> units_;
  std::string replacements_;
};

std::unique_ptr<Normalizer> make_precompiled(CharsMap map);

}  // namespace typecase
