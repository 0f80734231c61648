#pragma once

#include <string>
#include <string_view>

namespace typecase {

/// What the reference's class for a tokenizer does with a tokenizer.json.
enum class TokenizerClass {
  as_is,  ///< the generic class: the file as it stands
  // The others build normalizer, pre-tokenizer and decoder themselves: class_parts.h.
  albert,
  bert,
  camembert,
  cohere,
  deberta_v2,
  gemma,
  gpt2,
  gpt_neox,
  llama,
  mpnet,
  qwen2,
  qwen3_5,
  roberta,
  t5,
  xlm_roberta,
  // And these by a recipe: class_recipes.cpp.
  barthez,
  big_bird,
  blenderbot,
  clip,
  code_llama,
  codegen,
  deberta,
  funnel,
  herbert,
  luke,
  mbart,
  mbart50,
  nllb,
  nougat,
  openai_gpt,
  pegasus,
  rembert,
  reformer,
  seamless_m4t,
  siglip2,
  splinter,
  whisper,
  xglm,
  xlnet,
};

/// The class for what tokenizer_config.json declares (`declared`, "Fast" or not, may be empty) and
/// config.json says (`model_type`, may be empty); `byte_level`: the tokenizer.json mentions
/// "ByteLevel".
/// Throws Error(unsupported) for a class that rebuilds its parts in a way not built yet.
TokenizerClass tokenizer_class(std::string_view declared, std::string_view model_type,
                               bool byte_level);

}  // namespace typecase
