#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace typecase {

/// The tokenizer a GGUF file carries: its tokenizer.* metadata, checked and copied out.
///
/// Promised by whoever fills it (checkpoint/gguf): every token and merge is valid UTF-8 and not
/// longer than limits::kToken; `scores` and `token_types` are empty or as long as `tokens`; scores
/// are not NaN; every id is below tokens.size(). Whether `model` and `pre` are known is for the
/// reader of this to say.
struct GgufTokenizer {
  std::string architecture{};  ///< general.architecture: some share a model and differ in detail
  std::string model;           ///< "gpt2", "llama", "t5", …; tokenizer.ggml.model
  std::string pre;             ///< "smollm", "llama-bpe", …; empty when absent
  std::vector<std::string> tokens;  ///< text of each id, in the file's alphabet
  std::vector<float> scores{};      ///< one a token, or none
  /// One a token, or none: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.
  std::vector<std::int32_t> token_types{};
  std::vector<std::string> merges{};  ///< "left right", by rank; empty when absent

  std::optional<std::int64_t> bos_token_id{};
  std::optional<std::int64_t> eos_token_id{};
  std::optional<std::int64_t> unk_token_id{};
  std::optional<std::int64_t> pad_token_id{};

  std::optional<bool> add_bos_token{};
  std::optional<bool> add_eos_token{};
  std::optional<bool> add_space_prefix{};
  std::optional<std::string> chat_template{};  ///< tokenizer.chat_template
};

}  // namespace typecase
