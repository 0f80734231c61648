#pragma once

#include "text/models/class_model.h"
#include "text/tokenizer_class.h"
#include "text/tokenizer_impl.h"

namespace typecase {

/// Where a class puts extra tokens of its own, beside those that special_tokens_map.json calls
/// additional_special_tokens. A list in tokenizer_config.json takes the place of both …
enum class ExtraRule {
  behind,
  before,
  instead,     ///< only when there are no others
  alone,       ///< and drops the others
  behind_all,  ///< … but not of this: also behind that list
};

enum class AddsAgain { no, plainly, with_flags };

/// The tokens that a class has when the files name none.
struct ClassTokens {
  struct Named {
    std::string key;  ///< "bos_token"
    AddedToken token;
  };
  std::vector<Named> named{};
  std::vector<std::string> extra{};
  ExtraRule extra_rule = ExtraRule::behind;
  std::string extra_mark{};  ///< none is added when a given one holds this
  AddsAgain adds_again = AddsAgain::no;
};
ClassTokens class_tokens(TokenizerClass cls, const ConfigValue& config);

/// The settings of the model that `cls` builds, whatever the file says. `config` is
/// tokenizer_config.json. Empty for TokenizerClass::as_is.
ClassModel class_model(TokenizerClass cls, const ConfigValue& config);

/// What `cls` makes anew: normalizer, pre-tokenizer and decoder. A character map of the file's
/// normalizer is kept by classes that use one.
void rebuild_parts(TokenizerClass cls, const ConfigValue& config, TokenizerParts& parts);

/// Normalizer, pre-tokenizer and decoder of Gemma's tokenizers, whatever file they come from.
void set_gemma_parts(TokenizerParts& parts);
/// Pre-tokenizer and decoder of T5's and others with a Unigram model: words, ▁ for each space.
void set_unigram_parts(bool add_prefix_space, TokenizerParts& parts);

/// The post-processor of classes that have one of their own; after all tokens have been added.
void rebuild_post_processor(TokenizerClass cls, const ConfigValue& config, TokenizerParts& parts);

}  // namespace typecase
