/// tokenizer_config.json, special_tokens_map.json and added_tokens.json, with a NUL between them,
/// over a small model: its tokens are added or there is an Error. A tokenizer that comes of it
/// encodes and decodes its own tokens without harm.
#include "text/folder_tokens.h"

#include "text/models/wordlevel.h"

#include <typecase/error.h>
#include <typecase/utf8.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace typecase;

constexpr std::size_t kMostText = 512;  // bytes of the tokens' own texts

/// Up to the next NUL.
std::string_view next_text(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\0'), rest.size());
  const std::string_view out = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return out;
}

Tokenizer build(std::string_view rest, std::string& text) {
  const SettingsFile config = parse_settings("tokenizer_config.json", next_text(rest));
  const TokenFiles files{parse_settings("special_tokens_map.json", next_text(rest)),
                         parse_settings("added_tokens.json", next_text(rest))};
  Vocabulary vocabulary;
  TokenId next = 0;
  for (const char* token : {"<unk>", "a", "b", "</s>"}) vocabulary.add(token, next++);
  TokenizerParts parts;
  parts.source = "fuzz";
  parts.model = std::make_unique<WordLevel>(std::move(vocabulary), "<unk>");
  ClassTokens cls;
  cls.named.push_back({"eos_token", {.content = "</s>", .normalized = false, .special = true}});
  cls.extra = {"<x_0>", "<x_1>"};
  cls.extra_rule = static_cast<ExtraRule>(rest.size() % 5);
  cls.adds_again = static_cast<AddsAgain>(rest.size() % 3);
  add_folder_tokens(files, ConfigValue(config.json, ""), cls, AddedTokens(), parts);
  for (const auto& [id, token] : parts.added.all()) {
    if (text.size() + token.content.size() < kMostText) text += token.content + " a";
  }
  return make_tokenizer(std::move(parts));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    std::string text = " a b";
    const Tokenizer tokenizer = build({reinterpret_cast<const char*>(data), size}, text);
    const auto encoding = tokenizer.encode(text, {.offsets = true});
    if (tokenizer.encode_ids(text) != encoding.ids) std::abort();
    for (const bool skip : {false, true}) {
      const std::string back = tokenizer.decode(encoding.ids, {.skip_special_tokens = skip});
      if (first_invalid_utf8(back)) std::abort();
    }
  } catch (const Error& error) {
    if (error.code() == Code::invalid_argument) std::abort();  // any text has tokens here
  }
  return 0;
}
