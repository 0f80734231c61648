#include "text/vocabulary.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace typecase {
namespace {

template <class T>
std::uint64_t part(const char* at) noexcept {
  T out;
  std::memcpy(&out, at, sizeof out);
  return out;
}

/// Up to 8 bytes, zeros behind their end; without a copy of unknown length.
std::uint64_t load(const char* at, std::size_t size) noexcept {
  if (size >= 8) return part<std::uint64_t>(at);
  if (size >= 4) {
    return part<std::uint32_t>(at) | part<std::uint32_t>(at + size - 4) << (size * 8 - 32);
  }
  if (size == 0) return 0;
  return part<std::uint8_t>(at) | part<std::uint8_t>(at + size / 2) << (size / 2 * 8) |
         part<std::uint8_t>(at + size - 1) << (size * 8 - 8);
}

/// The two halves of a 128-bit product, folded: every input bit reaches every output bit.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

std::uint64_t hash_bytes(std::string_view text) noexcept {
  constexpr std::uint64_t kA = 0x9E3779B97F4A7C15, kB = 0xD6E8FEB86659FD93;
  std::uint64_t hash = kA ^ text.size();
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left > 8; at += 8, left -= 8) hash = mix(hash ^ load(at, 8), kB);
  return mix(hash ^ load(at, left), kA);
}

void Vocabulary::reserve(std::size_t tokens, std::size_t bytes) {
  bytes_.reserve(bytes);
  where_.reserve(tokens);
  grow(std::bit_ceil(tokens * 2 + 16));
}

void Vocabulary::grow(std::size_t slots) {
  if (slots <= slots_.size()) return;
  slots_.assign(slots, {});
  for (std::size_t id = 0; id < where_.size(); ++id) {
    if (where_[id].size == kNone) continue;
    const auto token = at(static_cast<TokenId>(id));
    const auto hash = hash_bytes(token);
    slots_[slot_of(token, hash)] = {start_of(token), tag_of(token, hash),
                                    static_cast<std::uint32_t>(id)};
  }
}

std::uint64_t Vocabulary::start_of(std::string_view token) noexcept {
  return load(token.data(), std::min<std::size_t>(token.size(), 8));
}

std::uint32_t Vocabulary::tag_of(std::string_view token, std::uint64_t hash) noexcept {
  return static_cast<std::uint32_t>(hash >> 40) << 8 |
         static_cast<std::uint32_t>(std::min<std::size_t>(token.size(), 255));
}

std::size_t Vocabulary::slot_of(std::string_view token, std::uint64_t hash) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  const std::uint64_t start = start_of(token);
  const std::uint32_t tag = tag_of(token, hash);
  for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
    const Slot& slot = slots_[i];
    if (slot.id == kNone) return i;
    if (slot.tag != tag || slot.start != start) continue;
    if (token.size() <= 8 || at(static_cast<TokenId>(slot.id)) == token) return i;
  }
}

bool Vocabulary::add(std::string_view token, TokenId id) {
  if (has(id)) return false;
  if ((count_ + 1) * 2 > slots_.size()) grow(std::max<std::size_t>(64, slots_.size() * 2));
  const auto hash = hash_bytes(token);
  const std::size_t slot = slot_of(token, hash);
  if (slots_[slot].id != kNone) return false;
  const auto row = static_cast<std::size_t>(id);
  if (row >= where_.size()) where_.resize(row + 1);
  where_[row] = {static_cast<std::uint32_t>(bytes_.size()),
                 static_cast<std::uint32_t>(token.size())};
  bytes_ += token;
  slots_[slot] = {start_of(token), tag_of(token, hash), static_cast<std::uint32_t>(id)};
  ++count_;
  longest_ = std::max(longest_, token.size());
  return true;
}

std::optional<TokenId> Vocabulary::find(std::string_view token, std::uint64_t hash) const noexcept {
  if (slots_.empty()) return std::nullopt;
  const Slot& slot = slots_[slot_of(token, hash)];
  if (slot.id == kNone) return std::nullopt;
  return static_cast<TokenId>(slot.id);
}

}  // namespace typecase
