#include "text/postprocessors/trim_offsets.h"

#include "base/unicode.h"
#include "base/utf8.h"
#include "text/byte_alphabet.h"

#include <algorithm>

namespace typecase {
namespace {

bool is_space(char32_t c) {
  return c == byte_alphabet::character(' ') || unicode::is(c, unicode::kWhiteSpace);
}

void trim(const std::string& token, bool may_keep_one, Offsets& at) {
  std::uint32_t leading = 0, trailing = 0;
  bool only_spaces = true;
  for (std::size_t i = 0; i < token.size();) {
    const auto c = decode_utf8(token, i);
    i += c.size;
    const bool space = is_space(c.code_point);
    only_spaces = only_spaces && space;
    leading += only_spaces;
    trailing = space ? trailing + 1 : 0;
  }
  if (leading > 0) {
    if (leading == 1 && may_keep_one) leading = 0;
    at.begin = std::min(at.begin + leading, at.end);
  }
  if (trailing > 0 && at.end >= trailing) at.end = std::max(at.end - trailing, at.begin);
}

}  // namespace

void trim_offsets(EncodedPart& part, bool add_prefix_space) {
  for (std::size_t i = 0; i < part.offsets.size(); ++i) {
    const bool first = i == 0 || part.offsets[i].begin == 0;
    trim(part.tokens[i], add_prefix_space && first, part.offsets[i]);
  }
}

}  // namespace typecase
