#pragma once

#include <typecase/error.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace typecase {

/// Reads the JSON of a safetensors header piece by piece: strings, whole numbers, punctuation.
///
/// Not Json::parse, because a header may have 10⁶ entries: nothing is built that is not kept, time
/// is linear, and every error knows its byte. Throws Error(bad_file) with the offset in the file.
class HeaderScanner {
 public:
  /// `text` starts at byte `base` of the file.   REQUIRES: text outlives this object.
  HeaderScanner(std::string_view text, std::uint64_t base) : text_(text), base_(base) {}

  std::uint64_t offset() const noexcept { return base_ + at_; }  ///< of the next byte, in the file
  bool at_end() noexcept;                                        ///< only white space is left

  /// Takes `c` if it comes next.
  bool accept(char c) noexcept;
  /// Takes `c` or fails with "expected 'c' <where>, found …".
  void expect(char c, std::string_view where);
  /// A JSON string: valid UTF-8, escapes resolved. Error(limit) over `most` bytes.
  std::string string(std::string_view what, std::uint64_t most);
  /// A whole number in 0 … 2⁶³ − 1, written without sign, fraction or exponent.
  std::int64_t whole_number(std::string_view what);

  /// Errors name this tensor until the next call; nullptr: none.   REQUIRES: it lives that long.
  void set_tensor(const std::string* name) noexcept { tensor_ = name; }
  [[noreturn]] void fail(const std::string& message) const { fail(message, offset()); }
  [[noreturn]] void fail(const std::string& message, std::uint64_t offset,
                         Code code = Code::bad_file) const;

 private:
  void skip_space() noexcept;
  std::string found() const;
  void escape(std::string& out);
  std::uint32_t four_hex();

  std::string_view text_;
  std::uint64_t base_;
  std::size_t at_ = 0;
  const std::string* tensor_ = nullptr;
};

}  // namespace typecase
