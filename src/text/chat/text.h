#pragma once

#include <typecase/chat.h>

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace typecase::chat {

using Spans = std::vector<ByteSpan>;  // sorted, disjoint, not touching

/// A piece of text that knows which of its bytes came from the caller.
///
/// Concatenation, slices and whatever is made of them keep the origin of each byte; an operation
/// that makes new characters marks its whole result as the caller's if any input had such bytes.
struct Text {
  std::string bytes{};
  Spans caller{};

  Text() = default;
  Text(std::string text) : bytes(std::move(text)) {}
  Text(std::string_view text) : bytes(text) {}
  Text(const char* text) : bytes(text) {}
  static Text from_caller(std::string text);

  bool tainted() const noexcept { return !caller.empty(); }
  std::size_t size() const noexcept { return bytes.size(); }

  template <class T>
    requires std::convertible_to<T, std::string_view>
  void append(const T& text) {
    bytes += std::string_view(text);
  }
  void append(const Text& text);
  /// Bytes [begin, end) of `text`.
  void append(const Text& text, std::size_t begin, std::size_t end);
  /// New bytes computed from something that was (or was not) the caller's.
  void append_derived(std::string_view text, bool from_caller);

  Text slice(std::size_t begin, std::size_t end) const;
  void truncate(std::size_t size);
};

/// `text`, computed from `source`: the caller's if any of `source` was.
Text derived(std::string text, const Text& source);

}  // namespace typecase::chat
