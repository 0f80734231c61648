#pragma once

#include "text/config_value.h"
#include "text/postprocessors/postprocessor.h"
#include "text/tokenizer_impl.h"

#include <vector>

namespace typecase {

/// What Whisper's tokenizer puts in front of every text: the start of a transcript, the language
/// and the task if the config names them, and (unless "predict_timestamps") "no timestamps".
/// Radford et al. 2022, arXiv:2212.04356, figure 1.
///
/// Throws Error(bad_file) for a language or task that Whisper does not know, and for a vocabulary
/// without these tokens.
std::vector<NamedId> whisper_prefix(const ConfigValue& config, const TokenizerParts& parts);

}  // namespace typecase
