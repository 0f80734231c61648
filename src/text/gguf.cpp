#include "text/gguf.h"

#include "base/limits.h"
#include "text/byte_alphabet.h"
#include "text/models/bpe.h"
#include "text/tokenizer_impl.h"

#include <typecase/error.h>

#include <algorithm>

namespace typecase {
namespace {

enum TokenType { kControl = 3, kUserDefined = 4 };

Error at(const std::string& key, Code code, const std::string& message) {
  return Error(code, message, {.file = {}, .offset = {}, .line = {}, .key = key});
}

constexpr std::string_view kLlama3 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kQwen2 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

/// The values of tokenizer.ggml.pre for which the reference sets a split pattern of its own …
constexpr std::pair<std::string_view, std::string_view> kPatterns[] = {
    {"llama3", kLlama3},          {"llama-v3", kLlama3},
    {"llama-bpe", kLlama3},       {"falcon3", kLlama3},
    {"falcon-h1", kLlama3},       {"pixtral", kLlama3},
    {"midm-2.0", kLlama3},        {"lfm2", kLlama3},
    {"jina-v5-nano", kLlama3},    {"dbrx", kLlama3},
    {"smaug-bpe", kLlama3},       {"qwen2", kQwen2},
    {"deepseek-r1-qwen", kQwen2}, {"kormo", kQwen2},
    {"f2llmv2", kQwen2},          {"megrez", kQwen2},
};

/// … those whose pattern has no scanner here yet …
constexpr std::string_view kNotYet[] = {"tekken",  "qwen35", "gpt-4o",    "llama4",
                                        "kanana2", "talkie", "minimax-m2"};

/// … and those that keep GPT-2's pattern, whatever the original model does.
constexpr std::string_view kGpt2Pattern[] = {
    "",
    "default",
    "gpt-2",
    "gpt2",
    "smollm",
    "starcoder",
    "refact",
    "command-r",
    "deepseek-llm",
    "deepseek-coder",
    "deepseek-v3",
    "falcon",
    "mpt",
    "olmo",
    "olmo2",
    "stablelm2",
    "poro-chat",
    "bloom",
    "gpt3-finnish",
    "exaone",
    "exaone4",
    "chameleon",
    "minerva-7b",
    "codeshell",
    "viking",
    "phi-2",
    "jais",
    "jina-es",
    "jina-de",
    "jina-v1-en",
    "jina-v2-es",
    "jina-v2-de",
    "jina-v2-code",
    "roberta-bpe",
    "gigachat",
    "granite-docling",
    "superbpe",
    "trillion",
    "bailingmoe",
    "seed-coder",
    "hunyuan",
    "hunyuan-dense",
    "chatglm-bpe",
    "glm4",
    "dots1",
    "a.x-4.0",
    "mellum",
    "kimi-k2",
    "grok-2",
    "afmoe",
    "solar-open",
    "nemotron",
};

bool in_alphabet(std::string_view token) {
  std::string bytes;
  return byte_alphabet::append_bytes(bytes, token);
}

/// Tokens that are not written in the byte alphabet are respelled. Of equal ones the last counts.
Vocabulary byte_level_vocabulary(const GgufTokenizer& data) {
  if (data.tokens.size() > limits::kVocabulary) {
    throw at("tokenizer.ggml.tokens", Code::limit,
             "there are " + std::to_string(data.tokens.size()) + " tokens, the limit is " +
                 std::to_string(limits::kVocabulary));
  }
  Vocabulary out;
  out.reserve(data.tokens.size(), data.tokens.size() * 8);
  for (std::size_t id = data.tokens.size(); id-- > 0;) {
    const std::string& token = data.tokens[id];
    out.add(in_alphabet(token) ? token : byte_alphabet::spell(token), static_cast<TokenId>(id));
  }
  return out;
}

std::unique_ptr<Model> byte_level_model(const GgufTokenizer& data) {
  if (data.merges.empty()) {
    throw at("tokenizer.ggml.merges", Code::unsupported,
             "a byte-level tokenizer without merges is not supported");
  }
  Bpe::Builder builder(byte_level_vocabulary(data), {});
  builder.reserve(data.merges.size());
  for (std::size_t i = 0; i < data.merges.size(); ++i) {
    const std::string_view merge = data.merges[i];
    const auto place = [&] { return "tokenizer.ggml.merges[" + std::to_string(i) + "]"; };
    const auto space = merge.find(' ');
    if (space == std::string_view::npos || merge.find(' ', space + 1) != std::string_view::npos) {
      throw at(place(), Code::bad_file,
               "expected two parts with one space between, found " + quote(merge));
    }
    try {
      builder.add_merge(merge.substr(0, space), merge.substr(space + 1));
    } catch (const Error& error) {
      throw at(place(), error.code(), error.message());
    }
  }
  return std::move(builder).build();
}

std::unique_ptr<PreTokenizer> pre_tokenizer_of(const std::string& pre) {
  for (const auto& [name, pattern] : kPatterns) {
    if (pre != name) continue;
    std::vector<std::unique_ptr<PreTokenizer>> parts;
    parts.push_back(make_known_pattern(pattern));
    parts.push_back(make_byte_level(false, false));
    return make_pre_tokenizer_sequence(std::move(parts));
  }
  if (std::ranges::find(kGpt2Pattern, pre) != std::end(kGpt2Pattern)) {
    return make_byte_level(false, true);
  }
  const bool known = std::ranges::find(kNotYet, pre) != std::end(kNotYet);
  throw at("tokenizer.ggml.pre", Code::unsupported,
           "the pre-tokenizer " + quote(pre) +
               (known ? " is not supported yet" : " is not one this program knows"));
}

std::optional<std::string> token_text(const GgufTokenizer& data,
                                      const std::optional<std::int64_t>& id) {
  if (!id || *id < 0 || static_cast<std::size_t>(*id) >= data.tokens.size()) return std::nullopt;
  return data.tokens[static_cast<std::size_t>(*id)];
}

void add_special(TokenizerParts& parts, const std::string& content) {
  if (parts.added.id_of(content)) return;
  parts.added.add({.content = content, .normalized = false, .special = true}, *parts.model);
}

void add_marked_tokens(const GgufTokenizer& data, TokenizerParts& parts) {
  const std::size_t typed = std::min(data.tokens.size(), data.token_types.size());
  for (std::size_t i = 0; i < typed; ++i) {
    if (data.token_types[i] == kControl && in_alphabet(data.tokens[i])) {
      parts.added.add({.content = data.tokens[i], .normalized = false, .special = true},
                      *parts.model);
    }
  }
  for (std::size_t i = 0; i < typed; ++i) {
    const std::string& token = data.tokens[i];
    if (data.token_types[i] == kUserDefined && parts.model->id_of(token)) {
      parts.added.add({.content = token, .normalized = false, .special = false}, *parts.model);
    }
  }
}

std::optional<NamedId> named(const TokenizerParts& parts, bool wanted,
                             const std::optional<std::string>& token) {
  if (!wanted || !token) return std::nullopt;
  auto id = parts.added.id_of(*token);
  if (!id) id = parts.model->id_of(*token);
  if (!id) return std::nullopt;
  return NamedId{*token, *id};
}

}  // namespace

Tokenizer tokenizer_from_gguf(const GgufTokenizer& data) {
  if (data.model != "gpt2") {
    throw at("tokenizer.ggml.model", Code::unsupported,
             "the tokenizer " + quote(data.model) + " is not supported yet; supported is 'gpt2'");
  }
  TokenizerParts parts;
  parts.source = "GGUF";
  parts.model = byte_level_model(data);
  parts.pre_tokenizer = pre_tokenizer_of(data.pre);
  parts.decoder = make_byte_level_decoder();
  // The class GPT2Tokenizer, which the reference builds first, brings this one along.
  add_special(parts, "<|endoftext|>");
  add_marked_tokens(data, parts);
  parts.bos_token = token_text(data, data.bos_token_id);
  parts.eos_token = token_text(data, data.eos_token_id);
  parts.unk_token = token_text(data, data.unk_token_id);
  parts.pad_token = token_text(data, data.pad_token_id);
  for (const auto* token :
       {&parts.bos_token, &parts.eos_token, &parts.unk_token, &parts.pad_token}) {
    if (*token) add_special(parts, **token);
  }
  parts.chat_template = data.chat_template;
  parts.post_processor =
      make_bos_eos_template(named(parts, data.add_bos_token.value_or(false), parts.bos_token),
                            named(parts, data.add_eos_token.value_or(false), parts.eos_token));
  return make_tokenizer(std::move(parts));
}

}  // namespace typecase
