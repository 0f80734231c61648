#include "decode/own_filters.h"

#include "decode/field_reader.h"

#include <typecase/error.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>

namespace typecase {
namespace {

constexpr std::array kOwn{"presence_penalty", "frequency_penalty", "logit_bias",
                          "dry_multiplier",   "dry_base",          "dry_allowed_length",
                          "top_n_sigma",      "xtc_probability",   "dry_sequence_breakers",
                          "xtc_threshold",    "mirostat_tau",      "mirostat_eta"};

double between(const FieldReader& f, const char* name, double low, double high, double fallback) {
  const auto x = f.number(name);
  if (x && !(*x >= low && *x <= high)) {
    f.refuse(name, "must lie between " + Json(low).dump() + " and " + Json(high).dump());
  }
  return x.value_or(fallback);
}

TokenId bias_id(std::int64_t id, std::size_t vocabulary) {
  if (id < 0 || (vocabulary != 0 && static_cast<std::size_t>(id) >= vocabulary)) {
    refuse_field("logit_bias", "token " + std::to_string(id) + " is not in the vocabulary of " +
                                   std::to_string(vocabulary) + " tokens");
  }
  return static_cast<TokenId>(id);
}

Tokens bias_text(const std::string& text, const EncodeText& encode) {
  if (!encode) refuse_field("logit_bias", "needs the model's tokenizer for " + quote(text));
  Tokens ids = encode(text);
  if (ids.empty()) refuse_field("logit_bias", "has a text without tokens: " + quote(text));
  return ids;
}

/// The number a key of digits names; empty for any other text.
std::optional<std::int64_t> digits(const std::string& key) {
  std::int64_t id = 0;
  const char* end = key.data() + key.size();
  const auto [stop, error] = std::from_chars(key.data(), end, id);
  if (key.empty() || error != std::errc() || stop != end || id < 0) return {};
  return id;
}

void read_bias(const FieldReader& f, std::size_t vocabulary, const EncodeText& encode,
               OwnFilters& out) {
  constexpr const char* kExpected = "must be {\"text or id\": bias} or [[\"text\" or id, bias]]";
  const Json* all = f.value("logit_bias");
  if (all == nullptr) return;
  const auto add = [&](const Tokens& ids, const Json& value) {
    const auto bias = as_python_number(value);
    if (!bias || !std::isfinite(*bias)) f.refuse("logit_bias", kExpected);
    for (const TokenId id : ids) out.logit_bias.emplace_back(bias_id(id, vocabulary), *bias);
  };
  if (all->is_object()) {
    for (const auto& [key, value] : all->as_object()) {
      const auto id = digits(key);
      add(id ? Tokens{bias_id(*id, vocabulary)} : bias_text(key, encode), value);
    }
    return;
  }
  if (!all->is_array()) f.refuse("logit_bias", kExpected);
  for (const Json& pair : all->as_array()) {
    if (!pair.is_array() || pair.size() != 2) f.refuse("logit_bias", kExpected);
    const Json& what = pair.as_array()[0];
    if (!what.is_string() && !what.is_integer()) f.refuse("logit_bias", kExpected);
    add(what.is_string() ? bias_text(what.as_string(), encode)
                         : Tokens{bias_id(what.as_integer(), vocabulary)},
        pair.as_array()[1]);
  }
}

void read_dry(const FieldReader& f, OwnFilters& out) {
  out.dry_multiplier = between(f, "dry_multiplier", 0, 1e6, out.dry_multiplier);
  out.dry_base = between(f, "dry_base", 1, 1e6, out.dry_base);
  out.dry_allowed_length = f.size("dry_allowed_length").value_or(out.dry_allowed_length);
  if (out.dry_allowed_length == 0) f.refuse("dry_allowed_length", "must be 1 or more");
  out.dry_sequence_breakers = f.tokens("dry_sequence_breakers");
}

void read_sampling(const FieldReader& f, bool sampling, OwnFilters& out) {
  out.xtc_probability = between(f, "xtc_probability", 0, 1, out.xtc_probability);
  out.xtc_threshold = between(f, "xtc_threshold", 0, 1, out.xtc_threshold);
  out.top_n_sigma = f.number("top_n_sigma");
  if (out.top_n_sigma && !(*out.top_n_sigma > 0)) f.refuse("top_n_sigma", "must be above 0");
  out.mirostat_tau = f.number("mirostat_tau");
  if (out.mirostat_tau && !(*out.mirostat_tau > 0)) f.refuse("mirostat_tau", "must be above 0");
  out.mirostat_eta = between(f, "mirostat_eta", 0, 1e3, out.mirostat_eta);
  if (sampling) return;
  for (const char* name : {"top_n_sigma", "xtc_probability", "mirostat_tau"}) {
    if (f.number(name).value_or(0) != 0) {
      refuse_field(name, "acts in sampling only: set `do_sample`, and `num_beams` to 1");
    }
  }
}

}  // namespace

bool is_own_field(std::string_view name) {
  return std::find(kOwn.begin(), kOwn.end(), name) != kOwn.end();
}

OwnFilters read_own_filters(const GenerationConfig& keywords, const GenerationConfig* config_object,
                            std::size_t vocabulary, bool sampling, const EncodeText& encode) {
  GenerationConfig named;
  for (const GenerationConfig* from : {config_object, &keywords}) {
    if (from == nullptr) continue;
    for (const auto& [name, value] : from->fields()) {
      if (is_own_field(name)) named.set(name, value);
    }
  }
  OwnFilters out;
  if (named.empty()) return out;
  const FieldReader f(named);
  out.presence_penalty = between(f, "presence_penalty", -100, 100, 0);
  out.frequency_penalty = between(f, "frequency_penalty", -100, 100, 0);
  read_bias(f, vocabulary, encode, out);
  read_dry(f, out);
  read_sampling(f, sampling, out);
  return out;
}

}  // namespace typecase
