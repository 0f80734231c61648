#pragma once

#include <typecase/token.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>

namespace typecase {

/// A word of at most 16 bytes as two numbers, zeros behind its end, and a hash of them.
struct ShortWord {
  std::uint64_t low = 0, high = 0;
  std::uint64_t hash = 0;

  /// `readable`: bytes that may be read from `at` on.   REQUIRES: 0 < size ≤ 16, size ≤ readable.
  static ShortWord load(const char* at, std::size_t size, std::size_t readable) noexcept {
    ShortWord out;
    if (readable >= 16) {
      std::memcpy(&out.low, at, 8);
      std::memcpy(&out.high, at + 8, 8);
      const std::uint64_t ones = ~std::uint64_t{0};
      const std::uint64_t keep = ones >> ((-size * 8) & 63);  // of the half in which the word ends
      out.low &= size < 8 ? keep : ones;
      out.high &= size > 8 ? keep : 0;
    } else {
      std::array<std::uint64_t, 2> copy{};
      std::memcpy(copy.data(), at, size);
      out.low = copy[0];
      out.high = copy[1];
    }
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(out.low ^ 0x9E3779B97F4A7C15 ^ size << 56) *
                         (out.high ^ 0xD6E8FEB86659FD93);
    out.hash = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    return out;
  }
};

/// Remembers the tokens of short words: a table of pairs of entries, each pair one cache line. A
/// newcomer replaces the older of the two, so that memory is bounded without any bookkeeping.
///
/// Keys are the words' bytes, compared whole; entries are filled from real merges. Memory is the
/// system's zero pages until used, so that a cache for a few words costs little.
class ShortWordCache {
 public:
  static constexpr std::size_t kLongest = 16;
  static constexpr std::size_t kIds = 3;

  struct Entry {
    std::uint64_t low, high;
    std::array<TokenId, kIds> ids;
    std::uint8_t size;  // 0: free
    std::uint8_t count;
    std::uint16_t unused;
  };
  static_assert(sizeof(Entry) == 32);

  /// REQUIRES: `pairs` is a power of two.
  explicit ShortWordCache(std::size_t pairs)
      : entries_(static_cast<Entry*>(std::calloc(pairs * 2, sizeof(Entry)))), mask_(pairs - 1) {
    if (!entries_) throw std::bad_alloc();
  }

  void prefetch(const ShortWord& word) const noexcept {
    __builtin_prefetch(&entries_[(word.hash & mask_) * 2]);
  }

  /// The entry of the word, or nullptr.
  const Entry* find(const ShortWord& word, std::size_t size) const noexcept {
    const Entry* pair = &entries_[(word.hash & mask_) * 2];
    if (pair[0].low == word.low && pair[0].high == word.high && pair[0].size == size) return pair;
    if (pair[1].low == word.low && pair[1].high == word.high && pair[1].size == size) {
      return pair + 1;
    }
    return nullptr;
  }
  void put(const ShortWord& word, std::size_t size, std::span<const TokenId> ids) noexcept {
    if (ids.empty() || ids.size() > kIds) return;
    Entry* pair = &entries_[(word.hash & mask_) * 2];
    pair[1] = pair[0];
    pair[0] = {word.low,
               word.high,
               {},
               static_cast<std::uint8_t>(size),
               static_cast<std::uint8_t>(ids.size()),
               0};
    std::memcpy(pair[0].ids.data(), ids.data(), ids.size_bytes());
  }

 private:
  struct Free {
    void operator()(Entry* entries) const noexcept { std::free(entries); }
  };
  std::unique_ptr<Entry[], Free> entries_;
  std::size_t mask_;
};

/// The same for longer words and more tokens, keys compared byte by byte. Text of many scripts has
/// tens of thousands of them, so there is room for these; the pages wait for their first use.
class LongWordCache {
 public:
  static constexpr std::size_t kLongest = 62;
  static constexpr std::size_t kIds = 16;

  /// REQUIRES: `pairs` is a power of two.
  explicit LongWordCache(std::size_t pairs)
      : entries_(static_cast<Entry*>(std::calloc(pairs * 2, sizeof(Entry)))), mask_(pairs - 1) {
    if (!entries_) throw std::bad_alloc();
  }

  void prefetch(std::uint64_t hash) const noexcept {
    const Entry* pair = &entries_[(hash & mask_) * 2];
    for (const Entry* entry : {pair, pair + 1}) {
      __builtin_prefetch(entry);
      __builtin_prefetch(&entry->size);
    }
  }

  /// The tokens of `word`, or nothing.   REQUIRES: 0 < word.size() ≤ kLongest.
  std::span<const TokenId> find(std::string_view word, std::uint64_t hash) const noexcept {
    const Entry* pair = &entries_[(hash & mask_) * 2];
    for (const Entry* entry : {pair, pair + 1}) {
      if (entry->size == word.size() &&
          std::memcmp(entry->key.data(), word.data(), word.size()) == 0) {
        return {entry->ids.data(), entry->count};
      }
    }
    return {};
  }
  void put(std::string_view word, std::uint64_t hash, std::span<const TokenId> ids) noexcept {
    if (ids.empty() || ids.size() > kIds) return;
    Entry* pair = &entries_[(hash & mask_) * 2];
    pair[1] = pair[0];
    Entry& entry = pair[0];
    entry.size = static_cast<std::uint8_t>(word.size());
    entry.count = static_cast<std::uint8_t>(ids.size());
    std::memcpy(entry.key.data(), word.data(), word.size());
    std::memcpy(entry.ids.data(), ids.data(), ids.size_bytes());
  }

 private:
  struct Entry {
    std::array<TokenId, kIds> ids;
    std::uint8_t size;  // 0: free
    std::uint8_t count;
    std::array<char, kLongest> key;
  };
  static_assert(sizeof(Entry) == 128);
  struct Free {
    void operator()(Entry* entries) const noexcept { std::free(entries); }
  };
  std::unique_ptr<Entry[], Free> entries_;
  std::size_t mask_;
};

}  // namespace typecase
