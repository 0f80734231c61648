/// Headers, addresses and the small grammars in them: any bytes end in a value or an Error, what
/// was parsed prints and parses again, and no redirect leaves http and https.
#include "ask.h"
#include "hub/headers.h"
#include "hub/url.h"

#include <typecase/error.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace typecase::hub;
using typecase::fuzz::expect;

void check(const Url& url) {
  expect(url.scheme == "http" || url.scheme == "https");
  expect(url.text().find_first_of("\r\n \\@") >= url.origin().size());
  const auto again = parse_url(url.text());
  expect(again && again->text() == url.text() && same_origin(*again, url));
}

void try_url(std::string_view text) {
  static const Url kBase = *parse_url("https://huggingface.co/a/b?c");
  if (const auto url = parse_url(text)) check(*url);
  if (const auto url = resolve(kBase, text)) check(*url);
}

void try_line(std::string_view line) {
  if (const auto range = parse_content_range(line)) expect(range->first <= range->last);
  if (const auto next = next_link(line)) try_url(*next);
  parse_decimal(line);
  expect(normalised_etag(line).size() <= line.size());
  is_private_address(line);
  try_url(line);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  Headers headers;
  try {
    while (!text.empty()) {
      const auto end = text.find('\n');
      const auto line = text.substr(0, end);
      try_line(line);
      headers.add_line(line);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
  } catch (const typecase::Error&) {
  }
  for (const char* name : {"Location", "Link", "Content-Range", "ETag"})
    try_line(headers.get(name));
  if (const auto wait = seconds_to_wait(headers)) expect(*wait >= 0);
  expect(headers.status() == 0 || (headers.status() >= 100 && headers.status() <= 599));
  return 0;
}
