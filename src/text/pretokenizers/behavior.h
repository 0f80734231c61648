#pragma once

#include "text/config_value.h"
#include "text/pretokenizers/pieces.h"

namespace typecase {

/// What becomes of the matches of a split pattern, named as in tokenizer.json.
enum class SplitBehavior {
  removed,
  isolated,
  merged_with_previous,
  merged_with_next,
  contiguous,  ///< neighbouring matches become one
};

SplitBehavior split_behavior(const ConfigValue& config);

/// A match, or what lies between two. Together they tile a piece; a match may be empty.
struct SplitPart {
  std::uint32_t begin;
  std::uint32_t end;
  bool match;
};

/// Appends the pieces that `behavior` makes of `parts`.
void arrange(const std::vector<SplitPart>& parts, SplitBehavior behavior, std::vector<Piece>& out);

}  // namespace typecase
