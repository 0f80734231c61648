#pragma once

#include <typecase/generation_config.h>

#include <span>
#include <string_view>

namespace typecase {

/// A field of the reference's GenerationConfig and the value it takes when nobody sets it.
struct KnownField {
  std::string_view name;
  std::string_view fallback = "null";  ///< JSON
};

/// Every field, in the reference's order.
std::span<const KnownField> known_fields();

}  // namespace typecase
