#include "text/aligned_text.h"

namespace typecase {

void AlignedText::assign(std::string_view source, std::uint32_t from, bool track) {
  text.assign(source);
  origin.clear();
  first = from;
  if (!track) return;
  origin.reserve(source.size());
  std::uint32_t at = from;
  bool started = false;
  for (const char byte : source) {
    const bool continues = (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
    if (!continues && started) ++at;
    started = true;
    origin.push_back({at, at + 1});
  }
}

}  // namespace typecase
