#include "text/pretokenizers/boundaries.h"

#include "text/pretokenizers/scanners.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace typecase {
namespace {

using Scanner = std::size_t (*)(std::string_view, std::size_t) noexcept;

struct Family {
  const char* name;
  PatternFamily family;
  Scanner scanner;
};

const Family kFamilies[] = {
    {"gpt2", PatternFamily::gpt2, scanners::gpt2},
    {"llama3", PatternFamily::llama3, scanners::llama3},
    {"qwen2", PatternFamily::qwen2, scanners::qwen2},
    {"qwen35", PatternFamily::qwen35, scanners::qwen35},
    {"o200k", PatternFamily::o200k, scanners::o200k},
    {"tekken", PatternFamily::tekken, scanners::tekken},
    {"deepseek_v3", PatternFamily::deepseek_v3, scanners::deepseek_v3},
};

std::vector<std::string> by_scanner(Scanner scanner, std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = scanner(text, at);
    out.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

std::vector<std::string> by_cutter(PatternFamily family, const std::string& text) {
  std::vector<Piece> pieces;
  BoundaryCutter(family).cut(text, {0, static_cast<std::uint32_t>(text.size())}, pieces);
  std::vector<std::string> out;
  for (const Piece p : pieces) out.push_back(text.substr(p.begin, p.end - p.begin));
  return out;
}

/// Texts of characters that the rules treat differently, few enough that all neighbourhoods come
/// up, with runs that cross rows of 64 bytes.
std::string random_text(std::mt19937& random, std::size_t units) {
  static const std::vector<std::string> kUnits = {
      "a",      "B",      "s",      "'",      "'s",     "'LL",    "'re", "\u017F", "1",
      "234",    " ",      " ",      "  ",     "\t",     "\n",     "\r",  ".",      ",",
      "/",      "(",      "é",      "É",      "я",      "中",     "あ",  "٣",      "½",
      "\u0301", "ǅ",      "ʰ",      "\u00A0", "\u3000", "\u2028", "😀",  "–",      "\0",
      "\x7F",   "\u200B", "\uE000", "word",   "Word",   "WORD",   "->",  "ー",     "\u3040"};
  std::string out;
  for (std::size_t i = 0; i < units; ++i) {
    const std::string& unit = kUnits[random() % kUnits.size()];
    const std::size_t times = random() % 16 == 0 ? 1 + random() % 70 : 1;
    for (std::size_t t = 0; t < times; ++t) out += unit;
  }
  return out;
}

TEST(BoundaryCutter, EqualsTheScannerOnRandomTexts) {
  std::mt19937 random(1);
  for (int i = 0; i < 4000; ++i) {
    const std::string text = random_text(random, 1 + random() % 60);
    for (const Family& f : kFamilies) {
      ASSERT_EQ(by_cutter(f.family, text), by_scanner(f.scanner, text)) << f.name << ": " << text;
    }
  }
}

/// With ASCII alone no text is odd, so that the rules of every family are used.
TEST(BoundaryCutter, EqualsTheScannerOnAsciiTexts) {
  std::mt19937 random(2);
  const std::string kUnits = "aAbSsTtRrEeVvMmLlDd''''''    \n\n\r\t..,/(-_1234567890";
  for (int i = 0; i < 4000; ++i) {
    std::string text;
    for (std::size_t n = 25 + random() % 300; n > 0; --n) text += kUnits[random() % kUnits.size()];
    for (const Family& f : kFamilies) {
      ASSERT_EQ(by_cutter(f.family, text), by_scanner(f.scanner, text)) << f.name << ": " << text;
    }
  }
}

TEST(BoundaryCutter, LongTextsAreCutInStretchesThatDoNotShow) {
  std::mt19937 random(3);
  const std::string text = random_text(random, 20000);
  for (const Family& f : kFamilies) {
    EXPECT_EQ(by_cutter(f.family, text), by_scanner(f.scanner, text)) << f.name;
  }
}

TEST(BoundaryCutter, CutsWhereThePieceSaysSo) {
  const std::string text = "xx it's only a small part of this text that is cut   yy";
  std::vector<Piece> pieces;
  BoundaryCutter(PatternFamily::gpt2).cut(text, {3, 53}, pieces);
  EXPECT_EQ(pieces.front().begin, 3u);
  EXPECT_EQ(pieces.back().begin, 50u);  // the spaces end the piece, so they stay together
  EXPECT_EQ(pieces.back().end, 53u);
}

}  // namespace
}  // namespace typecase
