#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// What Python 3.11 (Unicode 14) knows of characters. Tables: characters_table.cpp, written by
/// tools/make_python_characters.py.
namespace typecase::chat {

bool is_space(char32_t c) noexcept;  // str.isspace
bool is_alpha(char32_t c) noexcept;
bool is_decimal(char32_t c) noexcept;
bool is_digit(char32_t c) noexcept;
bool is_numeric(char32_t c) noexcept;
bool is_lower(char32_t c) noexcept;
bool is_upper(char32_t c) noexcept;
bool is_title(char32_t c) noexcept;
bool is_cased(char32_t c) noexcept;
bool is_case_ignorable(char32_t c) noexcept;
bool is_printable(char32_t c) noexcept;
bool is_identifier_start(char32_t c) noexcept;
bool is_identifier_part(char32_t c) noexcept;
/// The value of a decimal digit, or −1.
int decimal_value(char32_t c) noexcept;

std::string to_upper(std::string_view text);
std::string to_lower(std::string_view text);  // with the final sigma
std::string to_title(std::string_view text);  // str.title
std::string capitalize(std::string_view text);
std::string swap_case(std::string_view text);
std::string fold_case(std::string_view text);

std::string_view strip_left(std::string_view text) noexcept;
std::string_view strip_right(std::string_view text) noexcept;
inline std::string_view strip(std::string_view text) noexcept {
  return strip_left(strip_right(text));
}

}  // namespace typecase::chat
