#include "markdown.h"

#include <gmock/gmock.h>

namespace typecase::cli {
namespace {

/// The picture with its escapes as words: [b] strong, [i] emphasis, [c] code, [f] faint, [/] none.
std::string readable(std::string text) {
  const std::pair<const char*, const char*> names[] = {{"\033[0m", "[/]"},
                                                       {"\033[1m", "[b]"},
                                                       {"\033[3m", "[i]"},
                                                       {"\033[36m", "[c]"},
                                                       {"\033[2m", "[f]"}};
  for (const auto& [escape, name] : names) {
    for (std::size_t at; (at = text.find(escape)) != std::string::npos;) {
      text.replace(at, std::string_view(escape).size(), name);
    }
  }
  return text;
}

std::string drawn(const std::vector<std::string>& pieces, int columns = 80) {
  std::string out;
  MarkdownView view([&](std::string_view text) { out += text; }, [=] { return columns; });
  for (const std::string& piece : pieces) view.push(piece);
  view.finish();
  return readable(out);
}

std::vector<std::string> characters(std::string_view text) {
  std::vector<std::string> out;
  for (const char c : text) {
    const bool goes_on = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    if (goes_on) {
      out.back() += c;
    } else {
      out.emplace_back(1, c);
    }
  }
  return out;
}

TEST(Markdown, MarksBecomeStyles) {
  EXPECT_EQ(drawn({"a **bold** word"}), "a [/][b]bold[/] word\n");
  EXPECT_EQ(drawn({"an *odd* one"}), "an [/][i]odd[/] one\n");
  EXPECT_EQ(drawn({"call `f(x)` now"}), "call [/][c]f(x)[/] now\n");
  EXPECT_EQ(drawn({"***both*** `a*b*c`"}), "[/][b][i]both[/] [/][c]a*b*c[/]\n");
  EXPECT_EQ(drawn({"# Title\ntext"}), "[/][b]Title[/]\ntext\n");
  EXPECT_EQ(drawn({"**Use `x`:** y"}), "[/][b]Use [/][b][c]x[/][b]:[/] y\n");
}

TEST(Markdown, MarksWithoutPartnerStay) {
  for (const char* text : {"2 * 3 * 4", "2*3*4", "a ** b", "*args and more", "it's 5` long", "#5",
                           "snake_case_name", "1.5 litres", "-5 degrees", "**open"}) {
    EXPECT_EQ(drawn({text}), std::string(text) + "\n");
  }
  EXPECT_EQ(drawn({"*a `b` c"}), "*a [/][c]b[/] c\n");
}

TEST(Markdown, ListsHang) {
  EXPECT_EQ(drawn({"- one two three four five"}, 20), "[/][f]•[/] one two three four\n  five\n");
  EXPECT_EQ(drawn({"1. one\n  * two"}), "[/][f]1.[/] one\n  [/][f]•[/] two\n");
}

TEST(Markdown, LinesBreakBetweenWords) {
  EXPECT_EQ(drawn({"aaaa bbbb cccc dddd eeee ffff"}, 20), "aaaa bbbb cccc dddd\neeee ffff\n");
  EXPECT_EQ(drawn({"日本語日本語日本語日本語"}, 20), "日本語日本語日本語日\n本語\n");
  EXPECT_EQ(drawn({"0123456789012345678901234567"}, 20), "0123456789012345678901234567\n");
}

TEST(Markdown, ANewWidthCountsFromTheNextLineOn) {
  std::string out;
  int columns = 40;
  MarkdownView view([&](std::string_view text) { out += text; }, [&] { return columns; });
  view.push("aaaa bbbb cccc dddd eeee ffff\n");
  columns = 20;
  view.push("aaaa bbbb cccc dddd eeee ffff\n");  // its width was asked for when it began
  view.push("aaaa bbbb cccc dddd eeee ffff\n");
  const std::string whole = "aaaa bbbb cccc dddd eeee ffff\n";
  EXPECT_EQ(out, whole + whole + "aaaa bbbb cccc dddd\neeee ffff\n");
}

TEST(Markdown, CodeIsLeftAsItIs) {
  EXPECT_EQ(
      drawn({"```py\nx = **a**  # `b`\n\n- no list\n```\nafter"}),
      "[/][f]```py[/]\n[/][c]x = **a**  # `b`[/]\n\n[/][c]- no list[/]\n[/][f]```[/]\nafter\n");
  EXPECT_EQ(drawn({"````\n```\n````\n*a*"}),
            "[/][f]````[/]\n[/][c]```[/]\n[/][f]````[/]\n[/][i]a[/]\n");
}

TEST(Markdown, NothingCanSteerTheTerminal) {
  EXPECT_EQ(drawn({"a\033[2Jb\x07\u009bc\r"}), "a\uFFFD[2Jb\uFFFD\uFFFDc\uFFFD\n");
}

TEST(Markdown, ThePictureDoesNotDependOnTheCuts) {
  for (const char* text :
       {"# A *b*\n\nSome **bold `code`** text, 2 * 3, and *more*.\n\n1. x\n2. `y`\n   - z\n\n> "
        "quote\n---\n"
        "```c\nint *a;\n``\n```\n| a | b |\n**never closed\n* item",
        "`", "**", "***", "* ", "", "\n\n", "```\nopen", "    indented *x*", "12345678901. x"}) {
    const std::string whole = drawn({text}, 30);
    EXPECT_EQ(drawn(characters(text), 30), whole);
  }
}

}  // namespace
}  // namespace typecase::cli
