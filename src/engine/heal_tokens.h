#pragma once

#include "engine/loaded_model.h"

#include <typecase/model.h>

namespace typecase {

/// Token healing: a prompt that ends inside a word ends in a token the model would not have
/// chosen there. Each row's last token is dropped and generated anew, by a call of one token that
/// favours (bias +10) the tokens beginning with the dropped one's text, and a little more (+1)
/// that one itself.
///
/// As in the reference the prompts are decoded, stripped and tokenised again, so their length may
/// change, and a bos token becomes a pad token. A row stays as it is when nothing longer begins
/// with its last token; also when that token's text is not its string in the vocabulary (a leading
/// space), where the reference finds nothing or fails.
///
/// Returns rows of one length. Throws Error(invalid_argument) without tokenizer or pad token.
std::vector<Tokens> heal_tokens(Model::Parts& model, const Tokenizer* tokenizer,
                                const std::vector<Tokens>& rows, const GenerateRequest& request);

}  // namespace typecase
