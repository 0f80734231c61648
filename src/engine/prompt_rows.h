#pragma once

#include "decode/effective_config.h"

#include <typecase/model.h>

#include <cstddef>
#include <vector>

namespace typecase {

/// Every row of `ids` has one length, and `mask`, unless it is empty, the same shape.
/// Throws Error(invalid_argument).
void check_rectangle(const std::vector<Tokens>& ids, const std::vector<Mask>& mask);

/// Whether a row ends in padding, as the mask or the padding token says.
bool right_padded(const GenerateRequest& request, const std::vector<Tokens>& ids,
                  const GenerationConfig& merged);

/// The mask given or inferred from the ids as they were written; from what became of them where
/// healing changed their number.
std::vector<Mask> mask_of(const GenerateRequest& request, const std::vector<Tokens>& ids,
                          const std::vector<Tokens>& written, const EffectiveConfig& config);

std::vector<Mask> all_visible(const std::vector<Tokens>& ids);

/// What guidance compares with: the negative prompts, else the last id of each row.
std::vector<Tokens> unconditional_prompts(const GenerateRequest& request,
                                          const std::vector<Tokens>& ids);

/// What a decoder behind an encoder begins with, a row for each of `rows` texts.
/// Throws Error(invalid_argument) when the configuration has no such id, or ids for other rows.
std::vector<Tokens> decoder_starts(const EffectiveConfig& config, std::size_t rows);

}  // namespace typecase
