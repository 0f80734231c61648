#include "text/unicode/property.h"

#include "base/unicode.h"

#include <algorithm>

namespace typecase::unicode {
namespace {

constexpr std::pair<std::string_view, Set> kCategories[] = {
    {"c", bit(25) | bit(26) | bit(27) | bit(28)},
    {"cc", bit(25)},
    {"cf", bit(26)},
    {"cn", bit(28)},
    {"co", bit(27)},
    {"l", kL},
    {"lc", kLu | kLl | kLt},
    {"letter", kL},
    {"ll", kLl},
    {"lm", kLm},
    {"lo", kLo},
    {"lowercaseletter", kLl},
    {"lt", kLt},
    {"lu", kLu},
    {"m", kM},
    {"mark", kM},
    {"mc", kMc},
    {"me", kMe},
    {"mn", kMn},
    {"n", kN},
    {"nd", kNd},
    {"nl", kNl},
    {"no", kNo},
    {"nonspacingmark", kMn},
    {"number", kN},
    {"p", kP},
    {"pc", bit(11)},
    {"pd", bit(12)},
    {"pe", bit(14)},
    {"pf", bit(16)},
    {"pi", bit(15)},
    {"po", bit(17)},
    {"ps", bit(13)},
    {"punctuation", kP},
    {"s", kS},
    {"sc", bit(19)},
    {"separator", bit(22) | bit(23) | bit(24)},
    {"sk", bit(20)},
    {"sm", bit(18)},
    {"so", bit(21)},
    {"symbol", kS},
    {"uppercaseletter", kLu},
    {"z", bit(22) | bit(23) | bit(24)},
    {"zl", bit(23)},
    {"zp", bit(24)},
    {"zs", bit(22)},
};

/// `cs`: surrogates count as unassigned in the table; no text holds them.
std::vector<Range> ranges_of(Set sets) {
  std::vector<Range> out;
  for (std::uint32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    if (!is(c, sets)) continue;
    if (!out.empty() && out.back().last + 1 == c) {
      out.back().last = c;
    } else {
      out.push_back({c, c});
    }
  }
  return out;
}

std::string plain(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == ' ' || c == '-' || c == '_') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return out;
}

/// Outside brackets Oniguruma asks a table of Latin-1 that counts ² ³ ¹ ¼ ½ ¾ among the words.
std::vector<Range> words_outside_brackets() {
  std::vector<Range> out = *property("posix:word");
  for (const std::uint32_t c : {0xB2u, 0xB3u, 0xB9u, 0xBCu, 0xBDu, 0xBEu}) out.push_back({c, c});
  std::ranges::sort(out, {}, &Range::first);
  return out;
}

}  // namespace

std::optional<std::vector<Range>> property(std::string_view name) {
  const std::string key = plain(name);
  for (const auto& [category, sets] : kCategories) {
    if (key == category) return ranges_of(sets);
  }
  if (key == "word") return words_outside_brackets();
  const std::span all(tables::kProperties, tables::kPropertiesSize);
  const auto found =
      std::ranges::lower_bound(all, std::string_view(key), {}, &tables::Property::name);
  if (found == all.end() || found->name != key) return std::nullopt;
  std::vector<Range> out(found->count);
  for (std::uint32_t i = 0; i < found->count; ++i) {
    const std::uint32_t* pair = tables::kPropertyRanges + (found->begin + i) * 2;
    out[i] = {pair[0], pair[1]};
  }
  return out;
}

}  // namespace typecase::unicode
