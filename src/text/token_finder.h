#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace typecase {

/// Finds a set of strings in a text, leftmost first and of those that begin at the same place the
/// longest; matches do not overlap.   Aho and Corasick 1975, doi:10.1145/360825.360855.
///
/// Few places of ordinary text look like the first two bytes of a string; there the sorted strings
/// are narrowed down byte by byte. Where text and strings make that too much work, an automaton
/// takes over that reads the text backwards with the strings reversed: at each place it then knows
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

  bool empty() const noexcept { return strings_.empty(); }
  void find(std::string_view text, std::vector<Match>& out) const;

  /// The same by the automaton alone. For tests.
  void find_by_automaton(std::string_view text, std::vector<Match>& out) const;

 private:
  struct String {
    std::string text;
    std::uint32_t number;
    std::size_t order;  // of add()
  };
  class Automaton;

  std::size_t next_candidate(std::string_view text, std::size_t at) const noexcept;
  const String* longest_at(std::string_view text, std::size_t at,
                           std::size_t& steps) const noexcept;

  std::vector<String> strings_;  // sorted, all different
  // Where a string may begin: by its first byte, and by its first two.
  std::array<bool, 256> first_{};
  std::bitset<65536> first_two_;
  std::vector<char> few_firsts_;  // the first bytes, if there are so few that a vector finds them

  // Made when it is first needed, which is hardly ever.
  struct Lazy;
  std::shared_ptr<Lazy> lazy_;
};

}  // namespace typecase
