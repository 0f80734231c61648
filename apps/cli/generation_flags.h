#pragma once

#include "options.h"

#include <typecase/generation_config.h>

#include <cstdint>
#include <optional>
#include <string>

namespace typecase::cli {

/// How to generate: an option for every GenerationConfig field, --set, --generation-config, --seed.
struct GenerationFlags {
  GenerationConfig keywords{};               ///< as given to generate() by keyword
  std::optional<GenerationConfig> config{};  ///< --generation-config: under the keywords
  std::optional<std::int64_t> seed{};

  void add_to(Options& table);

  /// Sets the process-wide generator to the seed, or to one from the system; returns which.
  std::int64_t sow() const;
};

/// A value as the command line gives it, for the field `name`. Floats may be written without a
/// point: --temperature 1 is 1.0. "null" is None.
/// Throws Error(invalid_argument) saying what is allowed.
Json field_value(const std::string& name, const std::string& text);

}  // namespace typecase::cli
