#pragma once

#include "base/utf8.h"
#include "text/rewriter.h"

namespace typecase {

/// Deletes the characters that `keep` refuses. The others keep their origins.
template <class Keep>
void keep_characters(AlignedText& text, Keep&& keep) {
  Rewriter out(text);
  std::size_t kept = 0;
  bool changed = false;
  for (std::size_t at = 0; at < text.text.size();) {
    const auto c = decode_utf8(text.text, at);
    if (!keep(c.code_point)) {
      out.keep(kept, at);
      kept = at + c.size;
      changed = true;
    }
    at += c.size;
  }
  if (!changed) return;
  out.keep(kept, text.text.size());
  out.finish();
}

/// Replaces every character by one other.
template <class Map>
void map_characters(AlignedText& text, Map&& map) {
  Rewriter out(text);
  for (std::size_t at = 0; at < text.text.size();) {
    const auto c = decode_utf8(text.text, at);
    out.put(map(c.code_point), 0);
    at += c.size;
  }
  out.finish();
}

/// The components that others share.
void lowercase_text(AlignedText& text);

}  // namespace typecase
