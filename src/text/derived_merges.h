#pragma once

#include "text/models/bpe.h"

#include <span>

namespace typecase {

/// Adds the merges that a vocabulary with scores implies, best first: every way to cut a token into
/// two tokens of the vocabulary, ordered by the token's score, then by the parts' lengths in
/// characters, all from high to low; among equals as the tokens come, a token's own by its parts'
/// ids.
///
/// `order` are the ids as the file lists its tokens, `score` has one value for each id.
/// Throws Error(limit) when the tokens are so long that cutting them would take too much work.
void add_derived_merges(Bpe::Builder& builder, std::span<const TokenId> order,
                        std::span<const double> score);

/// The order among the cuts of one token.
enum class DerivedOrder {
  by_length,  ///< shortest left part first
  by_parts,   ///< by the parts' ids
};

/// The merges of a vocabulary whose ids say what comes first: every way to cut a token into two
/// tokens, tokens by id from `first` on; the tokens below it are no parts either.
void add_derived_merges_by_id(Bpe::Builder& builder, DerivedOrder order, TokenId first = 0);

}  // namespace typecase
