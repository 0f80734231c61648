#include "text/trie.h"

#include <algorithm>

namespace typecase {

Trie::Trie(std::vector<Entry> entries) {
  std::ranges::stable_sort(entries, {}, &Entry::text);
  // Breadth first; a node owns the entries [begin, end), which agree in their first bytes.
  struct Range {
    std::uint32_t begin, end, depth;
  };
  std::vector<Range> ranges{{0, static_cast<std::uint32_t>(entries.size()), 0}};
  nodes_.resize(1);
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    auto [begin, end, depth] = ranges[node];
    while (begin < end && entries[begin].text.size() == depth) {
      nodes_[node].value = entries[begin++].value;
    }
    nodes_[node].first_child = static_cast<std::uint32_t>(nodes_.size());
    while (begin < end) {
      const char byte = entries[begin].text[depth];
      std::uint32_t next = begin + 1;
      while (next < end && entries[next].text[depth] == byte) ++next;
      nodes_.push_back({.byte = static_cast<unsigned char>(byte)});
      ranges.push_back({begin, next, depth + 1});
      ++nodes_[node].children;
      begin = next;
    }
  }
  for (std::uint32_t i = 0; i < nodes_[0].children; ++i) {
    const Node node = nodes_[0].first_child + i;
    root_[nodes_[node].byte] = node;
  }
}

Trie::Node Trie::child(Node node, unsigned char byte) const noexcept {
  if (node == kRoot) return root_[byte];
  Node at = nodes_[node].first_child;
  std::uint32_t left = nodes_[node].children;
  while (left > 8) {
    const std::uint32_t half = left / 2;
    const bool above = nodes_[at + half].byte <= byte;
    at += above ? half : 0;
    left = above ? left - half : half;
  }
  for (const Node end = at + left; at < end; ++at) {
    if (nodes_[at].byte == byte) return at;
  }
  return kNone;
}

Trie::Node Trie::walk(Node node, std::string_view text) const noexcept {
  for (const char byte : text) {
    node = child(node, static_cast<unsigned char>(byte));
    if (node == kNone) return kNone;
  }
  return node;
}

}  // namespace typecase
