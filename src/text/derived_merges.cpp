#include "text/derived_merges.h"

#include "base/utf8.h"

#include <typecase/error.h>

#include <algorithm>
#include <tuple>
#include <vector>

namespace typecase {
namespace {

constexpr std::uint64_t kMostWork = 1u << 29;  // bytes looked at

struct Cut {
  double score;
  std::uint32_t left_length, right_length;  // characters
  TokenId left, right;
  std::size_t order = 0;  // among equals
};

/// Finds the ways to cut tokens in two.
class Cutter {
 public:
  explicit Cutter(const Vocabulary& vocabulary, TokenId first = 0)
      : vocabulary_(vocabulary), first_(first) {}

  /// Appends the cuts of one token, shortest left part first.
  void cut(TokenId id, double score, std::vector<Cut>& out) {
    const auto token = vocabulary_.at(id);
    if (token.empty()) return;
    work_ += token.size() * token.size();
    if (work_ > kMostWork) {
      throw Error(Code::limit, "the tokens are too long to derive merges from; the last one was " +
                                   quote(token));
    }
    const auto length = static_cast<std::uint32_t>(count_code_points(token));
    std::uint32_t characters = 0;
    for (std::size_t at = decode_utf8(token, 0).size; at < token.size();
         at += decode_utf8(token, at).size) {
      ++characters;
      const auto left = part(token.substr(0, at));
      const auto right = left ? part(token.substr(at)) : std::nullopt;
      if (right) out.push_back({score, characters, length - characters, *left, *right, 0});
    }
  }

 private:
  std::optional<TokenId> part(std::string_view text) const {
    const auto id = vocabulary_.find(text);
    return id && *id >= first_ ? id : std::nullopt;
  }
  const Vocabulary& vocabulary_;
  TokenId first_;
  std::uint64_t work_ = 0;
};

void sort_by_parts(std::vector<Cut>& cuts, std::size_t from) {
  std::sort(cuts.begin() + static_cast<std::ptrdiff_t>(from), cuts.end(),
            [](const Cut& a, const Cut& b) {
              return std::tie(a.left, a.right) < std::tie(b.left, b.right);
            });
}

void add(const std::vector<Cut>& cuts, Bpe::Builder& builder) {
  const Vocabulary& vocabulary = builder.vocabulary();
  std::vector<MergeText> batch;
  const auto flush = [&] {
    builder.add_merges(batch, [](std::size_t) { return Place{}; });
    batch.clear();
  };
  builder.reserve(cuts.size());
  for (const Cut& cut : cuts) {
    batch.push_back({vocabulary.at(cut.left), vocabulary.at(cut.right)});
    if (batch.size() == Bpe::Builder::kBatch) flush();
  }
  flush();
}

}  // namespace

void add_derived_merges(Bpe::Builder& builder, std::span<const TokenId> order,
                        std::span<const double> score) {
  Cutter cutter(builder.vocabulary());
  std::vector<Cut> cuts;
  for (const TokenId id : order) {
    const std::size_t before = cuts.size();
    cutter.cut(id, score[static_cast<std::size_t>(id)], cuts);
    sort_by_parts(cuts, before);
  }
  for (std::size_t i = 0; i < cuts.size(); ++i) cuts[i].order = i;
  std::ranges::sort(cuts, [](const Cut& a, const Cut& b) {
    return std::tie(b.score, b.left_length, b.right_length, a.order) <
           std::tie(a.score, a.left_length, a.right_length, b.order);
  });
  add(cuts, builder);
}

void add_derived_merges_by_id(Bpe::Builder& builder, DerivedOrder order, TokenId first) {
  Cutter cutter(builder.vocabulary(), first);
  std::vector<Cut> cuts;
  for (auto id = static_cast<std::size_t>(first); id < builder.vocabulary().end(); ++id) {
    const std::size_t before = cuts.size();
    cutter.cut(static_cast<TokenId>(id), 0, cuts);
    if (order == DerivedOrder::by_parts) sort_by_parts(cuts, before);
  }
  add(cuts, builder);
}

}  // namespace typecase
