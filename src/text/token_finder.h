#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace typecase {

/// Finds a set of strings in a text, leftmost first and of those that begin at the same place the
/// longest; matches do not overlap.   Aho and Corasick 1975, doi:10.1145/360825.360855.
///
/// The automaton reads the text backwards with the strings reversed: at each place it then knows
/// the longest string that *begins* there, and one pass forward picks the matches. So the work is
/// linear whatever the strings are.
class TokenFinder {
 public:
  struct Match {
    std::uint32_t begin;
    std::uint32_t end;
    std::uint32_t token;  ///< the number given to add()
  };

  /// Of equal strings the first one added counts. REQUIRES: not empty, before finish().
  void add(std::string_view token, std::uint32_t number);
  void finish();  ///< after the last add()

  bool empty() const noexcept { return nodes_.size() <= 1; }
  void find(std::string_view text, std::vector<Match>& out) const;

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  struct Node {
    std::uint32_t fail = 0;
    std::uint32_t token = kNone;  // the longest reversed string that ends here …
    std::uint32_t length = 0;     // … and its bytes
  };
  std::uint32_t child(std::uint32_t node, unsigned char byte) const noexcept;

  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::array<std::uint32_t, 256> root_{};
  std::unordered_map<std::uint64_t, std::uint32_t> children_;  // node · 256 + byte
};

}  // namespace typecase
