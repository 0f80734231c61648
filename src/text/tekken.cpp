#include "base/limits.h"
#include "text/base64.h"
#include "text/byte_ranks.h"
#include "text/config_value.h"
#include "text/json_document.h"

#include <algorithm>

namespace typecase {
namespace {

std::size_t size_or(const ConfigValue& config, std::string_view key, std::size_t otherwise,
                    std::uint64_t most = limits::kVocabulary) {
  if (!config.has(key)) return otherwise;
  const std::int64_t value = config.at(key).integer();
  if (value < 0 || value > static_cast<std::int64_t>(most)) {
    throw config.at(key).error(Code::limit,
                               std::to_string(value) + " is not from 0 to " + std::to_string(most));
  }
  return static_cast<std::size_t>(value);
}

/// The special tokens by rank, which must be 0, 1, 2, …, filled up to `count`.
std::vector<std::string> read_specials(const ConfigValue& list, const ConfigValue& config) {
  std::vector<std::pair<std::int64_t, std::string>> ranked;
  for (const auto& token : list.elements()) {
    ranked.emplace_back(token.at("rank").integer(), token.at("token_str").text());
  }
  std::ranges::sort(ranked);
  std::vector<std::string> out;
  for (auto& [rank, token] : ranked) {
    if (rank != static_cast<std::int64_t>(out.size())) {
      throw list.error(Code::bad_file, "the rank " + std::to_string(out.size()) +
                                           " is missing or given twice at " + quote(token));
    }
    out.push_back(std::move(token));
  }
  const std::size_t count =
      size_or(config, "default_num_special_tokens", out.size(), limits::kPlaceholders);
  while (out.size() < count) out.push_back("<SPECIAL_" + std::to_string(out.size()) + ">");
  return out;
}

std::vector<std::string> read_vocab(const ConfigValue& list, std::size_t most) {
  std::vector<std::string> out;
  if (!list.json().is_array()) throw list.error(Code::bad_file, "expected array");
  for (const Json& value : list.json().as_array()) {
    if (out.size() == most) break;
    const ConfigValue token(value, list.pointer() + "/" + std::to_string(out.size()));
    try {
      out.push_back(decode_base64(token.at("token_bytes").text()));
    } catch (const Error& error) {
      throw error.at({.file = {}, .offset = {}, .line = {}, .key = token.pointer()});
    }
    if (out.back().empty()) throw token.error(Code::bad_file, "the token is empty");
    if (out.back().size() > limits::kToken) {
      throw token.error(Code::limit, "the token has " + std::to_string(out.back().size()) +
                                         " bytes, the limit is " + std::to_string(limits::kToken));
    }
  }
  return out;
}

}  // namespace

TokenizerParts parse_tekken(std::string_view file) {
  const Json json = to_json(JsonDocument(file).root(), "");
  const ConfigValue root(json, "");
  const ConfigValue config = root.at("config");
  if (!root.has("special_tokens")) {
    throw root.error(Code::unsupported,
                     "a tekken.json without special_tokens is too old to be read on its own");
  }
  const auto specials = read_specials(root.at("special_tokens"), config);
  const std::size_t size = size_or(config, "default_vocab_size", limits::kVocabulary);
  if (size < specials.size()) {
    throw config.error(Code::bad_file, "default_vocab_size is " + std::to_string(size) +
                                           ", which is less than the " +
                                           std::to_string(specials.size()) + " special tokens");
  }
  auto parts = byte_rank_parts(read_vocab(root.at("vocab"), size - specials.size()), specials,
                               config.at("pattern").text());
  parts.source = "tekken.json";
  return parts;
}

}  // namespace typecase
