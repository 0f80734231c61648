#pragma once

#include "shared_options.h"

#include <typecase/toy_model.h>

#include <functional>
#include <optional>
#include <string>

namespace typecase::cli {

/// What `explain` looks at: a model, or the table of a toy.
struct Subject {
  std::function<GenerateResult(const GenerateRequest&)> generate{};
  std::function<std::string(TokenId)> token{};  ///< the text of one token
  std::function<std::string(const Tokens&)> text{};
  Tokens prompt{};
  std::string note{};               ///< the backend
  bool has_default_length = false;  ///< a toy whose file says how long its texts are

  /// `toy`: a file, or "". The prompt comes from `text`; for a toy without one from its file.
  static Subject open(const ModelFlags& model, const std::string& toy, const TextFlags& text,
                      Messages& messages);
};

}  // namespace typecase::cli
