#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// The 256 printable characters that stand for bytes in byte-level tokenizers (GPT-2's alphabet):
/// printable Latin-1 bytes stand for themselves, the others are U+0100, U+0101, … in order.
namespace typecase::byte_alphabet {

/// The character that stands for `byte`.
char32_t character(unsigned char byte) noexcept;

/// The byte `c` stands for, or -1.
int byte_of(char32_t c) noexcept;

/// `bytes` spelled in the alphabet.
std::string spell(std::string_view bytes);
void append_spelled(std::string& out, std::string_view bytes);

/// Appends the bytes `spelled` stands for; false, and nothing appended, when a character of it is
/// not in the alphabet.
bool append_bytes(std::string& out, std::string_view spelled);

}  // namespace typecase::byte_alphabet
