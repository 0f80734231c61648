#include "text/folder_files.h"

#include "base/limits.h"
#include "base/mapped_file.h"
#include "text/byte_ranks.h"
#include "text/marian.h"
#include "text/models/wordpiece.h"
#include "text/normalizers/bert.h"
#include "text/sentencepiece.h"
#include "text/tokenizer_class.h"

#include <typecase/error.h>

#include <algorithm>
#include <utility>

namespace typecase {
namespace {

namespace fs = std::filesystem;

/// The class for the files, without "Fast"; empty for the generic one.
std::string class_of(const ConfigValue& config, std::string_view model_type) {
  constexpr std::pair<std::string_view, std::string_view> kByType[] = {
      {"llama", "LlamaTokenizer"}, {"gemma", "GemmaTokenizer"},  {"gemma2", "GemmaTokenizer"},
      {"t5", "T5Tokenizer"},       {"gemma3", "GemmaTokenizer"}, {"gemma3_text", "GemmaTokenizer"},
      {"mt5", "T5Tokenizer"},      {"bert", "BertTokenizer"},    {"marian", "MarianTokenizer"},
  };
  std::string out = config.text_or("tokenizer_class", "");
  if (out.ends_with("Fast")) out.resize(out.size() - 4);
  for (const auto& [type, name] : kByType) {
    if (out.empty() && type == model_type) out = name;
  }
  return out;
}

void add_special(TokenizerParts& parts, const std::string& content) {
  if (parts.added.id_of(content)) return;
  parts.added.add({.content = content, .normalized = false, .special = true}, *parts.model);
}

/// T5's `extra_ids`.
int blanks_of(const ConfigValue& config) {
  if (!config.has("extra_ids")) return 100;
  const std::int64_t blanks = config.at("extra_ids").integer();
  if (blanks >= 0 && blanks <= static_cast<std::int64_t>(limits::kPlaceholders)) {
    return static_cast<int>(blanks);
  }
  throw config.at("extra_ids")
      .error(Code::limit, "extra_ids is " + std::to_string(blanks) + ", the limit is " +
                              std::to_string(limits::kPlaceholders));
}

FolderFiles sentencepiece_files(std::string_view bytes, std::string declared,
                                std::string_view model_type, const ConfigValue& config) {
  auto file = std::make_shared<SentencePiece>(parse_sentencepiece(bytes));
  file->blanks = blanks_of(config);
  const bool own =
      declared == "LlamaTokenizer" || declared == "GemmaTokenizer" || declared == "T5Tokenizer";
  if (!own) {
    tokenizer_class(declared, model_type, false);  // refuses classes that are not built yet
    declared.clear();
  }
  FolderFiles out{.parts = sentencepiece_parts(*file, declared),
                  .adds_eos = declared == "T5Tokenizer"};
  out.finish = [file, declared](TokenizerParts& parts) {
    add_sentencepiece_tokens(*file, declared, parts);
  };
  return out;
}

/// The tokens that the config lists behind the ranks become part of the vocabulary, with
/// placeholders where it has gaps.
FolderFiles tiktoken_files(std::string_view bytes, const ConfigValue& config) {
  FolderFiles out{.parts = tiktoken_parts(bytes)};
  const auto base = static_cast<std::int64_t>(out.parts.model->size());
  std::vector<std::pair<std::int64_t, std::string>> listed;
  if (config.has("added_tokens_decoder")) {
    const ConfigValue decoder = config.at("added_tokens_decoder");
    decoder.require_object();
    for (const auto& [id, token] : decoder.json().as_object()) {
      const bool number =
          !id.empty() && id.size() < 10 && id.find_first_not_of("0123456789") == std::string::npos;
      if (!number) throw decoder.error(Code::bad_file, "expected token ids, found " + quote(id));
      const std::int64_t value = std::stoll(id);
      const auto most = base + static_cast<std::int64_t>(limits::kPlaceholders);
      if (value >= most) {
        throw decoder.error(
            Code::limit, "the id " + id + " is too high, the limit is " + std::to_string(most - 1));
      }
      const ConfigValue entry = decoder.at(id);
      listed.emplace_back(value, token.is_string() ? entry.text() : entry.at("content").text());
    }
  }
  std::ranges::sort(listed);
  std::int64_t next = base;
  for (const auto& [id, token] : listed) {
    if (id < base) continue;
    for (; next < id; ++next) {
      add_special(out.parts, "<|reserved_token_" + std::to_string(next) + "|>");
    }
    add_special(out.parts, token);
    next = id + 1;
  }
  return out;
}

/// BertTokenizer of a vocab.txt, with the settings of its config.
FolderFiles bert_files(std::string_view bytes, const ConfigValue& config) {
  FolderFiles out;
  TokenizerParts& parts = out.parts;
  const std::string unk = config.text_or("unk_token", "[UNK]");
  parts.source = "vocab.txt";
  parts.model =
      std::make_unique<WordPiece>(parse_vocab_txt(bytes), WordPieceOptions{.unk_token = unk});
  BertNormalizerOptions options;
  options.lowercase = config.flag_or("do_lower_case", true);
  options.handle_chinese_chars = config.flag_or("tokenize_chinese_chars", true);
  if (config.has("strip_accents")) options.strip_accents = config.at("strip_accents").flag();
  parts.normalizer = make_bert_normalizer(options);
  parts.pre_tokenizer = make_bert_pre_tokenizer();
  parts.decoder = make_word_piece_decoder("##", true);
  parts.unk_token = unk;
  parts.pad_token = "[PAD]";
  const std::string cls = config.text_or("cls_token", "[CLS]");
  const std::string sep = config.text_or("sep_token", "[SEP]");
  const std::string mask = config.text_or("mask_token", "[MASK]");
  out.finish = [cls, sep, mask](TokenizerParts& made) {
    for (const auto& token : {sep, cls, mask}) add_special(made, token);
    const auto pair = [&](const std::string& token) {
      Json::Array both;
      both.push_back(Json(token));
      both.push_back(Json(static_cast<std::int64_t>(*made.added.id_of(token))));
      return Json(std::move(both));
    };
    Json processing = Json::object();
    processing.set("sep", pair(sep));
    processing.set("cls", pair(cls));
    made.post_processor = make_bert_processing(ConfigValue(processing, ""));
  };
  return out;
}

/// A protobuf message does not begin like base64: field 1 of a SentencePiece model is a line feed.
bool looks_like_ranks(std::string_view bytes) { return !bytes.empty() && bytes[0] > ' '; }

}  // namespace

std::optional<FolderFiles> read_folder_files(const fs::path& folder, const ConfigValue& config,
                                             std::string_view model_type) {
  const std::string declared = class_of(config, model_type);
  if (declared == "MarianTokenizer") return read_marian(folder, config);
  for (const auto* name : {"tekken.json", "tokenizer.model", "spiece.model", "tiktoken.model",
                           "sentencepiece.bpe.model", "vocab.txt"}) {
    const std::string path = (folder / name).string();
    if (!fs::exists(path)) continue;
    const std::string_view file = name;
    const bool bert = declared == "BertTokenizer" || declared == "DistilBertTokenizer" ||
                      declared == "ElectraTokenizer";
    if (file == "vocab.txt" && !bert) continue;
    try {
      const std::string bytes = read_file(path, limits::kTokenizerFile);
      if (file == "tekken.json") return FolderFiles{.parts = parse_tekken(bytes)};
      if (file == "vocab.txt") return bert_files(bytes, config);
      if (looks_like_ranks(bytes)) return tiktoken_files(bytes, config);
      return sentencepiece_files(bytes, declared, model_type, config);
    } catch (const Error& error) {
      throw error.at({.file = path, .offset = {}, .line = {}, .key = {}});
    }
  }
  return std::nullopt;
}

}  // namespace typecase
