#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace typecase {

/// The byte offset of the first invalid byte, if any. Texts handed to the library must be valid.
std::optional<std::size_t> first_invalid_utf8(std::string_view text) noexcept;

/// `text` with one U+FFFD for each maximal invalid part (the rule of the WHATWG).
std::string replace_invalid_utf8(std::string_view text);

}  // namespace typecase
