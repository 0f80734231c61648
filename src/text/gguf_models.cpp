/// The tokenizers of GGUF files as the reference builds them, model by model.
#include "base/limits.h"
#include "text/class_parts.h"
#include "text/derived_merges.h"
#include "text/gguf_parts.h"
#include "text/models/unigram.h"
#include "text/models/wordpiece.h"
#include "text/normalizers/bert.h"
#include "text/normalizers/normalizer.h"
#include "text/pattern/pattern.h"
#include "text/pretokenizers/behavior.h"
#include "text/pretokenizers/metaspace.h"
#include "text/sentencepiece.h"

#include <typecase/error.h>

#include <algorithm>
#include <array>

namespace typecase {
namespace {

constexpr const char* kSpace = "\u2581";  // stands for the space

Error at(const std::string& key, Code code, const std::string& message) {
  return Error(code, message, {.file = {}, .offset = {}, .line = {}, .key = key});
}

/// Token → id; of equal tokens the last counts.
Vocabulary vocabulary_of(const std::vector<std::string>& tokens) {
  Vocabulary out;
  out.reserve(tokens.size(), tokens.size() * 8);
  for (std::size_t id = tokens.size(); id-- > 0;) out.add(tokens[id], static_cast<TokenId>(id));
  return out;
}

/// The ids of the tokens, each where its text first comes up.
std::vector<TokenId> ids_in_order(const Vocabulary& vocabulary,
                                  const std::vector<std::string>& tokens) {
  std::vector<TokenId> out;
  std::vector<bool> seen(tokens.size());
  for (const std::string& token : tokens) {
    const auto id = vocabulary.find(token);
    if (!id || seen[static_cast<std::size_t>(*id)]) continue;
    seen[static_cast<std::size_t>(*id)] = true;
    out.push_back(*id);
  }
  return out;
}

const std::vector<float>& scores_of(const GgufTokenizer& data) {
  if (data.scores.empty() && !data.tokens.empty()) {
    throw at(
        "tokenizer.ggml.scores", Code::bad_file,
        "the scores are missing; a tokenizer " + quote(data.model) + " without merges needs them");
  }
  return data.scores;
}

/// The file's own merges, else those `score` implies.
std::unique_ptr<Model> sentencepiece_model(const GgufTokenizer& data,
                                           const std::vector<std::string>& tokens,
                                           const std::vector<double>& score, BpeOptions options) {
  options.fuse_unk = true;
  options.byte_fallback = true;
  Bpe::Builder builder(vocabulary_of(tokens), std::move(options));
  if (data.merges.empty()) {
    add_derived_merges(builder, ids_in_order(builder.vocabulary(), tokens), score);
  } else {
    add_gguf_merges(data, builder);
  }
  return std::move(builder).build();
}

std::vector<double> score_by_id(const GgufTokenizer& data) {
  if (!data.merges.empty()) return {};
  const auto& scores = scores_of(data);
  return {scores.begin(), scores.end()};
}

/// Tokens of spaces alone are stored as they are; the class looks for them spelled with ▁.
std::vector<std::string> respelled(std::vector<std::string> tokens) {
  for (std::string& token : tokens) {
    const bool blank = token.find_first_not_of(" \t\n\v\f\r") == std::string::npos;
    if (!blank || token.find(' ') == std::string::npos) continue;
    std::string spaces;
    for (std::size_t i = 0; i < token.size(); ++i) spaces += kSpace;
    token = std::move(spaces);
  }
  return tokens;
}

void finish_as_gemma(TokenizerParts& parts) {
  set_gemma_parts(parts);
  for (const char* token : {"<bos>", "<eos>", "<unk>", "<pad>", "<mask>"}) {
    add_special(parts, token);
  }
}

BpeOptions gemma_options() { return {.unk_token = "<unk>", .has_unk = true}; }

/// Gemma's scores do not follow the order of its merges; the tokens' positions do.
void build_old_gemma(const GgufTokenizer& data, TokenizerParts& parts) {
  std::vector<double> score(data.tokens.size());
  for (std::size_t i = 0; i < score.size(); ++i) score[i] = -static_cast<double>(i);
  parts.model = sentencepiece_model(data, respelled(data.tokens), score, gemma_options());
  finish_as_gemma(parts);
}

}  // namespace

void add_special(TokenizerParts& parts, const std::string& content) {
  if (parts.added.id_of(content)) return;
  parts.added.add({.content = content, .normalized = false, .special = true}, *parts.model);
}

void add_gguf_merges(const GgufTokenizer& data, Bpe::Builder& builder) {
  if (data.merges.empty()) {
    throw at("tokenizer.ggml.merges", Code::unsupported,
             "a byte-level tokenizer without merges is not supported");
  }
  builder.reserve(data.merges.size());
  std::array<MergeText, Bpe::Builder::kBatch> batch;
  std::size_t done = 0, filled = 0;
  const auto place = [&](std::size_t i) {
    return Place{.file = {},
                 .offset = {},
                 .line = {},
                 .key = "tokenizer.ggml.merges[" + std::to_string(done + i) + "]"};
  };
  for (const std::string& merge : data.merges) {
    const auto space = merge.find(' ');
    const bool good = space != std::string::npos && merge.find(' ', space + 1) == std::string::npos;
    if (good) {
      const std::string_view text = merge;
      batch[filled++] = {text.substr(0, space), text.substr(space + 1)};
    }
    if (!good || filled == batch.size() || &merge == &data.merges.back()) {
      builder.add_merges(std::span(batch).first(filled), place);
      if (!good) {
        throw Error(Code::bad_file,
                    "expected two parts with one space between, found " + quote(merge),
                    place(filled));
      }
      done += std::exchange(filled, 0);
    }
  }
}

void build_gguf_gemma(const GgufTokenizer& data, TokenizerParts& parts) {
  parts.model = sentencepiece_model(data, data.tokens, score_by_id(data), gemma_options());
  finish_as_gemma(parts);
}

void build_gguf_llama(const GgufTokenizer& data, TokenizerParts& parts) {
  const std::string& family = data.architecture;
  if (family == "gemma" || family == "gemma2" || family == "gemma3") {
    return build_old_gemma(data, parts);
  }
  parts.model = sentencepiece_model(data, data.tokens, score_by_id(data), {});
  if (family == "phi3") {
    std::vector<std::unique_ptr<Normalizer>> steps;
    steps.push_back(make_prepend(kSpace));
    steps.push_back(make_replace(make_literal(" "), kSpace));
    parts.normalizer = make_normalizer_sequence(std::move(steps));
  } else {
    parts.pre_tokenizer = make_metaspace({.prepend_scheme = PrependScheme::first, .split = false});
  }
  parts.decoder = make_sentencepiece_decoder(true, true);
  for (const char* token : {"<s>", "</s>", "<unk>"}) add_special(parts, token);
}

/// The blanks <extra_id_0> to <extra_id_99> are called [PADn] in the file, counted down.
void build_gguf_t5(const GgufTokenizer& data, TokenizerParts& parts) {
  constexpr int kBlanks = 100;
  const auto& scores = scores_of(data);
  Unigram::Builder builder;
  builder.reserve(data.tokens.size());
  int blanks = 0;
  for (std::size_t i = 0; i < data.tokens.size(); ++i) {
    const std::string_view token = data.tokens[i];
    const auto digits = token.size() > 5 ? token.substr(4, token.size() - 5) : "";
    const bool blank = token.starts_with("[PAD") && token.ends_with("]") && !digits.empty() &&
                       digits.find_first_not_of("0123456789") == std::string_view::npos;
    if (blank && blanks < kBlanks) {
      builder.add("<extra_id_" + std::to_string(kBlanks - 1 - blanks++) + ">", scores[i]);
    } else {
      builder.add(token, scores[i]);
    }
  }
  parts.model = std::move(builder).build(TokenId{2}, false);
  set_unigram_parts(true, parts);
  for (const char* token : {"</s>", "<unk>", "<pad>"}) add_special(parts, token);
  for (int i = 0; i < kBlanks; ++i) add_special(parts, "<extra_id_" + std::to_string(i) + ">");
}

/// BERT's WordPiece, which the reference does not read from GGUF files: the first token of a word
/// has ▁ in front there, the others have nothing; control tokens stand as they are.
void build_gguf_bert(const GgufTokenizer& data, TokenizerParts& parts) {
  constexpr int kControl = 3;
  std::vector<std::string> tokens = data.tokens;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i < data.token_types.size() && data.token_types[i] == kControl) continue;
    const bool special = tokens[i].starts_with('[') && tokens[i].ends_with(']');
    if (tokens[i].starts_with(kSpace)) {
      tokens[i].erase(0, 3);
    } else if (!special || tokens[i].size() < 3) {
      tokens[i].insert(0, "##");
    }
  }
  parts.model = std::make_unique<WordPiece>(vocabulary_of(tokens), WordPieceOptions{});
  parts.normalizer = make_bert_normalizer(BertNormalizerOptions{});
  parts.pre_tokenizer = make_bert_pre_tokenizer();
  parts.decoder = make_word_piece_decoder("##", true);
  const auto cls = parts.model->id_of("[CLS]");
  const auto sep = parts.model->id_of("[SEP]");
  if (!cls || !sep) return;
  const auto pair = [](const char* token, TokenId id) {
    Json::Array out;
    out.push_back(Json(token));
    out.push_back(Json(id));
    return Json(std::move(out));
  };
  Json config = Json::object();
  config.set("sep", pair("[SEP]", *sep));
  config.set("cls", pair("[CLS]", *cls));
  parts.post_processor = make_bert_processing(ConfigValue(config, ""));
}

}  // namespace typecase
