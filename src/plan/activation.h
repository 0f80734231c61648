#pragma once

#include "plan/plan.h"

#include <optional>
#include <string_view>

namespace typecase {

/// The activation a config names ("gelu_new", "silu", "swish" …), as the reference's table has
/// them.
std::optional<Activation> activation_named(std::string_view name) noexcept;
std::string_view name(Activation activation) noexcept;

}  // namespace typecase
