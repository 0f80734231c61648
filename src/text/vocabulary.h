#pragma once

#include "base/huge_pages.h"

#include <typecase/token.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace typecase {

/// A good 64-bit hash of a short string.
std::uint64_t hash_bytes(std::string_view text) noexcept;

/// Token strings and their ids, both ways. Ids may have holes.
///
/// All strings lie in one block of memory; the hash table holds ids and the strings' first bytes,
/// so that most look-ups touch one cache line. A vocabulary of 128,000 tokens is four allocations.
class Vocabulary {
 public:
  /// Room for `tokens` strings of `bytes` bytes in all.
  void reserve(std::size_t tokens, std::size_t bytes);

  /// False, and nothing changed, when the string or the id is taken already.
  /// REQUIRES: 0 ≤ id < limits::kVocabulary.
  bool add(std::string_view token, TokenId id);

  std::optional<TokenId> find(std::string_view token) const noexcept {
    return find(token, hash_bytes(token));
  }
  /// The same when hash_bytes(token) is known; prefetch() some time before spares the wait.
  std::optional<TokenId> find(std::string_view token, std::uint64_t hash) const noexcept;
  void prefetch(std::uint64_t hash) const noexcept {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  }

  /// Whether `id` has a string.
  bool has(TokenId id) const noexcept {
    return id >= 0 && static_cast<std::size_t>(id) < where_.size() &&
           where_[static_cast<std::size_t>(id)].size != kNone;
  }
  /// The string of `id`; empty for ids nobody has. Valid as long as nothing is added.
  std::string_view at(TokenId id) const noexcept {
    if (!has(id)) return {};
    const Where where = where_[static_cast<std::size_t>(id)];
    return {bytes_.data() + where.begin, where.size};
  }

  /// How many tokens there are.
  std::size_t size() const noexcept { return count_; }
  /// One above the highest id.
  std::size_t end() const noexcept { return where_.size(); }
  /// Bytes of all tokens together.
  std::size_t bytes() const noexcept { return bytes_.size(); }
  /// Bytes of the longest token.
  std::size_t longest() const noexcept { return longest_; }

 private:
  struct Where {
    std::uint32_t begin = 0;
    std::uint32_t size = kNone;
  };
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  struct Slot {
    std::uint64_t start = 0;  // the first 8 bytes of the string, zeros behind its end
    std::uint32_t tag = 0;    // 24 bits of the hash, and the string's size up to 255
    std::uint32_t id = kNone;
  };
  static std::uint64_t start_of(std::string_view token) noexcept;
  static std::uint32_t tag_of(std::string_view token, std::uint64_t hash) noexcept;

  void grow(std::size_t slots);
  std::size_t slot_of(std::string_view token, std::uint64_t hash) const noexcept;

  std::string bytes_;
  std::vector<Where> where_;
  std::vector<Slot, HugePageAllocator<Slot>> slots_;
  std::size_t count_ = 0;
  std::size_t longest_ = 0;
};

}  // namespace typecase
