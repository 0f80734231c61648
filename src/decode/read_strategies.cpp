// The fields of the strategies that today's reference has moved out, and of assisted decoding.
#include "decode/read_fields.h"

#include <typecase/error.h>

namespace typecase {
namespace {

[[noreturn]] void refuse_words(const FieldReader& f, std::string_view name) {
  f.refuse(name,
           "must be a list of phrases (lists of token ids) or of lists of alternative phrases");
}

Tokens phrase(const FieldReader& f, std::string_view name, const Json& list) {
  Tokens out;
  if (!list.is_array() || list.size() == 0) refuse_words(f, name);
  for (const Json& id : list.as_array()) {
    if (!id.is_integer() || id.as_integer() < 0) refuse_words(f, name);
    out.push_back(static_cast<TokenId>(id.as_integer()));
  }
  return out;
}

/// [[1, 2], [[3], [4, 5]]]: the phrase "1 2", and one of "3" and "4 5".
void read_words(const FieldReader& f, std::string_view name, EffectiveConfig& out) {
  const Json* words = f.value(name);
  if (words == nullptr) return;
  if (!words->is_array() || words->size() == 0) refuse_words(f, name);
  for (const Json& word : words->as_array()) {
    if (!word.is_array() || word.size() == 0) refuse_words(f, name);
    std::vector<Tokens> alternatives;
    if (word.as_array().front().is_array()) {
      for (const Json& list : word.as_array()) alternatives.push_back(phrase(f, name, list));
    } else {
      alternatives.push_back(phrase(f, name, word));
    }
    out.force_words_ids.push_back(std::move(alternatives));
  }
}

void read_constraints(const FieldReader& f, EffectiveConfig& out) {
  if (out.do_sample) f.refuse("do_sample", "must be false with `force_words_ids`");
  if (f.number("num_beam_groups").value_or(1) != 1) {
    f.refuse("num_beam_groups", "must be 1 with `force_words_ids`");
  }
  if (out.num_beams < 2) f.refuse("num_beams", "must be 2 or more with `force_words_ids`");
  read_words(f, "constraints", out);
  read_words(f, "force_words_ids", out);
}

void read_groups(const FieldReader& f, EffectiveConfig& out) {
  if (out.do_sample) f.refuse("do_sample", "must be false with `num_beam_groups`");
  const auto groups = f.size("num_beam_groups");
  if (!groups || *groups < 2 || out.num_beams % *groups != 0) {
    f.refuse("num_beam_groups", "must divide `num_beams`");
  }
  out.num_beam_groups = *groups;
  const Json* penalty = f.value("diversity_penalty");
  if (penalty == nullptr || !penalty->is_float() || !(penalty->as_number() > 0)) {
    f.refuse("diversity_penalty", "must be a float greater than 0 with `num_beam_groups`");
  }
  out.diversity_penalty = penalty->as_number();
}

void read_dola(const FieldReader& f, EffectiveConfig& out) {
  const Json& layers = *f.value("dola_layers");
  if (layers == Json("low") || layers == Json("high")) {
    out.dola_preset = layers.as_string();
    return;
  }
  if (!layers.is_array()) f.refuse("dola_layers", "must be \"low\", \"high\" or a list of layers");
  for (const Json& layer : layers.as_array()) {
    if (!layer.is_integer() || layer.as_integer() < 0) {
      f.refuse("dola_layers", "must hold layer numbers from 0");
    }
    out.dola_layers.push_back(static_cast<std::size_t>(layer.as_integer()));
  }
}

void read_assisted(const FieldReader& f, const ModelFacts& facts, EffectiveConfig& out) {
  if (facts.batch > 1) {
    throw Error(Code::invalid_argument, "assisted decoding takes one prompt at a time");
  }
  if (!out.use_cache) f.refuse("use_cache", "must be true in assisted decoding");
  if (f.truth("use_mtp")) f.refuse("use_mtp", "needs checkpoints that this version does not read");
  out.assistant_early_exit = f.size("assistant_early_exit");
  out.assistant_ensemble_weight = f.number("assistant_ensemble_weight");
  if (out.assistant_early_exit == std::size_t{0}) {
    f.refuse("assistant_early_exit", "must be 1 layer or more");
  }
  if (const Json* tokens = f.value("prompt_lookup_num_tokens")) {
    out.prompt_lookup_num_tokens = f.size("prompt_lookup_num_tokens");
    if (!tokens->is_integer() || *out.prompt_lookup_num_tokens == 0) {
      f.refuse("prompt_lookup_num_tokens", "must be an integer greater than 0");
    }
    if (out.assistant_ensemble_weight && !out.assistant_early_exit) {
      f.refuse("assistant_ensemble_weight", "needs an assistant: prompt lookup drafts no scores");
    }
  }
  const auto n = f.integer("max_matching_ngram_size").value_or(0);
  if (n < 0) f.refuse("max_matching_ngram_size", "must be greater than 0");
  out.max_matching_ngram_size = n == 0 ? 2 : static_cast<std::size_t>(n);
  if (!facts.has_assistant && !out.prompt_lookup_num_tokens && !out.assistant_early_exit) {
    throw Error(Code::invalid_argument, "assisted decoding needs an assistant model");
  }
}

}  // namespace

void read_strategies(const FieldReader& f, const ModelFacts& facts, EffectiveConfig& out) {
  switch (out.mode) {
    case Mode::constrained_beam:
      return read_constraints(f, out);
    case Mode::group_beam:
      return read_groups(f, out);
    case Mode::contrastive:
      if (!out.use_cache) f.refuse("use_cache", "must be true in contrastive search");
      out.penalty_alpha = *f.number("penalty_alpha");
      out.contrastive_top_k = *f.size("top_k");
      return;
    case Mode::dola:
      return read_dola(f, out);
    case Mode::assisted:
      return read_assisted(f, facts, out);
    default:
      return;
  }
}

}  // namespace typecase
