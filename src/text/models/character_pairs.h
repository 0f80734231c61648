#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace typecase {

/// Which two characters some merge brings together: the last one of its left part and the first one
/// of its right part. Between any other two no merge can ever happen, so a long text may be cut
/// there and its parts be remembered like words.
///
/// A set of hashes: it may say yes too often, which costs speed, never no.
class CharacterPairs {
 public:
  /// REQUIRES: valid UTF-8, both not empty.
  void add(std::string_view left, std::string_view right);

  bool may_merge(char32_t left, char32_t right) const noexcept {
    const std::uint32_t bit = bit_of(left, right);
    return bits_.empty() || (bits_[bit / 64] >> (bit & 63) & 1) != 0;
  }

 private:
  static constexpr int kBits = 19;
  static std::uint32_t bit_of(char32_t left, char32_t right) noexcept {
    const std::uint64_t both = std::uint64_t{left} << 21 | right;
    return static_cast<std::uint32_t>((both * 0x9E3779B97F4A7C15) >> (64 - kBits));
  }
  std::vector<std::uint64_t> bits_;
};

}  // namespace typecase
