#pragma once

#include <typecase/token.h>

#include <cstddef>
#include <string_view>

namespace typecase {

/// The text of every token, as stop strings are compared with it: mapped bytes for a byte-level
/// tokenizer, otherwise what the token adds when decoded behind other text.
class StopText {
 public:
  virtual ~StopText() = default;
  virtual std::size_t vocabulary() const = 0;
  /// UTF-8 or raw bytes; good as long as this object.
  virtual std::string_view text_of(TokenId id) const = 0;
};

}  // namespace typecase
