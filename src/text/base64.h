#pragma once

#include <string>
#include <string_view>

namespace typecase {

/// The bytes that `text` spells in base64 (RFC 4648, with padding).
/// Throws Error(bad_file), without place, naming the first character that does not belong.
std::string decode_base64(std::string_view text);

}  // namespace typecase
