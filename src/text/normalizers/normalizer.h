#pragma once

#include "text/aligned_text.h"
#include "text/config_value.h"

#include <memory>

namespace typecase {

/// Rewrites a text before it is cut. One file a type; the table in registry.cpp says which.
/// Const and usable from many threads.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  /// Rewrites `text`; every character of the result says where it came from.
  virtual void normalize(AlignedText& text) const = 0;
};

/// The normalizer that `config` describes by its "type".
/// Throws Error(unsupported) for a type not built yet, Error(bad_file) for a malformed one.
std::unique_ptr<Normalizer> make_normalizer(const ConfigValue& config);

std::unique_ptr<Normalizer> make_normalizer_sequence(const ConfigValue& config);

}  // namespace typecase
