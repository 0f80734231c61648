#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace typecase {

/// A set of byte strings by their beginnings, for finding all that start at a place of a text.
/// Children of a node lie side by side, in the order of their bytes.
class Trie {
 public:
  using Node = std::uint32_t;
  static constexpr Node kNone = 0;  // the root is nobody's child
  static constexpr Node kRoot = 0;

  struct Entry {
    std::string_view text;
    std::int32_t value;  ///< ≥ 0
  };
  /// Of equal texts the last one counts.
  explicit Trie(std::vector<Entry> entries);
  Trie() : Trie(std::vector<Entry>{}) {}

  /// The node one byte further, kNone when no text goes there.
  Node child(Node node, unsigned char byte) const noexcept;
  /// The value of the text that ends here, or −1.
  std::int32_t value(Node node) const noexcept { return nodes_[node].value; }

  /// The node of `text` from `node` on; kNone when there is none. REQUIRES: not empty.
  Node walk(Node node, std::string_view text) const noexcept;

 private:
  struct Cell {
    std::uint32_t first_child = 0;
    std::int32_t value = -1;
    std::uint16_t children = 0;
    unsigned char byte = 0;
  };
  std::vector<Cell> nodes_;
  std::array<Node, 256> root_{};
};

}  // namespace typecase
