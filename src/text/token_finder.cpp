#include "text/token_finder.h"

#include <algorithm>

namespace typecase {

std::uint32_t TokenFinder::child(std::uint32_t node, unsigned char byte) const noexcept {
  if (node == 0) return root_[byte];
  const auto found = children_.find(std::uint64_t{node} << 8 | byte);
  return found == children_.end() ? 0 : found->second;
}

void TokenFinder::add(std::string_view token, std::uint32_t number) {
  std::uint32_t node = 0;
  for (auto c = token.rbegin(); c != token.rend(); ++c) {
    const auto byte = static_cast<unsigned char>(*c);
    std::uint32_t next = child(node, byte);
    if (next == 0) {
      next = static_cast<std::uint32_t>(nodes_.size());
      nodes_.emplace_back();
      if (node == 0) {
        root_[byte] = next;
      } else {
        children_.emplace(std::uint64_t{node} << 8 | byte, next);
      }
    }
    node = next;
  }
  if (nodes_[node].token == kNone) {
    nodes_[node].token = number;
    nodes_[node].length = static_cast<std::uint32_t>(token.size());
  }
}

void TokenFinder::finish() {
  // Breadth first, so that the failure link of a shorter string is known before the longer's.
  struct Edge {
    std::uint32_t node, parent;
    unsigned char byte;
  };
  std::vector<std::vector<Edge>> by_parent(nodes_.size());
  for (const auto& [key, node] : children_) {
    const auto parent = static_cast<std::uint32_t>(key >> 8);
    by_parent[parent].push_back({node, parent, static_cast<unsigned char>(key & 255)});
  }
  std::vector<std::uint32_t> queue;
  for (const std::uint32_t node : root_) {
    if (node != 0) queue.push_back(node);
  }
  for (std::size_t i = 0; i < queue.size(); ++i) {
    for (const Edge edge : by_parent[queue[i]]) {
      std::uint32_t fail = nodes_[edge.parent].fail;
      while (fail != 0 && child(fail, edge.byte) == 0) fail = nodes_[fail].fail;
      fail = child(fail, edge.byte);
      Node& node = nodes_[edge.node];
      node.fail = fail;
      if (node.token == kNone) {
        node.token = nodes_[fail].token;
        node.length = nodes_[fail].length;
      }
      queue.push_back(edge.node);
    }
  }
}

void TokenFinder::find(std::string_view text, std::vector<Match>& out) const {
  out.clear();
  if (empty()) return;
  std::uint32_t node = 0;
  for (std::size_t i = text.size(); i-- > 0;) {
    const auto byte = static_cast<unsigned char>(text[i]);
    while (node != 0 && child(node, byte) == 0) node = nodes_[node].fail;
    node = child(node, byte);
    if (nodes_[node].token == kNone) continue;
    out.push_back({static_cast<std::uint32_t>(i),
                   static_cast<std::uint32_t>(i) + nodes_[node].length, nodes_[node].token});
  }
  std::reverse(out.begin(), out.end());
  std::uint32_t done = 0;
  std::erase_if(out, [&](const Match& match) {
    if (match.begin < done) return true;
    done = match.end;
    return false;
  });
}

}  // namespace typecase
