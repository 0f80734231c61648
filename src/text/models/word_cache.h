#pragma once

#include <typecase/token.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace typecase {

/// Remembers the tokens of words: a direct-mapped table in which a newcomer replaces whoever sits
/// in its place, so that memory is bounded without any bookkeeping.
///
/// Keys are the words' bytes, compared whole; entries are filled from real merges.
template <std::size_t kKey, std::size_t kIds>
class WordCacheOf {
 public:
  static constexpr std::size_t kLongest = kKey;
  explicit WordCacheOf(std::size_t entries) : entries_(entries), mask_(entries - 1) {}

  /// The tokens of `word`, or nothing.   REQUIRES: 0 < word.size() ≤ kKey.
  std::span<const TokenId> find(std::string_view word, std::uint64_t hash) const noexcept {
    const Entry& entry = entries_[hash & mask_];
    if (entry.size != word.size() || std::memcmp(entry.key.data(), word.data(), word.size()) != 0) {
      return {};
    }
    return {entry.ids.data(), entry.count};
  }
  void put(std::string_view word, std::uint64_t hash, std::span<const TokenId> ids) noexcept {
    if (ids.empty() || ids.size() > kIds) return;
    Entry& entry = entries_[hash & mask_];
    entry.size = static_cast<std::uint8_t>(word.size());
    entry.count = static_cast<std::uint8_t>(ids.size());
    std::memcpy(entry.key.data(), word.data(), word.size());
    std::memcpy(entry.ids.data(), ids.data(), ids.size_bytes());
  }

 private:
  struct Entry {
    std::array<TokenId, kIds> ids;
    std::uint8_t size = 0;
    std::uint8_t count = 0;
    std::array<char, kKey> key;
  };
  std::vector<Entry> entries_;
  std::size_t mask_;
};

using ShortWordCache = WordCacheOf<18, 3>;  // 32 bytes an entry
using LongWordCache = WordCacheOf<38, 6>;   // 64 bytes an entry

}  // namespace typecase
