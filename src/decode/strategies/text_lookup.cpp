#include "decode/strategies/text_lookup.h"

#include <algorithm>

namespace typecase {

Draft TextLookup::draft(const Tokens& ids) {
  // The latest place whose tokens before it are the longest ending of the text.
  std::size_t longest = needed_ - 1, place = 0;
  for (std::size_t at = ids.size() - 1; at >= needed_ && longest < kLongest; --at) {
    std::size_t n = 0;
    while (n < at && n < kLongest && ids[at - 1 - n] == ids[ids.size() - 1 - n]) ++n;
    if (n <= longest) continue;
    longest = n;
    place = at;
  }
  if (place == 0) return {};
  Draft out;
  // A text that goes round in a circle goes on so beyond its end.
  const std::size_t circle = ids.size() - place;
  for (std::size_t i = 0; i < std::min(longest / 2, kMost); ++i) {
    out.tokens.push_back(ids[place + i % circle]);
  }
  return out;
}

void TextLookup::verified(std::size_t drafted, std::size_t matches) {
  if (matches == 0) needed_ = std::min(2 * needed_, kLongest);
  if (matches == drafted) needed_ = std::max(needed_ / 2, kLeast);
}

}  // namespace typecase
