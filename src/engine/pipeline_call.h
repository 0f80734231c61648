#pragma once

#include <typecase/model.h>

#include <cstdint>
#include <optional>
#include <string>

namespace typecase {

/// The keyword arguments of a pipeline call, sorted by whom they concern.
struct PipelineCall {
  enum class Return { full_text, new_text, tensors };
  GenerationConfig generation;
  std::optional<GenerationConfig> generation_config;
  Return returns = Return::full_text;
  std::string prefix;
  std::optional<bool> clean_up;
  bool skip_special_tokens = true;
  std::optional<bool> add_special_tokens;
  std::optional<std::int64_t> truncate_to;  // most ids of a prompt
  bool pads = false;                        // `padding` was asked for
  bool hole = false;
  std::int64_t batch_size = 1;
  /// Chats: unset means "when the last message is the assistant's".
  std::optional<bool> continue_final_message;
};

/// Sorts `kwargs`, and adds the pipeline's own defaults for fields that neither the call, its
/// config object nor the model set: 256 new tokens, sampling at temperature 0.7, the tokenizer's
/// pad token. Throws Error(invalid_argument) naming a keyword that cannot be used.
PipelineCall read_pipeline_call(const Json& kwargs, const Model& model);

/// Throws Error(invalid_argument).
[[noreturn]] void refuse(const std::string& message);

}  // namespace typecase
