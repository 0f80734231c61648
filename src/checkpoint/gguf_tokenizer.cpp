#include "base/byte_reader.h"
#include "base/limits.h"
#include "checkpoint/gguf_config.h"

#include <typecase/error.h>

#include <algorithm>
#include <cmath>

namespace typecase {
namespace {

constexpr std::string_view kTokens = "tokenizer.ggml.tokens";
constexpr std::string_view kScores = "tokenizer.ggml.scores";
constexpr std::string_view kTypes = "tokenizer.ggml.token_type";
constexpr std::string_view kMerges = "tokenizer.ggml.merges";
constexpr std::uint64_t kLongestShown = 4096;

[[noreturn]] void fail(const Gguf& file, std::string_view key, std::string message,
                       Code code = Code::bad_file) {
  const GgufValue* value = file.find(key);
  Place place{.file = {}, .offset = {}, .line = {}, .key = quote(key)};
  if (value != nullptr) place.offset = value->offset;
  throw Error(code, std::move(message), std::move(place));
}

/// An array beside the tokens is as long as they are.
void check_length(const Gguf& file, std::string_view key, std::size_t tokens) {
  const GgufValue* value = file.find(key);
  if (value == nullptr || value->count == tokens) return;
  fail(file, key,
       "has " + std::to_string(value->count) + " elements, '" + std::string(kTokens) + "' has " +
           std::to_string(tokens));
}

std::optional<std::int64_t> token_id(const Gguf& file, std::string_view key, std::size_t tokens) {
  const auto id = file.integer(key);
  if (id && (*id < 0 || static_cast<std::uint64_t>(*id) >= tokens)) {
    fail(file, key,
         "is " + std::to_string(*id) + ", but there are " + std::to_string(tokens) + " tokens");
  }
  return id;
}

void check_scores(const Gguf& file, const std::vector<float>& scores) {
  const auto nan = std::ranges::find_if(scores, [](float s) { return std::isnan(s); });
  if (nan == scores.end()) return;
  fail(file, kScores, "element " + std::to_string(nan - scores.begin()) + " is not a number");
}

void check_types(const Gguf& file, const std::vector<std::int32_t>& types) {
  const auto bad = std::ranges::find_if(types, [](std::int32_t t) { return t < 1 || t > 6; });
  if (bad == types.end()) return;
  fail(file, kTypes,
       "element " + std::to_string(bad - types.begin()) + " is " + std::to_string(*bad) +
           ", expected 1 to 6");
}

Json element(const GgufValue& value, std::uint64_t i) {
  switch (value.element) {
    case GgufType::boolean:
      return Json(integer_at(value, i) != 0);
    case GgufType::float32:
      return Json(static_cast<float>(number_at(value, i)));
    case GgufType::float64:
      return Json(number_at(value, i));
    default:
      return Json(integer_at(value, i));
  }
}

Json shown(const Gguf& file, std::string_view key, const GgufValue& value) {
  if (value.type == GgufType::string) return Json(*file.string(key));
  if (value.type != GgufType::array) return element(value, 0);
  if (key.starts_with("tokenizer.ggml.") || value.count > kLongestShown) {
    return Json("array of " + std::to_string(value.count) + " " + std::string(name(value.element)));
  }
  if (value.element == GgufType::string) {
    return Json::array_of(file.strings(key, limits::kGgufString));
  }
  Json out = Json::array();
  for (std::uint64_t i = 0; i < value.count; ++i) out.push_back(element(value, i));
  return out;
}

}  // namespace

GgufTokenizer tokenizer_from_gguf(const Gguf& file) {
  GgufTokenizer out;
  out.architecture = file.string("general.architecture").value_or("");
  out.model = file.string("tokenizer.ggml.model").value_or("");
  out.pre = file.string("tokenizer.ggml.pre").value_or("");
  if (out.model.empty() || file.find(kTokens) == nullptr) {
    const std::string_view missing = out.model.empty() ? "tokenizer.ggml.model" : kTokens;
    throw Error(Code::bad_file, "the metadata key " + quote(missing) + " is missing");
  }
  if (const std::uint64_t n = file.find(kTokens)->count; n > limits::kVocabulary) {
    fail(file, kTokens,
         "has " + std::to_string(n) + " elements, the limit is " +
             std::to_string(limits::kVocabulary),
         Code::limit);
  }
  out.tokens = file.strings(kTokens, limits::kToken);
  const std::size_t tokens = out.tokens.size();
  check_length(file, kScores, tokens);
  check_length(file, kTypes, tokens);
  out.scores = file.float32s(kScores);
  check_scores(file, out.scores);
  out.token_types = file.int32s(kTypes);
  check_types(file, out.token_types);
  out.merges = file.strings(kMerges, 2 * limits::kToken + 1);

  out.bos_token_id = token_id(file, "tokenizer.ggml.bos_token_id", tokens);
  out.eos_token_id = token_id(file, "tokenizer.ggml.eos_token_id", tokens);
  out.unk_token_id = token_id(file, "tokenizer.ggml.unknown_token_id", tokens);
  out.pad_token_id = token_id(file, "tokenizer.ggml.padding_token_id", tokens);
  out.add_bos_token = file.boolean("tokenizer.ggml.add_bos_token");
  out.add_eos_token = file.boolean("tokenizer.ggml.add_eos_token");
  out.add_space_prefix = file.boolean("tokenizer.ggml.add_space_prefix");
  out.chat_template = file.string("tokenizer.chat_template");
  return out;
}

Json metadata_of(const Gguf& file) {
  Json::Object out;
  out.reserve(file.metadata().size());
  for (const auto& [key, value] : file.metadata()) {
    out.emplace_back(std::string(key), shown(file, key, value));
  }
  return Json(std::move(out));
}

}  // namespace typecase
