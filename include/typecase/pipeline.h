#pragma once

#include <typecase/json.h>
#include <typecase/model.h>

#include <functional>
#include <string_view>

namespace typecase {

/// What goes with one pipeline call besides its keyword arguments.
struct PipelineOptions {
  Generator* generator = nullptr;  ///< nullptr: default_generator()
  /// Text as it is generated; only with one prompt, one returned sequence and no beams.
  std::function<void(std::string_view)> on_text{};
  std::function<bool()> should_stop{};
  std::function<void(const std::string&)> on_warning{};
  trace::Observer observer{};        ///< gets an event for whatever happens in each step
  const Model* assistant = nullptr;  ///< drafts: GenerateRequest::assistant
};

/// The reference's text-generation pipeline: up to 256 new tokens, sampled at temperature 0.7,
/// unless the model's files or `kwargs` say otherwise.
///
/// `inputs`: a string or a chat (a list of messages with role and content) → list of
/// {"generated_text": …}; a list of either → list of those lists. With full text, a chat's
/// generated_text is the list of messages with the answer.
/// `kwargs`: generation fields and return_full_text, return_text, return_tensors, prefix,
/// stop_sequence, handle_long_generation, clean_up_tokenization_spaces, batch_size,
/// add_special_tokens, truncation, padding, continue_final_message.
/// Throws Error(invalid_argument) for what the reference refuses; Error(not_found) for a chat when
/// the tokenizer has no template.
Json text_generation(const Model& model, const Json& inputs, const Json& kwargs,
                     const PipelineOptions& options = {});

}  // namespace typecase
