#pragma once

#include "decode/strategies/drafter.h"

namespace typecase {

/// Drafts what followed the last words where they stood before, as long as that proves right.
///
///     n = length of the longest ending of the text that occurs earlier in it
///     draft = what followed its latest occurrence, min(n / 2, kMost) tokens; none while n < needed
///
/// A draft whose first token is wrong doubles `needed`, one that is right to its end halves it. So
/// where a text copies itself or its prompt nearly all of it is drafted, and ordinary text soon
/// asks for endings that it never repeats: what it drafts in vain are a few rows. The rule looks at
/// tokens alone, never at time: the same text is always computed in the same steps. After Saxena
/// 2023, "Prompt Lookup Decoding".
class TextLookup final : public Drafter {
 public:
  static constexpr std::size_t kLeast = 4;     ///< the shortest ending that is looked for
  static constexpr std::size_t kLongest = 64;  ///< and the longest
  static constexpr std::size_t kMost = 7;      ///< drafted at once: a step of eight rows

  Draft draft(const Tokens& ids) override;
  void verified(std::size_t drafted, std::size_t matches) override;

 private:
  std::size_t needed_ = kLeast;
};

}  // namespace typecase
