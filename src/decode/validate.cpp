#include "decode/validate.h"

#include "decode/field_reader.h"

#include <algorithm>
#include <array>

namespace typecase {
namespace {

using Names = std::vector<std::string>;

void check_values(const FieldReader& f) {
  if (const Json* early = f.value("early_stopping")) {
    const auto n = as_python_number(*early);
    const bool flag = n && (*n == 0 || *n == 1);
    if (!flag && *early != Json("never")) {
      f.refuse("early_stopping", "must be true, false or \"never\"");
    }
  }
  if (const auto n = f.number("max_new_tokens"); n && *n <= 0) {
    f.refuse("max_new_tokens", "must be greater than 0");
  }
  if (const auto w = f.number("assistant_ensemble_weight"); w && !(*w > 0 && *w < 1)) {
    f.refuse("assistant_ensemble_weight", "must lie between 0 and 1, both excluded");
  }
  constexpr std::array kCaches{"static",
                               "offloaded_static",
                               "sliding_window",
                               "hybrid",
                               "hybrid_chunked",
                               "offloaded_hybrid",
                               "offloaded_hybrid_chunked",
                               "dynamic",
                               "offloaded",
                               "quantized",
                               "paged"};
  if (const Json* cache = f.value("cache_implementation")) {
    const bool known = cache->is_string() && std::find(kCaches.begin(), kCaches.end(),
                                                       cache->as_string()) != kCaches.end();
    if (!known) f.refuse("cache_implementation", "is not the name of a cache");
  }
}

void check_watermark(const FieldReader& f) {
  const Json* w = f.value("watermarking_config");
  if (w == nullptr) return;
  constexpr std::string_view kName = "watermarking_config";
  if (!w->is_object()) f.refuse(kName, "must be an object");
  constexpr std::array kKeys{"greenlist_ratio", "bias", "hashing_key", "seeding_scheme",
                             "context_width"};
  for (const auto& [key, value] : w->as_object()) {
    if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
      f.refuse(kName, "has an unknown member");
    }
  }
  if (const Json* scheme = w->find("seeding_scheme");
      scheme != nullptr && *scheme != Json("selfhash") && *scheme != Json("lefthash")) {
    f.refuse(kName, "has a seeding_scheme other than \"lefthash\" and \"selfhash\"");
  }
  const auto member = [&](const char* key, double fallback) {
    const Json* value = w->find(key);
    if (value == nullptr) return fallback;
    const auto n = as_python_number(*value);
    if (!n) f.refuse(kName, std::string("must have a number as ") + key);
    return *n;
  };
  const double ratio = member("greenlist_ratio", 0.25);
  if (!(ratio >= 0 && ratio <= 1)) f.refuse(kName, "has a greenlist_ratio outside 0 to 1");
  member("bias", 2);
  if (const Json* key = w->find("hashing_key"); key != nullptr && !is_python_int(*key)) {
    f.refuse(kName, "must have an integer as hashing_key");
  }
  if (!(member("context_width", 1) >= 1)) f.refuse(kName, "has a context_width below 1");
}

void check_num_return_sequences(const FieldReader& f) {
  const auto r = f.number("num_return_sequences");
  if (!r || *r <= 1) return;
  const double beams = f.number("num_beams").value_or(1);
  if (beams == 1) {
    if (!f.truth("do_sample")) {
      f.refuse("num_return_sequences",
               "must be 1 when decoding is greedy (one beam, do_sample not true): every sequence "
               "would be the same");
    }
  } else if (*r > beams) {
    f.refuse("num_return_sequences", "must not be larger than num_beams");
  }
}

void check_forced_against_suppressed(const FieldReader& f) {
  if (!f.has("suppress_tokens")) return;
  const Tokens suppressed = f.tokens("suppress_tokens");
  for (const char* name : {"forced_bos_token_id", "forced_eos_token_id"}) {
    const Tokens forced = f.tokens(name);
    const bool all = std::all_of(forced.begin(), forced.end(), [&](TokenId id) {
      return std::find(suppressed.begin(), suppressed.end(), id) != suppressed.end();
    });
    if (!forced.empty() && all) {
      f.refuse(name,
               "cannot be forced, because suppress_tokens forbids it (no token would be left)");
    }
  }
}

void check_call_arguments(const GenerationConfig& fields) {
  for (const char* name :
       {"logits_processor", "stopping_criteria", "prefix_allowed_tokens_fn", "synced_gpus",
        "assistant_model", "streamer", "negative_prompt_ids", "negative_prompt_attention_mask"}) {
    if (fields.find(name) != nullptr) {
      refuse_field(name, "is an argument of the call, not a field of a generation config");
    }
  }
}

/// The fields that will be ignored, in the reference's order.
Names ignored(const FieldReader& f, const std::set<std::string>& set_by_user) {
  Names out;
  const auto inherited_only = [&](const char* outer, const char* inner) {
    return set_by_user.contains(outer) && !set_by_user.contains(inner);
  };
  const auto differs = [&](const char* name, double fallback) {
    const Json* v = f.value(name);
    return v != nullptr && as_python_number(*v) != std::optional(fallback);
  };
  if (const auto pad = f.number("pad_token_id"); pad && *pad < 0) out.push_back("pad_token_id");

  if (const Json* s = f.value("do_sample"); s == nullptr || *s != Json(true)) {
    const auto sampling = [&](const char* name, bool set) {
      if (set && !inherited_only("do_sample", name)) out.push_back(name);
    };
    sampling("temperature", differs("temperature", 1.0));
    sampling("top_p", differs("top_p", 1.0));
    sampling("min_p", f.has("min_p"));
    sampling("top_h", f.has("top_h"));
    sampling("typical_p", differs("typical_p", 1.0));
    const bool candidates = f.number("penalty_alpha").value_or(0) > 0;  // contrastive search: k
    sampling("top_k", differs("top_k", 50) && !candidates);
    sampling("epsilon_cutoff", differs("epsilon_cutoff", 0.0));
    sampling("eta_cutoff", differs("eta_cutoff", 0.0));
  }
  if (f.number("num_beams").value_or(1) == 1) {
    const auto beams = [&](const char* name, bool set) {
      if (set && !inherited_only("num_beams", name)) out.push_back(name);
    };
    const Json* early = f.value("early_stopping");
    beams("early_stopping", early != nullptr && *early != Json(false));
    beams("length_penalty", differs("length_penalty", 1.0));
  }
  if (const Json* c = f.value("use_cache"); c != nullptr && *c == Json(false)) {
    for (const char* name : {"cache_implementation", "cache_config"}) {
      if (f.has(name)) out.push_back(name);
    }
  }
  if (const Json* d = f.value("return_dict_in_generate"); d == nullptr || *d != Json(true)) {
    for (const char* name :
         {"output_attentions", "output_hidden_states", "output_scores", "output_logits"}) {
      if (const Json* v = f.value(name); v != nullptr && *v == Json(true)) out.push_back(name);
    }
  }
  return out;
}

}  // namespace

void warn(std::vector<std::string>* warnings, std::string sentence) {
  if (warnings == nullptr) return;
  if (std::find(warnings->begin(), warnings->end(), sentence) == warnings->end()) {
    warnings->push_back(std::move(sentence));
  }
}

void validate(const GenerationConfig& fields, const std::set<std::string>& set_by_user,
              std::vector<std::string>* warnings) {
  const FieldReader f(fields);
  check_values(f);
  check_watermark(f);
  const Names names = ignored(f, set_by_user);
  check_num_return_sequences(f);
  check_forced_against_suppressed(f);
  check_call_arguments(fields);
  if (names.empty()) return;
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  warn(warnings, "these generation fields have no effect in this combination: " + list);
}

}  // namespace typecase
