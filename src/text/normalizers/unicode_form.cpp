#include "base/utf8.h"
#include "text/normalizers/normalizer.h"
#include "text/rewriter.h"
#include "text/unicode/normalization.h"

#include <algorithm>
#include <cstring>

namespace typecase {
namespace {

using unicode::Form;

/// A character on its way, and how it counts in the alignment (see Rewriter).
struct Item {
  char32_t c;
  int change;
};

bool composes(Form form) { return form == Form::nfc || form == Form::nfkc; }

/// The first character from `at` on that `form` may touch; text.size() when there is none. `before`
/// becomes the beginning of the character in front of it (`at` itself when there is none).
std::size_t find_affected(std::string_view text, std::size_t at, Form form, std::size_t& before) {
  before = at;
  while (at < text.size()) {
    std::uint64_t word = 0;
    while (at + 8 <= text.size() &&
           (std::memcpy(&word, text.data() + at, 8), (word & 0x8080808080808080) == 0)) {
      at += 8;
      before = at - 1;
    }
    if (at == text.size()) break;
    const auto c = decode_utf8(text, at);
    if (unicode::is_affected(c.code_point, form)) return at;
    before = at;
    at += c.size;
  }
  return text.size();
}

/// Appends the decomposition of `c`: its first character replaces c, the others are inserted.
void decompose(char32_t c, Form form, std::vector<Item>& out) {
  using namespace unicode;
  if (c - kHangulBase < kHangulSyllables) {
    const char32_t index = c - kHangulBase;
    out.push_back({kHangulL + index / (kHangulVs * kHangulTs), 0});
    out.push_back({kHangulV + index / kHangulTs % kHangulVs, 1});
    if (index % kHangulTs != 0) out.push_back({kHangulT + index % kHangulTs, 1});
    return;
  }
  const auto word = decomposition(c, form);
  if (word.empty()) {
    out.push_back({c, 0});
    return;
  }
  for (std::size_t i = 0; i < word.size(); ++i) out.push_back({word[i], i > 0});
}

/// Puts every run of marks in the order of their classes; marks of one class keep theirs.
void order_marks(std::vector<Item>& items) {
  const auto class_of = [](const Item& item) { return unicode::combining_class(item.c); };
  for (auto at = items.begin(); at != items.end();) {
    if (class_of(*at) == 0) {
      ++at;
      continue;
    }
    const auto end = std::find_if(at, items.end(), [&](const Item& i) { return class_of(i) == 0; });
    std::stable_sort(at, end,
                     [&](const Item& a, const Item& b) { return class_of(a) < class_of(b); });
    at = end;
  }
}

/// Joins starters with the marks (and starters) that are not blocked from them, in place. What is
/// composed replaces all its parts, so their changes add up and one less character is put for each.
void recompose(std::vector<Item>& items) {
  std::size_t kept = 0;     // items already in their final place
  std::size_t starter = 0;  // the one to compose with …
  bool has_starter = false;
  int last_class = -1;  // … and the class of the last mark kept behind it, −1 when none is
  for (const Item item : items) {
    const int own_class = unicode::combining_class(item.c);
    if (has_starter && (last_class < own_class)) {
      if (const char32_t joined = unicode::compose(items[starter].c, item.c)) {
        items[starter] = {joined, items[starter].change + item.change - 1};
        continue;
      }
    }
    if (own_class == 0) {
      starter = kept;
      has_starter = true;
      last_class = -1;
    } else if (has_starter) {
      last_class = own_class;
    }
    items[kept++] = item;
  }
  items.resize(kept);
}

/// NFC, NFD, NFKC, NFKD.   UAX #15.
///
/// Only stretches around affected characters are worked on: from the character before the first
/// of them (a starter it may compose with) to the next one that is not affected.
class UnicodeForm final : public Normalizer {
 public:
  explicit UnicodeForm(Form form) : form_(form) {}

  void normalize(AlignedText& text) const override {
    std::size_t begin = 0;
    std::size_t at = find_affected(text.text, 0, form_, begin);
    if (at == text.text.size()) return;
    Rewriter out(text);
    std::vector<Item> items;
    std::size_t done = 0;
    while (at < text.text.size()) {
      out.keep(done, begin);
      done = at;
      while (done < text.text.size()) {
        const auto c = decode_utf8(text.text, done);
        if (!unicode::is_affected(c.code_point, form_)) break;
        done += c.size;
      }
      items.clear();
      for (std::size_t i = begin; i < done;) {
        const auto c = decode_utf8(text.text, i);
        decompose(c.code_point, form_, items);
        i += c.size;
      }
      order_marks(items);
      if (composes(form_)) recompose(items);
      for (const Item item : items) out.put(item.c, item.change);
      at = find_affected(text.text, done, form_, begin);
    }
    out.keep(done, text.text.size());
    out.finish();
  }

 private:
  Form form_;
};

}  // namespace

std::unique_ptr<Normalizer> make_nfc() { return std::make_unique<UnicodeForm>(Form::nfc); }
std::unique_ptr<Normalizer> make_nfd() { return std::make_unique<UnicodeForm>(Form::nfd); }
std::unique_ptr<Normalizer> make_nfc(const ConfigValue&) { return make_nfc(); }
std::unique_ptr<Normalizer> make_nfd(const ConfigValue&) { return make_nfd(); }
std::unique_ptr<Normalizer> make_nfkc(const ConfigValue&) {
  return std::make_unique<UnicodeForm>(Form::nfkc);
}
std::unique_ptr<Normalizer> make_nfkd() { return std::make_unique<UnicodeForm>(Form::nfkd); }
std::unique_ptr<Normalizer> make_nfkd(const ConfigValue&) { return make_nfkd(); }

}  // namespace typecase
