#include "hub/headers.h"

#include <typecase/error.h>

#include <gtest/gtest.h>

namespace typecase::hub {
namespace {

Headers headers_of(std::initializer_list<const char*> lines) {
  Headers out;
  for (const char* line : lines) out.add_line(line);
  return out;
}

TEST(Headers, NamesHaveNoCaseAndValuesNoEnds) {
  const auto headers =
      headers_of({"HTTP/1.1 206 Partial Content\r\n", "ETag:  \"abc\" \r\n", "\r\n"});
  EXPECT_EQ(headers.status(), 206);
  EXPECT_EQ(headers.get("etag"), "\"abc\"");
  EXPECT_TRUE(headers.has("ETAG"));
  EXPECT_EQ(headers.get("Location"), "");
}

TEST(Headers, AStatusLineStartsAnew) {
  const auto headers = headers_of({"HTTP/1.1 100 Continue", "X: old", "HTTP/1.1 200 OK", "Y: new"});
  EXPECT_EQ(headers.status(), 200);
  EXPECT_FALSE(headers.has("X"));
}

TEST(Headers, WhatIsNotPrintableIsReplaced) {
  EXPECT_EQ(headers_of({"X-Error-Message: \x1b[31mred\xff"}).get("x-error-message"), "?[31mred?");
}

TEST(Headers, HaveAnEnd) {
  Headers many;
  EXPECT_THROW(
      {
        for (int i = 0; i < 300; ++i) many.add_line("X: y");
      },
      Error);
  Headers longest;
  longest.add_line("X: " + std::string(60'000, 'y'));
  EXPECT_THROW(longest.add_line("X: " + std::string(6'000, 'y')), Error);
}

TEST(Headers, DecimalsAreDigitsOnly) {
  EXPECT_EQ(parse_decimal("0"), 0U);
  EXPECT_EQ(parse_decimal("9223372036854775807"), 9223372036854775807U);
  for (const char* text : {"", " 1", "1 ", "+1", "-1", "0x1", "1,2", "9223372036854775808", "१"}) {
    EXPECT_FALSE(parse_decimal(text)) << text;
  }
}

TEST(Headers, EtagsLoseTheirQuotes) {
  EXPECT_EQ(normalised_etag("\"abc\""), "abc");
  EXPECT_EQ(normalised_etag("W/\"abc\""), "abc");
  EXPECT_EQ(normalised_etag("abc"), "abc");
  EXPECT_EQ(normalised_etag("\""), "\"");
}

TEST(Headers, ContentRanges) {
  const auto range = parse_content_range("bytes 10-19/100");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->first, 10U);
  EXPECT_EQ(range->last, 19U);
  EXPECT_EQ(range->total, 100U);
  EXPECT_FALSE(parse_content_range("bytes 0-9/*")->total);
  for (const char* text :
       {"", "bytes", "bytes */100", "bytes 9-8/100", "bytes 0-100/100", "bytes 0-9",
        "octets 0-9/10", "bytes -1-9/10", "bytes 0-9/", "bytes 0-9/1x"}) {
    EXPECT_FALSE(parse_content_range(text)) << text;
  }
}

TEST(Headers, LinksToTheNextPage) {
  EXPECT_EQ(next_link("<https://h/a?cursor=2>; rel=\"next\""), "https://h/a?cursor=2");
  EXPECT_EQ(next_link("<https://h/1>; rel=\"prev\", <https://h/3>; title=\"x\"; rel=\"next\""),
            "https://h/3");
  for (const char* text : {"", "<a", "a>; rel=\"next\"", "<a>; rel=\"prev\"", "<a>", "<a> <b>"}) {
    EXPECT_FALSE(next_link(text)) << text;
  }
}

TEST(Headers, HowLongToWait) {
  EXPECT_EQ(seconds_to_wait(headers_of({"Retry-After: 7", "RateLimit: \"api\";r=0;t=55"})), 7);
  EXPECT_EQ(seconds_to_wait(headers_of({"RateLimit: \"api\";r=0;t=55"})), 56);
  EXPECT_FALSE(seconds_to_wait(headers_of({"RateLimit: \"api\";r=0"})));
  EXPECT_FALSE(seconds_to_wait(headers_of({"Retry-After: -1"})));
  EXPECT_GT(seconds_to_wait(headers_of({"Retry-After: 99999999999"})), 1'000'000);
}

}  // namespace
}  // namespace typecase::hub
