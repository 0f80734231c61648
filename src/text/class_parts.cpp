#include "text/class_parts.h"

#include "text/class_recipe.h"
#include "text/folder_tokens.h"
#include "text/normalizers/bert.h"
#include "text/pattern/pattern.h"
#include "text/pretokenizers/behavior.h"
#include "text/pretokenizers/metaspace.h"
#include "text/sentencepiece.h"

#include <fmt/format.h>

namespace typecase {
namespace {

using Cls = TokenizerClass;
using List = std::vector<std::unique_ptr<PreTokenizer>>;

constexpr char32_t kLowerBlock = 0x2581;  // ▁
constexpr std::string_view kBlock = "\u2581";

constexpr std::string_view kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kQwen35Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

/// Special tokens of a class; empty for none.
struct Specials {
  Cls cls;
  const char *bos, *eos, *unk, *sep, *pad, *cls_token, *mask;
};

constexpr Specials kSpecials[] = {
    {Cls::albert, "[CLS]", "[SEP]", "<unk>", "[SEP]", "<pad>", "[CLS]", "[MASK]"},
    {Cls::bert, "", "", "[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"},
    {Cls::camembert, "<s>", "</s>", "<unk>", "</s>", "<pad>", "<s>", "<mask>"},
    {Cls::cohere, "<BOS_TOKEN>", "<|END_OF_TURN_TOKEN|>", "<UNK>", "<SEP>", "<PAD>", "<CLS>",
     "<MASK_TOKEN>"},
    {Cls::deberta_v2, "[CLS]", "[SEP]", "[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"},
    {Cls::gemma, "<bos>", "<eos>", "<unk>", "", "<pad>", "", "<mask>"},
    {Cls::gpt2, "<|endoftext|>", "<|endoftext|>", "<|endoftext|>", "", "", "", ""},
    {Cls::gpt_neox, "<|endoftext|>", "<|endoftext|>", "<|endoftext|>", "", "<|padding|>", "", ""},
    {Cls::llama, "<s>", "</s>", "<unk>", "", "", "", ""},
    {Cls::mpnet, "<s>", "</s>", "[UNK]", "</s>", "<pad>", "<s>", "<mask>"},
    {Cls::qwen2, "", "<|endoftext|>", "<|endoftext|>", "", "<|endoftext|>", "", ""},
    {Cls::qwen3_5, "", "<|endoftext|>", "<|endoftext|>", "", "<|endoftext|>", "", ""},
    {Cls::roberta, "<s>", "</s>", "<unk>", "</s>", "<pad>", "<s>", "<mask>"},
    {Cls::t5, "", "</s>", "<unk>", "", "<pad>", "", ""},
    {Cls::xlm_roberta, "<s>", "</s>", "<unk>", "</s>", "<pad>", "<s>", "<mask>"},
};

std::string unk_of(Cls cls, const ConfigValue& config) {
  if (config.has("unk_token")) return read_token(config.at("unk_token"), true).content;
  for (const Specials& row : kSpecials) {
    if (row.cls == cls) return row.unk;
  }
  return {};
}

std::unique_ptr<PreTokenizer> words_with_metaspace(PrependScheme scheme) {
  List parts;
  parts.push_back(make_whitespace_split());
  parts.push_back(make_metaspace({.replacement = kLowerBlock, .prepend_scheme = scheme}));
  return make_pre_tokenizer_sequence(std::move(parts));
}

std::unique_ptr<PreTokenizer> pattern_and_bytes(std::string_view pattern, bool add_prefix_space) {
  List parts;
  auto known = make_known_pattern(pattern);
  parts.push_back(known ? std::move(known)
                        : make_split(make_regex(pattern), SplitBehavior::isolated, false));
  parts.push_back(make_byte_level(add_prefix_space, false));
  return make_pre_tokenizer_sequence(std::move(parts));
}

std::unique_ptr<Normalizer> sequence(std::vector<std::unique_ptr<Normalizer>> parts) {
  return make_normalizer_sequence(std::move(parts));
}

void rebuild_bert(const ConfigValue& config, TokenizerParts& parts) {
  BertNormalizerOptions options;
  options.handle_chinese_chars = config.flag_or("tokenize_chinese_chars", true);
  if (config.has("strip_accents")) options.strip_accents = config.at("strip_accents").flag();
  options.lowercase = config.flag_or("do_lower_case", true);
  parts.normalizer = make_bert_normalizer(options);
  parts.pre_tokenizer = make_bert_pre_tokenizer();
  parts.decoder = make_word_piece_decoder("##", true);
}

void rebuild_albert(const ConfigValue& config, TokenizerParts& parts) {
  std::vector<std::unique_ptr<Normalizer>> list;
  list.push_back(make_replace(make_literal("``"), "\""));
  list.push_back(make_replace(make_literal("''"), "\""));
  if (!config.flag_or("keep_accents", false)) {
    list.push_back(make_nfkd());
    list.push_back(make_strip_accents());
  }
  if (config.flag_or("do_lower_case", true)) list.push_back(make_lowercase());
  if (parts.charsmap) list.push_back(std::move(parts.charsmap));
  parts.normalizer = sequence(std::move(list));
}

void rebuild_deberta(const ConfigValue& config, TokenizerParts& parts) {
  std::vector<std::unique_ptr<Normalizer>> list;
  if (config.flag_or("do_lower_case", false)) list.push_back(make_lowercase());
  list.push_back(make_replace(make_regex("\\s{2,}|[\\n\\r\\t]"), " "));
  list.push_back(make_nfc());
  list.push_back(make_strip(false, true));
  parts.normalizer = sequence(std::move(list));
  const MetaspaceOptions metaspace{.replacement = kLowerBlock,
                                   .prepend_scheme = config.flag_or("add_prefix_space", true)
                                                         ? PrependScheme::always
                                                         : PrependScheme::first};
  List cuts;
  if (config.flag_or("split_by_punct", false)) {
    cuts.push_back(make_punctuation(SplitBehavior::isolated));
  }
  cuts.push_back(make_metaspace(metaspace));
  parts.pre_tokenizer = make_pre_tokenizer_sequence(std::move(cuts));
  parts.decoder = make_metaspace_decoder(metaspace);
}

void rebuild_llama(const ConfigValue& config, TokenizerParts& parts) {
  const bool prefix = config.flag_or("add_prefix_space", true);
  const auto scheme = !prefix                           ? PrependScheme::never
                      : config.flag_or("legacy", false) ? PrependScheme::always
                                                        : PrependScheme::first;
  parts.normalizer = nullptr;
  parts.pre_tokenizer =
      make_metaspace({.replacement = kLowerBlock, .prepend_scheme = scheme, .split = false});
  parts.decoder = make_sentencepiece_decoder(true, prefix);
}

void rebuild_bytes(Cls cls, const ConfigValue& config, TokenizerParts& parts) {
  const bool prefix = config.flag_or("add_prefix_space", false);
  parts.normalizer = cls == Cls::gpt2 || cls == Cls::roberta ? nullptr : make_nfc();
  parts.decoder = make_byte_level_decoder();
  if (cls == Cls::qwen2) {
    parts.pre_tokenizer = pattern_and_bytes(kQwen2Pattern, prefix);
  } else if (cls == Cls::qwen3_5) {
    parts.pre_tokenizer = pattern_and_bytes(kQwen35Pattern, prefix);
  } else if (cls == Cls::cohere) {
    List cuts;
    cuts.push_back(make_digits(true));
    cuts.push_back(make_byte_level(prefix, true));
    parts.pre_tokenizer = make_pre_tokenizer_sequence(std::move(cuts));
  } else {
    parts.pre_tokenizer = make_byte_level(prefix, true);
  }
}

}  // namespace

void set_gemma_parts(TokenizerParts& parts) {
  parts.normalizer = make_replace(make_literal(" "), std::string(kBlock));
  parts.pre_tokenizer = make_split(make_literal(" "), SplitBehavior::merged_with_previous, false);
  parts.decoder = make_sentencepiece_decoder(true, false);
}

void set_unigram_parts(bool add_prefix_space, TokenizerParts& parts) {
  const auto scheme = add_prefix_space ? PrependScheme::always : PrependScheme::never;
  parts.pre_tokenizer = words_with_metaspace(scheme);
  parts.decoder = make_metaspace_decoder({.replacement = kLowerBlock, .prepend_scheme = scheme});
}

ClassTokens class_tokens(Cls cls, const ConfigValue& config) {
  if (const auto recipe = class_recipe(cls)) return recipe_tokens(*recipe, config);
  ClassTokens out;
  for (const Specials& row : kSpecials) {
    if (row.cls != cls) continue;
    const auto set = [&](const char* key, const char* token, bool lstrip = false) {
      if (*token == '\0') return;
      out.named.push_back(
          {key, {.content = token, .lstrip = lstrip, .normalized = false, .special = true}});
    };
    set("bos_token", row.bos);
    set("eos_token", row.eos);
    set("unk_token", row.unk);
    set("sep_token", row.sep);
    set("pad_token", row.pad);
    set("cls_token", row.cls_token);
    set("mask_token", row.mask, cls == Cls::camembert || cls == Cls::mpnet);
  }
  if (cls == Cls::qwen2) out.adds_again = AddsAgain::plainly;
  if (cls == Cls::t5) {
    const auto n = config.has("extra_ids") ? config.at("extra_ids").integer() : 100;
    if (n > 10000) throw config.at("extra_ids").error(Code::limit, "the limit is 10000");
    for (std::int64_t i = 0; i < n; ++i) out.extra.push_back(fmt::format("<extra_id_{}>", i));
    out.extra_mark = "<extra_id_";
  }
  return out;
}

ClassModel class_model(Cls cls, const ConfigValue& config) {
  if (const auto recipe = class_recipe(cls)) return recipe_model(*recipe, config);
  ClassModel out;
  switch (cls) {
    case Cls::as_is:
      break;
    case Cls::bert:
    case Cls::mpnet:
      out.kind = "WordPiece";
      out.word_piece.unk_token = unk_of(cls, config);
      break;
    case Cls::albert:
    case Cls::camembert:
    case Cls::deberta_v2:
    case Cls::t5:
    case Cls::xlm_roberta:
      out.kind = "Unigram";
      if (cls == Cls::camembert || cls == Cls::deberta_v2) out.unk_piece = unk_of(cls, config);
      if (cls == Cls::t5) out.unk_id = 2;
      if (cls == Cls::xlm_roberta) out.unk_id = 3;
      if (cls == Cls::albert) out.unk_id = 1;
      break;
    case Cls::gemma:
    case Cls::llama:
      out.kind = "BPE";
      out.bpe.fuse_unk = out.bpe.byte_fallback = true;
      out.bpe.has_unk = cls == Cls::gemma;
      if (out.bpe.has_unk) out.bpe.unk_token = unk_of(cls, config);
      break;
    case Cls::cohere:
    case Cls::gpt2:
    case Cls::gpt_neox:
    case Cls::qwen2:
    case Cls::qwen3_5:
    case Cls::roberta:
      out.kind = "BPE";
      break;
    default:
      break;
  }
  return out;
}

void rebuild_parts(Cls cls, const ConfigValue& config, TokenizerParts& parts) {
  if (const auto recipe = class_recipe(cls)) return recipe_parts(*recipe, config, parts);
  switch (cls) {
    case Cls::as_is:
      return;
    case Cls::bert:
    case Cls::mpnet:
      return rebuild_bert(config, parts);
    case Cls::llama:
      return rebuild_llama(config, parts);
    case Cls::gemma:
      return set_gemma_parts(parts);
    case Cls::deberta_v2:
      return rebuild_deberta(config, parts);
    case Cls::albert:
      rebuild_albert(config, parts);
      return set_unigram_parts(config.flag_or("add_prefix_space", true), parts);
    case Cls::t5:
      parts.normalizer = std::move(parts.charsmap);
      return set_unigram_parts(true, parts);
    case Cls::camembert:
    case Cls::xlm_roberta:
      parts.normalizer = std::move(parts.charsmap);
      return set_unigram_parts(config.flag_or("add_prefix_space", true), parts);
    case Cls::cohere:
    case Cls::gpt2:
    case Cls::gpt_neox:
    case Cls::qwen2:
    case Cls::qwen3_5:
    case Cls::roberta:
      return rebuild_bytes(cls, config, parts);
    default:
      return;
  }
}

void rebuild_post_processor(Cls cls, const ConfigValue& config, TokenizerParts& parts) {
  if (const auto recipe = class_recipe(cls)) return recipe_post_processor(*recipe, config, parts);
  const auto named = [&](const std::optional<std::string>& token) {
    return NamedId{token.value_or(""), token ? parts.added.id_of(*token).value_or(0) : 0};
  };
  switch (cls) {
    case Cls::bert:
    case Cls::deberta_v2: {
      const NamedId start = named(parts.cls_token), end = named(parts.sep_token);
      parts.post_processor = make_template("s0A0e0", "s0A0e0B1e1", {{'s', start}, {'e', end}});
      return;
    }
    case Cls::mpnet:
      parts.post_processor =
          make_roberta_processing(named(parts.cls_token), named(parts.sep_token), true, false);
      return;
    case Cls::roberta:
      parts.post_processor = make_roberta_processing(named(parts.cls_token), named(parts.sep_token),
                                                     config.flag_or("trim_offsets", true),
                                                     config.flag_or("add_prefix_space", false));
      return;
    case Cls::camembert:
    case Cls::xlm_roberta: {
      const NamedId bos = named(parts.bos_token), eos = named(parts.eos_token);
      parts.post_processor = make_template("s0A0e0", "s0A0e0e0B0e0", {{'s', bos}, {'e', eos}});
      return;
    }
    case Cls::t5: {
      const NamedId eos{"</s>", named(parts.eos_token).id};
      parts.post_processor = make_template("A0e0", "A0e0B0e0", {{'e', eos}});
      return;
    }
    case Cls::albert: {
      // The file's comes first here; and these two names are fixed.
      if (parts.post_processor) return;
      const NamedId cls_token{"[CLS]", named(parts.cls_token).id};
      const NamedId sep_token{"[SEP]", named(parts.sep_token).id};
      parts.post_processor =
          make_template("s0A0e0", "s0A0e0B1e1", {{'s', cls_token}, {'e', sep_token}});
      return;
    }
    case Cls::gpt_neox:
      parts.post_processor = make_bos_eos_template(std::nullopt, std::nullopt);
      return;
    default:
      return;
  }
}

}  // namespace typecase
