#pragma once

#include "text/models/class_model.h"
#include "text/tokenizer_class.h"
#include "text/tokenizer_impl.h"

namespace typecase {

/// The settings of the model that `cls` builds, whatever the file says. `config` is
/// tokenizer_config.json. Empty for TokenizerClass::as_is.
ClassModel class_model(TokenizerClass cls, const ConfigValue& config);

/// What `cls` makes anew: normalizer, pre-tokenizer, decoder, and the special tokens it has when
/// the files name none. A character map of the file's normalizer is kept by classes that use one.
void rebuild_parts(TokenizerClass cls, const ConfigValue& config, TokenizerParts& parts);

/// Normalizer, pre-tokenizer and decoder of Gemma's tokenizers, whatever file they come from.
void set_gemma_parts(TokenizerParts& parts);
/// Pre-tokenizer and decoder of T5's and others with a Unigram model: words, ▁ for each space.
void set_unigram_parts(bool add_prefix_space, TokenizerParts& parts);

/// The post-processor of classes that have one of their own; after all tokens have been added.
void rebuild_post_processor(TokenizerClass cls, const ConfigValue& config, TokenizerParts& parts);

}  // namespace typecase
