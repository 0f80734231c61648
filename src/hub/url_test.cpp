#include "hub/url.h"

#include <gtest/gtest.h>

namespace typecase::hub {
namespace {

std::string text_of(const std::optional<Url>& url) { return url ? url->text() : "none"; }

TEST(Url, IsTakenApartAndPutTogetherAgain) {
  EXPECT_EQ(text_of(parse_url("https://huggingface.co/gpt2/resolve/main/a.json?x=1#part")),
            "https://huggingface.co/gpt2/resolve/main/a.json?x=1");
  EXPECT_EQ(text_of(parse_url("HTTP://LocalHost:8080")), "http://localhost:8080/");
  EXPECT_EQ(text_of(parse_url("https://h:443/x")), "https://h/x");
  EXPECT_EQ(text_of(parse_url("http://[::1]:81?q")), "http://[::1]:81/?q");
}

TEST(Url, RefusesWhatAnotherParserMightReadDifferently) {
  for (const char* text : {"",
                           "h",
                           "ftp://h/",
                           "file:///etc/passwd",
                           "http://",
                           "http:///x",
                           "http://user@h/",
                           "http://h\\@x/",
                           "http://h /",
                           "http://h/a b",
                           "http://h/\x01",
                           "http://h/\xc3\xa9",
                           "http://h:0/",
                           "http://h:65536/",
                           "http://h:/",
                           "http://h:+80/",
                           "http://h:80x/",
                           "http://[::1/",
                           "http://[evil]/",
                           "http://%31/",
                           "http://h,x/",
                           "https:/h/"}) {
    EXPECT_EQ(text_of(parse_url(text)), "none") << text;
  }
  EXPECT_FALSE(parse_url("http://h/" + std::string(9000, 'a')));
}

TEST(Url, ResolvesReferencesAsRedirectsUseThem) {
  const Url base = *parse_url("https://hub/gpt2/resolve/main/config.json?x=1");
  const auto seen_from_base = [&](const char* text) { return text_of(resolve(base, text)); };
  EXPECT_EQ(seen_from_base("/openai/gpt2"), "https://hub/openai/gpt2");
  EXPECT_EQ(seen_from_base("//cdn/x"), "https://cdn/x");
  EXPECT_EQ(seen_from_base("http://other/x#y"), "http://other/x");
  EXPECT_EQ(seen_from_base("?cursor=2"), "https://hub/gpt2/resolve/main/config.json?cursor=2");
  EXPECT_EQ(seen_from_base("a.json"), "https://hub/gpt2/resolve/main/a.json");
  EXPECT_EQ(seen_from_base("/a:b"), "https://hub/a:b");
  for (const char* text : {"", "#x", "file:/etc/passwd", "javascript:x", "//", "/a b"}) {
    EXPECT_EQ(seen_from_base(text), "none") << text;
  }
}

TEST(Url, OriginsAreSchemeHostAndPort) {
  const Url hub = *parse_url("https://hub/");
  EXPECT_TRUE(same_origin(hub, *parse_url("https://HUB:443/x")));
  for (const char* other :
       {"http://hub/", "https://hub:444/", "https://hub.evil/", "https://a.hub/"}) {
    EXPECT_FALSE(same_origin(hub, *parse_url(other))) << other;
  }
}

TEST(Url, PrivateAddressesAreKnown) {
  for (const char* host : {"127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "172.31.255.255",
                           "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "[::1]",
                           "::", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "224.0.0.1"}) {
    EXPECT_TRUE(is_private_address(host)) << host;
  }
  for (const char* host : {"8.8.8.8", "172.32.0.1", "172.15.0.1", "11.0.0.1", "2606:4700::1",
                           "::ffff:8.8.8.8", "huggingface.co", "10.0.0", "100.128.0.1"}) {
    EXPECT_FALSE(is_private_address(host)) << host;
  }
  EXPECT_TRUE(is_loopback("localhost") && is_loopback("127.0.0.2") && is_loopback("[::1]"));
  EXPECT_FALSE(is_loopback("10.0.0.1") || is_loopback("localhost.evil") || is_loopback("127.evil"));
}

TEST(Url, PercentEncoding) {
  EXPECT_EQ(percent_encoded("refs/pr/1", false), "refs%2Fpr%2F1");
  EXPECT_EQ(percent_encoded("a b/é~.json", true), "a%20b/%C3%A9~.json");
}

}  // namespace
}  // namespace typecase::hub
