#include "decode/read_fields.h"

#include "decode/validate.h"

#include <algorithm>
#include <cstdint>

namespace typecase {
namespace {

/// The number when it is set and other than `off`.
std::optional<double> active(const FieldReader& f, std::string_view name, double off) {
  const auto x = f.number(name);
  if (!x || *x == off) return {};
  return x;
}

/// A penalty or temperature: the reference wants a Python float there, so 2 fails and 2.0 does not.
std::optional<double> positive_float(const FieldReader& f, std::string_view name) {
  const auto x = active(f, name, 1.0);
  if (x && (!f.value(name)->is_float() || !(*x > 0))) {
    f.refuse(name, "must be a float greater than 0 (2.0, not 2)");
  }
  return x;
}

/// A cut-off that acts only strictly between 0 and 1.
std::optional<double> fraction(const FieldReader& f, std::string_view name) {
  const auto x = f.number(name);
  return x && *x > 0 && *x < 1 ? x : std::nullopt;
}

std::size_t ngram_size(const FieldReader& f, std::string_view name) {
  const auto n = f.number(name);
  if (!n || *n <= 0) return 0;
  if (!is_python_int(*f.value(name))) f.refuse(name, "must be an integer");
  return *f.size(name);
}

void read_warpers(const FieldReader& f, EffectiveConfig& out) {
  out.temperature = positive_float(f, "temperature");
  out.top_h = f.number("top_h");
  if (out.top_h && !(*out.top_h > 0 && *out.top_h <= 1)) {
    f.refuse("top_h", "must be greater than 0 and at most 1");
  }
  if (const auto k = active(f, "top_k", 0)) {
    if (!f.value("top_k")->is_integer() || *k <= 0) {
      f.refuse("top_k", "must be an integer greater than 0, or 0 for none");
    }
    out.top_k = f.size("top_k");
  }
  if (const auto p = f.number("top_p"); p && *p < 1) {
    if (*p < 0) f.refuse("top_p", "must lie between 0 and 1");
    out.top_p = p;
  }
  out.min_p = f.number("min_p");
  if (out.min_p && !(*out.min_p >= 0 && *out.min_p <= 1)) {
    f.refuse("min_p", "must lie between 0 and 1");
  }
  if (const auto t = f.number("typical_p"); t && *t < 1) {
    if (!(*t > 0)) f.refuse("typical_p", "must lie between 0 and 1, both excluded");
    out.typical_p = t;
  }
  out.epsilon_cutoff = fraction(f, "epsilon_cutoff");
  out.eta_cutoff = fraction(f, "eta_cutoff");
}

void check_bias_ids(const FieldReader& f, std::string_view name, const Tokens& ids,
                    std::size_t vocabulary) {
  for (const TokenId id : ids) {
    if (id < 0) f.refuse(name, "must hold token ids of 0 and above");
    if (vocabulary != 0 && static_cast<std::size_t>(id) >= vocabulary) {
      refuse_field(name, "token " + std::to_string(id) + " is not in the vocabulary of " +
                             std::to_string(vocabulary) + " tokens");
    }
  }
}

Tokens id_list(const FieldReader& f, std::string_view name, const Json& list) {
  if (!list.is_array()) f.refuse(name, "must hold lists of token ids");
  Tokens out;
  for (const Json& id : list.as_array()) {
    if (!is_python_int(id)) f.refuse(name, "must hold lists of token ids");
    const std::int64_t n = id.is_bool() ? std::int64_t{id.as_bool()} : id.as_integer();
    if (n < 0 || n > INT32_MAX) f.refuse(name, "must hold token ids of 0 and above");
    out.push_back(static_cast<TokenId>(n));
  }
  return out;
}

void read_sequence_bias(const FieldReader& f, std::size_t vocabulary, EffectiveConfig& out) {
  constexpr std::string_view kName = "sequence_bias";
  const Json* list = f.value(kName);
  if (list == nullptr) return;
  const char* expected = "must be a non-empty list of [[token ids], float bias]";
  if (!list->is_array() || list->size() == 0) f.refuse(kName, expected);
  for (const Json& entry : list->as_array()) {
    if (!entry.is_array() || entry.size() < 2 || !entry.as_array()[1].is_float()) {
      f.refuse(kName, expected);
    }
    Tokens ids = id_list(f, kName, entry.as_array()[0]);
    check_bias_ids(f, kName, ids, vocabulary);
    if (ids.empty()) continue;  // as there: it matches nothing
    const double bias = entry.as_array()[1].as_number();
    const auto same = [&ids](const SequenceBias& s) { return s.ids == ids; };
    const auto at = std::find_if(out.sequence_bias.begin(), out.sequence_bias.end(), same);
    if (at != out.sequence_bias.end()) {
      at->bias = bias;
    } else {
      out.sequence_bias.push_back({std::move(ids), bias});
    }
  }
}

void read_bad_words(const FieldReader& f, std::size_t vocabulary, EffectiveConfig& out) {
  constexpr std::string_view kName = "bad_words_ids";
  const Json* list = f.value(kName);
  if (list == nullptr) return;
  if (!list->is_array() || list->size() == 0) {
    f.refuse(kName, "must be a non-empty list of lists of token ids");
  }
  for (const Json& word : list->as_array()) {
    Tokens ids = id_list(f, kName, word);
    const auto& eos = out.eos_token_id;
    const bool ends = ids.size() == 1 && std::find(eos.begin(), eos.end(), ids[0]) != eos.end();
    if (ends || ids.empty()) continue;  // as there: neither is ever forbidden
    check_bias_ids(f, kName, ids, vocabulary);
    out.bad_words_ids.push_back(std::move(ids));
  }
}

void read_forced(const FieldReader& f, EffectiveConfig& out) {
  if (f.has("forced_bos_token_id")) {
    const Tokens bos = f.tokens("forced_bos_token_id");
    if (bos.size() != 1) f.refuse("forced_bos_token_id", "must be one token id");
    out.forced_bos_token_id = bos[0];
  }
  out.forced_eos_token_id = f.tokens("forced_eos_token_id");
  for (const TokenId id : out.forced_eos_token_id) {
    if (id < 0) f.refuse("forced_eos_token_id", "must hold token ids of 0 and above");
  }
}

void read_decay(const FieldReader& f, EffectiveConfig& out) {
  constexpr std::string_view kName = "exponential_decay_length_penalty";
  const Json* pair = f.value(kName);
  if (pair == nullptr) return;
  const bool two = pair->is_array() && pair->size() >= 2;
  const auto start = two ? as_python_number(pair->as_array()[0]) : std::nullopt;
  const auto factor = two ? as_python_number(pair->as_array()[1]) : std::nullopt;
  if (!start || !factor) f.refuse(kName, "must be a pair [start, factor]");
  if (out.eos_token_id.empty()) f.refuse(kName, "needs an `eos_token_id` to act on");
  out.exponential_decay_length_penalty = {static_cast<std::int64_t>(*start), *factor};
}

void read_watermark(const FieldReader& f, EffectiveConfig& out) {
  const Json* w = f.value("watermarking_config");
  if (w == nullptr) return;
  Watermarking mark;
  if (const Json* v = w->find("greenlist_ratio")) mark.greenlist_ratio = v->as_number();
  if (const Json* v = w->find("bias")) mark.bias = v->as_number();
  if (const Json* v = w->find("hashing_key")) mark.hashing_key = v->as_integer();
  if (const Json* v = w->find("seeding_scheme")) mark.selfhash = *v == Json("selfhash");
  if (const Json* v = w->find("context_width")) {
    mark.context_width = static_cast<std::size_t>(v->as_integer());
  }
  if (!(mark.greenlist_ratio > 0 && mark.greenlist_ratio < 1)) {
    f.refuse("watermarking_config", "must have a greenlist_ratio between 0 and 1, both excluded");
  }
  out.watermarking_config = mark;
}

}  // namespace

void read_mode(const FieldReader& f, EffectiveConfig& out) {
  out.do_sample = f.truth("do_sample");
  const auto beams = f.size("num_beams");
  if (!beams || *beams == 0) f.refuse("num_beams", "must be an integer of 1 or more");
  out.num_beams = *beams;
  const auto sequences = f.integer("num_return_sequences");
  if (!sequences || (*sequences < 1 && out.num_beams > 1)) {
    f.refuse("num_return_sequences", "must be an integer of 1 or more");
  }
  // With one beam the reference takes 0 and less for 1.
  out.num_return_sequences = static_cast<std::size_t>(std::max<std::int64_t>(*sequences, 1));
  if (const Json* early = f.value("early_stopping")) {
    const bool never = early->is_string();
    out.early_stopping = never                       ? EarlyStopping::never
                         : f.truth("early_stopping") ? EarlyStopping::yes
                                                     : EarlyStopping::no;
  }
  const auto penalty = f.number("length_penalty");
  if (!penalty && out.num_beams > 1) f.refuse("length_penalty", "must be a number");
  out.length_penalty = penalty.value_or(1.0);
}

void read_ids(const FieldReader& f, EffectiveConfig& out) {
  const auto one = [&f](const char* name) -> std::optional<TokenId> {
    const Tokens ids = f.tokens(name);
    return ids.empty() ? std::nullopt : std::optional(ids.front());
  };
  out.bos_token_id = one("bos_token_id");
  out.eos_token_id = f.tokens("eos_token_id");
  out.pad_token_id = one("pad_token_id");
  if (f.has("eos_token_id") && out.eos_token_id.empty() && !out.pad_token_id) {
    f.refuse("eos_token_id", "must not be an empty list where no pad_token_id is set");
  }
  out.decoder_start_token_id = f.tokens("decoder_start_token_id");
}

void read_stopping(const FieldReader& f, const ModelFacts& facts, EffectiveConfig& out) {
  out.max_time = f.number("max_time");
  out.stop_strings = f.texts("stop_strings");
  if (f.has("stop_strings") && !facts.has_tokenizer) {
    f.refuse("stop_strings", "needs the model's tokenizer");
  }
  if (f.has("stop_strings") && out.stop_strings.empty()) {
    f.refuse("stop_strings", "must name at least one string");
  }
  out.return_dict_in_generate = f.truth("return_dict_in_generate");
  out.output_scores = f.truth("output_scores");
  out.output_logits = f.truth("output_logits");
  out.output_attentions = f.truth("output_attentions");
  out.output_hidden_states = f.truth("output_hidden_states");
  out.use_cache = f.truth("use_cache");
  out.prefill_chunk_size = f.size("prefill_chunk_size");
  if (out.prefill_chunk_size == std::size_t{0}) f.refuse("prefill_chunk_size", "must be 1 or more");
  if (out.prefill_chunk_size && !out.use_cache) {
    f.refuse("prefill_chunk_size", "needs a cache: use_cache must not be false");
  }
  out.token_healing = f.truth("token_healing");
}

void read_processors(const FieldReader& f, const ModelFacts& facts, EffectiveConfig& out,
                     std::vector<std::string>* warnings) {
  out.guidance_scale = active(f, "guidance_scale", 1.0);
  read_sequence_bias(f, facts.vocabulary, out);
  out.encoder_no_repeat_ngram_size = ngram_size(f, "encoder_no_repeat_ngram_size");
  if (!facts.has_prompt_ids &&
      (active(f, "encoder_repetition_penalty", 1.0) || out.encoder_no_repeat_ngram_size > 0)) {
    warn(warnings, "the encoder_… fields need the prompt's token ids and are ignored");
    out.encoder_no_repeat_ngram_size = 0;
  } else {
    out.encoder_repetition_penalty = positive_float(f, "encoder_repetition_penalty");
  }
  out.repetition_penalty = positive_float(f, "repetition_penalty");
  out.no_repeat_ngram_size = ngram_size(f, "no_repeat_ngram_size");
  read_bad_words(f, facts.vocabulary, out);
  read_forced(f, out);
  out.remove_invalid_values = f.truth("remove_invalid_values");
  read_decay(f, out);
  for (const char* name : {"suppress_tokens", "begin_suppress_tokens"}) {
    const Json* ids = f.value(name);
    if (ids != nullptr && !ids->is_array()) f.refuse(name, "must be a list of token ids");
  }
  out.suppress_tokens = f.tokens("suppress_tokens");
  out.begin_suppress_tokens = f.tokens("begin_suppress_tokens");
  if (out.do_sample) read_warpers(f, out);
  read_watermark(f, out);
  out.renormalize_logits = f.truth("renormalize_logits");
}

}  // namespace typecase
