#pragma once

#include "base/utf8.h"

#include <string>
#include <string_view>

namespace typecase {

/// `text` with every `from` replaced by `to`. An empty `from` is found in front of every character
/// and at the end.
inline std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  std::size_t done = 0;
  if (from.empty()) {
    while (done < text.size()) {
      const std::size_t size = decode_utf8(text, done).size;
      out += to;
      out += text.substr(done, size);
      done += size;
    }
    return out += to;
  }
  for (auto at = text.find(from); at != std::string_view::npos; at = text.find(from, done)) {
    out += text.substr(done, at - done);
    out += to;
    done = at + from.size();
  }
  return out += text.substr(done);
}

}  // namespace typecase
