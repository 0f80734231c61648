#include "text/byte_alphabet.h"

#include "base/utf8.h"

#include <array>

namespace typecase::byte_alphabet {
namespace {

constexpr bool printable(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

constexpr std::array<std::uint16_t, 256> make_characters() {
  std::array<std::uint16_t, 256> out{};
  std::uint16_t next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    out[static_cast<std::size_t>(byte)] =
        printable(byte) ? static_cast<std::uint16_t>(byte) : next++;
  }
  return out;
}
constexpr auto kCharacters = make_characters();
constexpr std::size_t kEnd = 0x100 + 68;  // 68 bytes are not printable

constexpr std::array<std::int16_t, kEnd> make_bytes() {
  std::array<std::int16_t, kEnd> out{};
  out.fill(-1);
  for (std::size_t byte = 0; byte < 256; ++byte) {
    out[kCharacters[byte]] = static_cast<std::int16_t>(byte);
  }
  return out;
}
constexpr auto kBytes = make_bytes();

}  // namespace

char32_t character(unsigned char byte) noexcept { return kCharacters[byte]; }

int byte_of(char32_t c) noexcept { return c < kEnd ? kBytes[c] : -1; }

std::string spell(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  append_spelled(out, bytes);
  return out;
}

void append_spelled(std::string& out, std::string_view bytes) {
  for (const char byte : bytes) append_utf8(out, character(static_cast<unsigned char>(byte)));
}

bool append_bytes(std::string& out, std::string_view spelled) {
  const std::size_t before = out.size();
  out.resize(before + spelled.size());
  char* to = out.data() + before;
  for (std::size_t at = 0; at < spelled.size();) {
    const auto lead = static_cast<unsigned char>(spelled[at++]);
    char32_t c = lead;
    if (lead >= 0x80) {  // the alphabet ends below U+0800: two bytes at most
      const auto next = at < spelled.size() ? static_cast<unsigned char>(spelled[at++]) : 0;
      const bool pair = (lead & 0xE0) == 0xC0 && (next & 0xC0) == 0x80;
      c = pair ? static_cast<char32_t>((lead & 0x1F) << 6 | (next & 0x3F)) : kEnd;
    }
    const int byte = byte_of(c);
    if (byte < 0) {
      out.resize(before);
      return false;
    }
    *to++ = static_cast<char>(byte);
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
  return true;
}

}  // namespace typecase::byte_alphabet
