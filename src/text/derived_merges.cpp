#include "text/derived_merges.h"

#include "base/checked.h"
#include "base/utf8.h"

#include <typecase/error.h>

#include <algorithm>
#include <tuple>

namespace typecase {
namespace {

constexpr std::uint64_t kMostWork = 1u << 29;  // bytes looked at

struct Cut {
  double score;
  std::uint32_t left_length, right_length;  // characters
  TokenId left, right;
};

/// Appends the cuts of one token.
void cut_token(const Vocabulary& vocabulary, std::string_view token, double score,
               const std::unordered_set<std::string_view>& skipped, std::vector<Cut>& out) {
  const std::size_t before = out.size();
  const auto length = static_cast<std::uint32_t>(count_code_points(token));
  std::uint32_t characters = 0;
  for (std::size_t at = decode_utf8(token, 0).size; at < token.size();
       at += decode_utf8(token, at).size) {
    ++characters;
    const auto left = token.substr(0, at);
    const auto right = token.substr(at);
    const auto left_id = vocabulary.find(left);
    const auto right_id = left_id ? vocabulary.find(right) : std::nullopt;
    if (!right_id || skipped.contains(left) || skipped.contains(right)) continue;
    out.push_back({score, characters, length - characters, *left_id, *right_id});
  }
  std::sort(out.begin() + static_cast<std::ptrdiff_t>(before), out.end(),
            [](const Cut& a, const Cut& b) {
              return std::tie(a.left, a.right) < std::tie(b.left, b.right);
            });
}

}  // namespace

std::vector<MergeText> derive_merges(const Vocabulary& vocabulary, std::span<const TokenId> order,
                                     std::span<const double> score,
                                     const std::unordered_set<std::string_view>& skipped) {
  std::vector<Cut> cuts;
  std::uint64_t work = 0;
  for (const TokenId id : order) {
    const auto token = vocabulary.at(id);
    if (token.empty() || skipped.contains(token)) continue;
    work += token.size() * token.size();
    if (work > kMostWork) {
      throw Error(Code::limit, "the tokens are too long to derive merges from; the last one was " +
                                   quote(token));
    }
    cut_token(vocabulary, token, score[static_cast<std::size_t>(id)], skipped, cuts);
  }
  std::ranges::stable_sort(cuts, [](const Cut& a, const Cut& b) {
    return std::tie(a.score, a.left_length, a.right_length) >
           std::tie(b.score, b.left_length, b.right_length);
  });
  std::vector<MergeText> out;
  out.reserve(cuts.size());
  for (const Cut& cut : cuts) out.push_back({vocabulary.at(cut.left), vocabulary.at(cut.right)});
  return out;
}

void add_derived_merges(Bpe::Builder& builder, std::span<const TokenId> order,
                        std::span<const double> score,
                        const std::unordered_set<std::string_view>& skipped) {
  const auto merges = derive_merges(builder.vocabulary(), order, score, skipped);
  builder.reserve(merges.size());
  for (std::size_t at = 0; at < merges.size(); at += Bpe::Builder::kBatch) {
    const std::size_t n = std::min(Bpe::Builder::kBatch, merges.size() - at);
    builder.add_merges(std::span(merges).subspan(at, n), [](std::size_t) { return Place{}; });
  }
}

}  // namespace typecase
