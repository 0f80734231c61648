#include "text/models/character_pairs.h"

#include "base/utf8.h"

namespace typecase {

void CharacterPairs::add(std::string_view left, std::string_view right) {
  if (bits_.empty()) bits_.resize((std::size_t{1} << kBits) / 64);
  std::size_t last = left.size() - 1;
  while (last > 0 && (static_cast<unsigned char>(left[last]) & 0xC0) == 0x80) --last;
  const std::uint32_t bit =
      bit_of(decode_utf8(left, last).code_point, decode_utf8(right, 0).code_point);
  bits_[bit / 64] |= std::uint64_t{1} << (bit & 63);
}

}  // namespace typecase
