#pragma once

#include "base/utf8.h"
#include "text/aligned_text.h"

namespace typecase {

/// Writes a text anew, character by character, and keeps account of where each came from.
///
/// Every character is put with a `change`, as the reference counts:
///      0   it replaces the next character of the old text and takes its origin;
///     +1   it is inserted, and takes the origin of the old character in front of this place;
///     −n   it replaces the next character, and the n characters after that one are removed.
/// So origins follow the counts and not the characters: marks that change places leave theirs.
///
///     Rewriter out(text);   out.put(U'a', 0);  …   out.finish();
class Rewriter {
 public:
  explicit Rewriter(AlignedText& text) : text_(text), tracked_(text.tracked()) {
    out_.reserve(text.text.size());
    if (tracked_) origin_.reserve(text.text.size());
  }

  void put(char32_t c, int change) {
    const std::size_t before = out_.size();
    append_utf8(out_, c);
    if (tracked_) account(out_.size() - before, change);
  }
  /// The same for one or more whole characters that share one origin.
  void put(std::string_view utf8, int change) {
    out_ += utf8;
    if (tracked_) account(utf8.size(), change);
  }

  /// Bytes [begin, end) stay as they are.   REQUIRES: everything before `begin` is accounted for.
  void keep(std::size_t begin, std::size_t end) {
    out_.append(text_.text, begin, end - begin);
    if (tracked_) {
      origin_.insert(origin_.end(), text_.origin.begin() + static_cast<std::ptrdiff_t>(begin),
                     text_.origin.begin() + static_cast<std::ptrdiff_t>(end));
    }
    at_ = end;
  }

  /// `n` bytes of the old text, whole characters, have no successor.
  void remove(std::size_t bytes) { at_ += bytes; }

  void finish() {
    text_.text.swap(out_);
    if (tracked_) text_.origin.swap(origin_);
  }

 private:
  void account(std::size_t bytes, int change) {
    Offsets from{text_.first, text_.first};
    if (change > 0) {
      if (at_ > 0) from = text_.origin[at_ - 1];
    } else if (!text_.origin.empty()) {
      from = text_.origin[std::min(at_, text_.origin.size() - 1)];
    }
    for (int n = change; n <= 0 && at_ < text_.text.size(); ++n) {
      at_ += decode_utf8(text_.text, at_).size;
    }
    origin_.insert(origin_.end(), bytes, from);
  }

  AlignedText& text_;
  bool tracked_;
  std::string out_;
  std::vector<Offsets> origin_;
  std::size_t at_ = 0;  // bytes of the old text that are accounted for
};

}  // namespace typecase
