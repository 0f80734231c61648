#include "text/pretokenizers/behavior.h"

#include <algorithm>

namespace typecase {
namespace {

constexpr std::pair<std::string_view, SplitBehavior> kBehaviors[] = {
    {"Removed", SplitBehavior::removed},
    {"Isolated", SplitBehavior::isolated},
    {"MergedWithPrevious", SplitBehavior::merged_with_previous},
    {"MergedWithNext", SplitBehavior::merged_with_next},
    {"Contiguous", SplitBehavior::contiguous},
};

/// Whether `part` joins the one put before it (for merged_with_next: after it). A match joins what
/// is no match, but two matches stay apart; Contiguous joins like with like.
bool joins(const SplitPart& part, bool previous_match, SplitBehavior behavior) {
  if (behavior == SplitBehavior::contiguous) return part.match == previous_match;
  return part.match && !previous_match;
}

}  // namespace

SplitBehavior split_behavior(const ConfigValue& config) {
  for (const auto& [name, behavior] : kBehaviors) {
    if (config.text() == name) return behavior;
  }
  throw config.error(
      Code::bad_file,
      "expected Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous, "
      "found " +
          quote(config.text()));
}

void arrange(const std::vector<SplitPart>& parts, SplitBehavior behavior, std::vector<Piece>& out) {
  const auto first = out.size();
  if (behavior == SplitBehavior::removed || behavior == SplitBehavior::isolated) {
    for (const SplitPart part : parts) {
      if (behavior == SplitBehavior::removed && part.match) continue;
      if (part.begin < part.end) out.push_back({part.begin, part.end});
    }
    return;
  }
  bool previous_match = false;
  const auto take = [&](const SplitPart& part) {
    if (out.size() > first && joins(part, previous_match, behavior)) {
      out.back().begin = std::min(out.back().begin, part.begin);
      out.back().end = std::max(out.back().end, part.end);
    } else {
      out.push_back({part.begin, part.end});
    }
    previous_match = part.match;
  };
  if (behavior == SplitBehavior::merged_with_next) {
    std::for_each(parts.rbegin(), parts.rend(), take);
    std::reverse(out.begin() + static_cast<std::ptrdiff_t>(first), out.end());
  } else {
    std::ranges::for_each(parts, take);
  }
  out.erase(std::remove_if(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                           [](Piece piece) { return piece.begin == piece.end; }),
            out.end());
}

}  // namespace typecase
