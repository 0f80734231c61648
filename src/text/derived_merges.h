#pragma once

#include "text/models/bpe.h"
#include "text/vocabulary.h"

#include <span>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace typecase {

/// The merges that a vocabulary with scores implies, best first: every way to cut a token into two
/// tokens of the vocabulary, ordered by the token's score, then by the parts' lengths in
/// characters, all from high to low; among equals as the tokens come, a token's own by its parts'
/// ids.
///
/// `order` are the ids as the file lists its tokens, `score` has one value for each id, tokens in
/// `skipped` neither are cut nor are parts. The views are into `vocabulary`.
/// Throws Error(limit) when the tokens are so long that cutting them would take too much work.
std::vector<MergeText> derive_merges(const Vocabulary& vocabulary, std::span<const TokenId> order,
                                     std::span<const double> score,
                                     const std::unordered_set<std::string_view>& skipped = {});

/// The same straight into a model.
void add_derived_merges(Bpe::Builder& builder, std::span<const TokenId> order,
                        std::span<const double> score,
                        const std::unordered_set<std::string_view>& skipped = {});

}  // namespace typecase
