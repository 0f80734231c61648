#include "text/byte_ranks.h"

#include "base/limits.h"
#include "text/base64.h"
#include "text/byte_alphabet.h"
#include "text/derived_merges.h"
#include "text/pattern/pattern.h"
#include "text/pretokenizers/behavior.h"

#include <typecase/error.h>
#include <typecase/utf8.h>

#include <algorithm>
#include <charconv>
#include <tuple>

namespace typecase {
namespace {

/// Llama 3's, which the reference takes for every tiktoken file.
constexpr std::string_view kPattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

Error on_line(std::size_t line, Code code, const std::string& message) {
  return Error(code, message,
               {.file = {}, .offset = {}, .line = static_cast<int>(line), .key = {}});
}

/// Calls f(line, number) for every line of `text`; numbers begin at 1.
template <class F>
void each_line(std::string_view text, const F& f) {
  std::size_t number = 1;
  for (std::size_t at = 0; at < text.size(); ++number) {
    const auto end = std::min(text.find('\n', at), text.size());
    auto line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    f(line, number);
    at = end + 1;
  }
}

void check_length(std::string_view token, std::size_t line) {
  if (token.size() <= limits::kToken) return;
  throw on_line(line, Code::limit,
                "the token " + quote(token) + " has " + std::to_string(token.size()) +
                    " bytes, the limit is " + std::to_string(limits::kToken));
}

std::unique_ptr<PreTokenizer> split_of(std::string_view pattern) {
  std::vector<std::unique_ptr<PreTokenizer>> steps;
  if (auto known = make_known_pattern(pattern)) {
    steps.push_back(std::move(known));
  } else {
    steps.push_back(make_split(make_regex(pattern), SplitBehavior::isolated, false));
  }
  steps.push_back(make_byte_level(false, false));
  return make_pre_tokenizer_sequence(std::move(steps));
}

}  // namespace

TokenizerParts byte_rank_parts(const std::vector<std::string>& tokens,
                               const std::vector<std::string>& specials, std::string_view pattern) {
  Vocabulary vocabulary;
  vocabulary.reserve(tokens.size() + specials.size(), tokens.size() * 8);
  TokenId id = 0;
  for (const std::string& token : specials) {
    if (!vocabulary.add(token, id++)) {
      throw Error(Code::bad_file, "the special token " + quote(token) + " is given twice");
    }
  }
  for (const std::string& token : tokens) {
    if (!vocabulary.add(byte_alphabet::spell(token), id++)) {
      throw Error(Code::bad_file, "the token " + quote(token) + " is given twice");
    }
  }
  TokenizerParts parts;
  Bpe::Builder builder(std::move(vocabulary), {.ignore_merges = true});
  add_derived_merges_by_id(builder, DerivedOrder::by_parts, static_cast<TokenId>(specials.size()));
  parts.model = std::move(builder).build();
  parts.pre_tokenizer = split_of(pattern);
  parts.decoder = make_byte_level_decoder();
  for (const std::string& token : specials) {
    parts.added.add({.content = token, .normalized = false, .special = true}, *parts.model);
  }
  return parts;
}

namespace {

struct Ranked {
  std::uint64_t rank;
  std::size_t line;
  std::string token;
};

Ranked read_ranked(std::string_view line, std::size_t number) {
  const auto space = line.find(' ');
  const auto digits = line.substr(std::min(space, line.size()));
  Ranked out{0, number, {}};
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data() + !digits.empty(), end, out.rank);
  if (digits.size() < 2 || read.ec != std::errc() || read.ptr != end) {
    throw on_line(number, Code::bad_file,
                  "expected base64, a space and a rank, found " + quote(line));
  }
  if (out.rank >= limits::kVocabulary) {
    throw on_line(number, Code::limit,
                  "the rank " + std::to_string(out.rank) + " is too high, the limit is " +
                      std::to_string(limits::kVocabulary - 1));
  }
  try {
    out.token = decode_base64(line.substr(0, space));
  } catch (const Error& error) {
    throw on_line(number, error.code(), error.message());
  }
  check_length(out.token, number);
  if (out.token.empty()) throw on_line(number, Code::bad_file, "the token is empty");
  return out;
}

}  // namespace

std::vector<std::string> parse_tiktoken(std::string_view file) {
  std::vector<Ranked> ranked;
  each_line(file, [&](std::string_view line, std::size_t number) {
    if (!line.empty()) ranked.push_back(read_ranked(line, number));
  });
  if (ranked.empty()) {
    throw on_line(1, Code::bad_file, "the file is empty; was the download complete?");
  }
  std::ranges::sort(ranked, [](const Ranked& a, const Ranked& b) {
    return std::tie(a.rank, a.line) < std::tie(b.rank, b.line);
  });
  std::vector<std::string> out;
  out.reserve(ranked.size());
  for (Ranked& next : ranked) {
    const std::uint64_t expected = out.size();
    if (next.rank < expected) {
      throw on_line(next.line, Code::bad_file,
                    "the rank " + std::to_string(next.rank) + " is given twice");
    }
    if (next.rank > expected) {
      throw Error(Code::bad_file, "the rank " + std::to_string(expected) + " is missing");
    }
    out.push_back(std::move(next.token));
  }
  return out;
}

TokenizerParts tiktoken_parts(std::string_view file) {
  auto parts = byte_rank_parts(parse_tiktoken(file), {}, kPattern);
  parts.source = "tiktoken";
  return parts;
}

Vocabulary parse_vocab_txt(std::string_view file) {
  Vocabulary out;
  each_line(file, [&](std::string_view token, std::size_t number) {
    if (number > limits::kVocabulary) {
      throw on_line(number, Code::limit,
                    "there are more than " + std::to_string(limits::kVocabulary) + " tokens");
    }
    check_length(token, number);
    if (first_invalid_utf8(token)) {
      throw on_line(number, Code::bad_file, "the line is not valid UTF-8");
    }
    if (!out.add(token, static_cast<TokenId>(number - 1))) {
      throw on_line(number, Code::bad_file, "the token " + quote(token) + " is given twice");
    }
  });
  if (out.size() == 0) {
    throw on_line(1, Code::bad_file, "the file is empty; was the download complete?");
  }
  return out;
}

}  // namespace typecase
