#include "text/token_finder.h"

#include <algorithm>
#include <bit>
#include <mutex>
#include <tuple>
#include <unordered_map>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace typecase {
namespace {

constexpr std::size_t kFew = 3;
constexpr std::uint32_t kNone = 0xFFFFFFFF;

/// The first place from `at` on that holds one of `wanted`, or text.size(). At most kFew of them.
std::size_t find_any(std::string_view text, std::size_t at,
                     const std::vector<char>& wanted) noexcept {
#if defined(__SSE2__)
  __m128i all[kFew];
  for (std::size_t i = 0; i < kFew; ++i) {
    all[i] = _mm_set1_epi8(wanted[std::min(i, wanted.size() - 1)]);
  }
  for (; at + 16 <= text.size(); at += 16) {
    const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    auto found = _mm_cmpeq_epi8(bytes, all[0]);
    for (std::size_t i = 1; i < kFew; ++i) {
      found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, all[i]));
    }
    const auto bits = static_cast<unsigned>(_mm_movemask_epi8(found));
    if (bits != 0) return at + static_cast<std::size_t>(std::countr_zero(bits));
  }
#endif
  while (at < text.size() && std::ranges::find(wanted, text[at]) == wanted.end()) ++at;
  return at;
}

}  // namespace

/// Aho and Corasick's automaton of the reversed strings.
class TokenFinder::Automaton {
 public:
  explicit Automaton(const std::vector<String>& strings) {
    for (const String& string : strings) add(string.text, string.number);
    link();
  }
  void find(std::string_view text, std::vector<Match>& out) const;

 private:
  struct Node {
    std::uint32_t fail = 0;
    std::uint32_t token = kNone;  // the longest reversed string that ends here …
    std::uint32_t length = 0;     // … and its bytes
  };
  std::uint32_t child(std::uint32_t node, unsigned char byte) const noexcept;
  void add(std::string_view token, std::uint32_t number);
  void link();

  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::array<std::uint32_t, 256> root_{};
  std::unordered_map<std::uint64_t, std::uint32_t> children_;  // node · 256 + byte
};

struct TokenFinder::Lazy {
  std::once_flag once;
  std::unique_ptr<Automaton> automaton;
};

void TokenFinder::add(std::string_view token, std::uint32_t number) {
  strings_.push_back({std::string(token), number, strings_.size()});
}

void TokenFinder::finish() {
  std::ranges::sort(strings_, [](const String& a, const String& b) {
    return std::tie(a.text, a.order) < std::tie(b.text, b.order);
  });
  const auto same = [](const String& a, const String& b) { return a.text == b.text; };
  strings_.erase(std::unique(strings_.begin(), strings_.end(), same), strings_.end());
  for (const String& string : strings_) {
    const auto first = static_cast<unsigned char>(string.text[0]);
    if (!first_[first]) few_firsts_.push_back(string.text[0]);
    first_[first] = true;
    const std::size_t row = std::size_t{first} * 256;
    if (string.text.size() == 1) {
      for (std::size_t second = 0; second < 256; ++second) first_two_.set(row + second);
    } else {
      first_two_.set(row + static_cast<unsigned char>(string.text[1]));
    }
  }
  if (few_firsts_.size() > kFew) few_firsts_.clear();
  lazy_ = std::make_shared<Lazy>();
}

/// The first place from `at` on where a string may begin, or text.size().
std::size_t TokenFinder::next_candidate(std::string_view text, std::size_t at) const noexcept {
  for (;; ++at) {
    if (!few_firsts_.empty()) {
      at = find_any(text, at, few_firsts_);
    } else {
      while (at < text.size() && !first_[static_cast<unsigned char>(text[at])]) ++at;
    }
    if (at + 1 >= text.size()) return at;
    const auto first = static_cast<unsigned char>(text[at]);
    const auto second = static_cast<unsigned char>(text[at + 1]);
    if (first_two_[std::size_t{first} * 256 + second]) return at;
  }
}

/// The longest string that begins at `at`, or nullptr.
const TokenFinder::String* TokenFinder::longest_at(std::string_view text, std::size_t at,
                                                   std::size_t& steps) const noexcept {
  const String* found = nullptr;
  auto begin = strings_.begin(), end = strings_.end();  // those that agree with the text so far
  for (std::size_t depth = 0; begin != end; ++depth) {
    ++steps;
    if (begin->text.size() == depth) {
      found = &*begin;
      if (++begin == end) break;
    }
    if (at + depth == text.size()) break;
    const auto byte = static_cast<unsigned char>(text[at + depth]);
    const auto of = [depth](const String& s) { return static_cast<unsigned char>(s.text[depth]); };
    begin = std::partition_point(begin, end, [&](const String& s) { return of(s) < byte; });
    end = std::partition_point(begin, end, [&](const String& s) { return of(s) == byte; });
  }
  return found;
}

void TokenFinder::find(std::string_view text, std::vector<Match>& out) const {
  out.clear();
  if (empty()) return;
  const std::size_t most = text.size() * 4 + 1000;
  std::size_t steps = 0;
  for (std::size_t at = next_candidate(text, 0); at < text.size();) {
    const String* string = longest_at(text, at, steps);
    if (steps > most) return find_by_automaton(text, out);
    const std::size_t end = at + (string ? string->text.size() : 1);
    if (string) {
      out.push_back(
          {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end), string->number});
    }
    at = next_candidate(text, end);
  }
}

void TokenFinder::find_by_automaton(std::string_view text, std::vector<Match>& out) const {
  out.clear();
  if (empty()) return;
  std::call_once(lazy_->once, [&] { lazy_->automaton = std::make_unique<Automaton>(strings_); });
  lazy_->automaton->find(text, out);
}

std::uint32_t TokenFinder::Automaton::child(std::uint32_t node, unsigned char byte) const noexcept {
  if (node == 0) return root_[byte];
  const auto found = children_.find(std::uint64_t{node} << 8 | byte);
  return found == children_.end() ? 0 : found->second;
}

void TokenFinder::Automaton::add(std::string_view token, std::uint32_t number) {
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

void TokenFinder::Automaton::link() {
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

void TokenFinder::Automaton::find(std::string_view text, std::vector<Match>& out) const {
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
