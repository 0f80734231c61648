#pragma once

#include <typecase/token.h>

#include <array>
#include <optional>
#include <string_view>

namespace typecase {

/// The ids of the tokens <0x00> to <0xFF>, −1 for those that `find` does not know.
template <class Find>
std::array<TokenId, 256> byte_tokens(Find&& find) {
  std::array<TokenId, 256> out{};
  constexpr char kHex[] = "0123456789ABCDEF";
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const char code[] = {'<', '0', 'x', kHex[byte >> 4], kHex[byte & 15], '>'};
    const std::optional<TokenId> id = find(std::string_view(code, sizeof code));
    out[byte] = id.value_or(-1);
  }
  return out;
}

}  // namespace typecase
