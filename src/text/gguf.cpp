#include "text/gguf.h"

#include "base/limits.h"
#include "text/byte_alphabet.h"
#include "text/gguf_parts.h"
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
  Bpe::Builder builder(byte_level_vocabulary(data), {});
  add_gguf_merges(data, builder);
  return std::move(builder).build();
}

std::optional<std::string> token_text(const GgufTokenizer& data,
                                      const std::optional<std::int64_t>& id) {
  if (!id || *id < 0 || static_cast<std::size_t>(*id) >= data.tokens.size()) return std::nullopt;
  return data.tokens[static_cast<std::size_t>(*id)];
}

void add_marked_tokens(const GgufTokenizer& data, TokenizerParts& parts) {
  const std::size_t typed = std::min(data.tokens.size(), data.token_types.size());
  for (std::size_t i = 0; i < typed; ++i) {
    const bool spelled = data.model != "gpt2" || in_alphabet(data.tokens[i]);
    if (data.token_types[i] == kControl && spelled) {
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

namespace {

/// A model's parts as the class that the reference gives it to builds them, and the special tokens
/// that class brings along.
struct Kind {
  std::string_view model;
  void (*build)(const GgufTokenizer& data, TokenizerParts& parts);
  bool adds_bos;  ///< when the file does not say
};

void build_byte_level(const GgufTokenizer& data, TokenizerParts& parts) {
  parts.model = byte_level_model(data);
  parts.pre_tokenizer = make_byte_level(false, true);
  parts.decoder = make_byte_level_decoder();
  add_special(parts, "<|endoftext|>");
}

constexpr Kind kKinds[] = {
    {"gpt2", build_byte_level, false},   {"llama", build_gguf_llama, true},
    {"gemma4", build_gguf_gemma, false}, {"t5", build_gguf_t5, false},
    {"bert", build_gguf_bert, true},
};

const Kind& kind_of(const GgufTokenizer& data) {
  std::string known;
  for (const Kind& kind : kKinds) {
    if (data.model == kind.model) return kind;
    known += (known.empty() ? "'" : ", '") + std::string(kind.model) + "'";
  }
  throw at("tokenizer.ggml.model", Code::unsupported,
           "the tokenizer " + quote(data.model) + " is not supported; supported are " + known);
}

}  // namespace

Tokenizer tokenizer_from_gguf(const GgufTokenizer& data) {
  const Kind& kind = kind_of(data);
  TokenizerParts parts;
  parts.source = "GGUF";
  kind.build(data, parts);
  if (auto split = gguf_split(data.pre)) parts.pre_tokenizer = std::move(split);
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
  if (!parts.post_processor) {
    // The chat template of Gemma 4 writes the token itself.
    const bool bos = kind.model != "gemma4" && data.add_bos_token.value_or(kind.adds_bos);
    parts.post_processor =
        make_bos_eos_template(named(parts, bos, parts.bos_token),
                              named(parts, data.add_eos_token.value_or(false), parts.eos_token));
  }
  return make_tokenizer(std::move(parts));
}

}  // namespace typecase
