#include "text/chat/text.h"

#include <algorithm>

namespace typecase::chat {
namespace {

void add_span(Spans& spans, std::size_t begin, std::size_t end) {
  if (begin == end) return;
  if (!spans.empty() && spans.back().end == begin) {
    spans.back().end = end;
  } else {
    spans.push_back({begin, end});
  }
}

}  // namespace

Text Text::from_caller(std::string text) {
  Text out(std::move(text));
  add_span(out.caller, 0, out.bytes.size());
  return out;
}

void Text::append(const Text& text) { append(text, 0, text.size()); }

void Text::append(const Text& text, std::size_t begin, std::size_t end) {
  const std::size_t at = bytes.size();
  bytes.append(text.bytes, begin, end - begin);
  if (text.caller.empty()) return;
  auto span = std::partition_point(text.caller.begin(), text.caller.end(),
                                   [&](const ByteSpan& s) { return s.end <= begin; });
  for (; span != text.caller.end() && span->begin < end; ++span) {
    add_span(caller, at + std::max(span->begin, begin) - begin,
             at + std::min(span->end, end) - begin);
  }
}

void Text::append_derived(std::string_view text, bool from_caller) {
  const std::size_t at = bytes.size();
  bytes += text;
  if (from_caller) add_span(caller, at, bytes.size());
}

Text Text::slice(std::size_t begin, std::size_t end) const {
  Text out;
  out.append(*this, begin, end);
  return out;
}

void Text::truncate(std::size_t size) {
  bytes.resize(size);
  while (!caller.empty() && caller.back().begin >= size) caller.pop_back();
  if (!caller.empty()) caller.back().end = std::min(caller.back().end, size);
}

Text derived(std::string text, const Text& source) {
  return source.tainted() ? Text::from_caller(std::move(text)) : Text(std::move(text));
}

}  // namespace typecase::chat
