/// The small words: errors, UTF-8, checked sizes, byte reader, files.
#include "base/byte_reader.h"
#include "base/checked.h"
#include "base/mapped_file.h"
#include "base/utf8.h"

#include <typecase/error.h>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace typecase {
namespace {

using ::testing::HasSubstr;

template <class F>
std::string error_of(F call) {
  try {
    call();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(Error, SaysFileKeyMessageAndByte) {
  const Error e(Code::bad_file, "is too long",
                {.file = "m.gguf", .offset = 24, .line = {}, .key = "'a'"});
  EXPECT_STREQ(e.what(), "m.gguf: 'a': is too long (at byte 24)");
  EXPECT_EQ(exit_code(e.code()), 6);
}

TEST(Error, AtFillsOnlyWhatIsUnset) {
  const Error inner(Code::bad_file, "m", {.file = {}, .offset = {}, .line = {}, .key = "k"});
  const Error outer = inner.at({.file = "f", .offset = 3, .line = {}, .key = "other"});
  EXPECT_STREQ(outer.what(), "f: k: m (at byte 3)");
}

TEST(Quote, EscapesAndCuts) {
  EXPECT_EQ(quote("plain é"), "'plain é'");
  EXPECT_EQ(quote("a'b\\\n\x1b\xff"), "'a\\'b\\\\\\x0a\\x1b\\xff'");
  EXPECT_LE(quote(std::string(5000, 'x')).size(), 200u);
  EXPECT_THAT(quote(std::string(5000, 'x')), HasSubstr("…"));
}

TEST(Utf8, InvalidPartsAreMaximalAsInTheWebStandard) {
  EXPECT_EQ(replace_invalid_utf8("a\xff\xf0\x9f\x98z"), "a\uFFFD\uFFFDz");
  EXPECT_EQ(replace_invalid_utf8("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
  EXPECT_EQ(replace_invalid_utf8("\xc0\xaf"), "\uFFFD\uFFFD");            // overlong
  EXPECT_EQ(first_invalid_utf8("ab\x80"), 2u);
  EXPECT_EQ(first_invalid_utf8("aé😀"), std::nullopt);
  EXPECT_TRUE(decode_utf8("\xf0\x9f", 0).truncated);
}

TEST(Utf8, EveryCodePointSurvives) {
  for (char32_t c = 0; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 97) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string text;
    append_utf8(text, c);
    const Utf8Char back = decode_utf8(text, 0);
    ASSERT_TRUE(back.valid && back.code_point == c && back.size == text.size())
        << static_cast<std::uint32_t>(c);
    ASSERT_EQ(count_code_points(text), 1u);
  }
}

TEST(Checked, OverflowAndNarrowingAreErrors) {
  EXPECT_EQ(checked_mul(1u << 31, 2, "n"), 1ull << 32);
  EXPECT_THAT(error_of([] { checked_mul(1ull << 63, 2, "the size"); }), HasSubstr("the size"));
  EXPECT_THAT(error_of([] { checked_add(~0ull, 1, "the end"); }), HasSubstr("the end"));
  EXPECT_EQ(checked_cast<std::int8_t>(-128, "n"), -128);
  EXPECT_THAT(error_of([] { checked_cast<std::int8_t>(128, "n"); }), HasSubstr("n is 128"));
  EXPECT_THAT(error_of([] { TYPECASE_CHECK(1 == 2); }), HasSubstr("1 == 2"));
}

TEST(ByteReader, NeverReadsPastTheEnd) {
  const std::array<std::byte, 6> bytes{std::byte{1}, std::byte{0}, std::byte{0}, std::byte{0}};
  ByteReader reader(bytes);
  EXPECT_EQ(reader.read<std::uint32_t>("a count"), 1u);
  EXPECT_EQ(error_of([&] { reader.read<std::uint64_t>("a length"); }),
            "a length needs 8 bytes, the file has 2 left; was the download complete? (at byte 4)");
  EXPECT_EQ(reader.remaining(), 2u);
  EXPECT_THAT(error_of([&] { reader.take(~0ull, "a name"); }), HasSubstr("a name needs"));
}

class Files : public ::testing::Test {
 protected:
  Files() {
    std::string name = std::filesystem::temp_directory_path() / "typecase-base-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~Files() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  std::string folder_;
};

TEST_F(Files, MapAndReadGiveTheBytes) {
  write("a", std::string("x\0y", 3));
  const MappedFile file(path("a"));
  EXPECT_EQ(file.bytes().size(), 3u);
  EXPECT_EQ(read_file(path("a"), 3), std::string("x\0y", 3));
  EXPECT_THAT(error_of([&] { read_file(path("a"), 2); }), HasSubstr("has 3 bytes"));
  write("empty", "");
  EXPECT_TRUE(MappedFile(path("empty")).bytes().empty());
}

TEST_F(Files, OnlyRegularFilesAreOpened) {
  EXPECT_THAT(error_of([&] { MappedFile m(path("none")); }), HasSubstr("no such file"));
  EXPECT_THAT(error_of([&] { MappedFile m(folder_); }), HasSubstr("is a folder"));
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_THAT(error_of([&] { MappedFile m(path("pipe")); }), HasSubstr("not a regular file"));
  EXPECT_THAT(error_of([&] { read_file("/dev/zero", 10); }), HasSubstr("not a regular file"));
  EXPECT_THAT(error_of([] { read_file(std::string("a\0b", 3), 10); }), HasSubstr("NUL"));
}

TEST_F(Files, AShrunkFileIsNoticed) {
  write("a", std::string(10000, 'x'));
  const MappedFile file(path("a"));
  file.check_size();
  std::filesystem::resize_file(path("a"), 100);
  EXPECT_THAT(error_of([&] { file.check_size(); }), HasSubstr("shrank from 10000 to 100"));
}

}  // namespace
}  // namespace typecase
