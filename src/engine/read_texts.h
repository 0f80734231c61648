#pragma once

#include "engine/loaded_model.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace typecase {

/// Whole texts through a bidirectional model, several in a pass: `take(text, rows)` gets the index
/// of a text and one vector for each of its tokens, [tokens][columns]. Columns: `logits` false: the
/// hidden states behind the final norm; true: the head's logits.
/// Throws Error(unsupported) when the model writes texts, or has no head for logits.
using TakeText = std::function<void(std::size_t text, std::span<const float> rows)>;
void read_texts(Model::Parts& model, const std::vector<Tokens>& texts, bool logits,
                const TakeText& take);

/// `ids` with at most `most` tokens: the text's own are cut at the end, those that the tokenizer
/// puts around it stay. `plain` is the same text without them.
Tokens truncated(const Tokens& ids, const Tokens& plain, std::int64_t most);

}  // namespace typecase
