#include "decode/effective_config.h"

#include "decode/field_reader.h"
#include "decode/read_fields.h"
#include "decode/validate.h"

#include <typecase/error.h>

#include <algorithm>
#include <cmath>

namespace typecase {
namespace {

Mode select_mode(const FieldReader& f, const ModelFacts& facts,
                 std::vector<std::string>* warnings) {
  if (f.has("constraints") || f.has("force_words_ids")) return Mode::constrained_beam;
  Mode mode;
  if (f.number("num_beams").value_or(1) == 1) {
    const bool contrastive =
        f.number("top_k").value_or(0) > 1 && f.number("penalty_alpha").value_or(0) > 0;
    mode = f.truth("do_sample") ? Mode::sample : contrastive ? Mode::contrastive : Mode::greedy;
  } else {
    const bool groups = f.number("num_beam_groups").value_or(1) > 1;
    mode = groups ? Mode::group_beam : f.truth("do_sample") ? Mode::beam_sample : Mode::beam;
  }
  const bool one_row = mode == Mode::greedy || mode == Mode::sample;
  if (facts.has_assistant || f.truth("use_mtp") || f.has("prompt_lookup_num_tokens") ||
      f.has("assistant_early_exit")) {
    if (one_row) {
      mode = Mode::assisted;
    } else {
      warn(warnings, "assisted decoding needs greedy decoding or sampling; with " +
                         std::string(name_of(mode)) + " its fields are ignored");
    }
  }
  if (f.has("dola_layers")) {
    if (mode == Mode::greedy || mode == Mode::sample) {
      mode = Mode::dola;
    } else {
      warn(warnings, "DoLa needs greedy decoding or sampling; with " + std::string(name_of(mode)) +
                         " `dola_layers` is ignored");
    }
  }
  return mode;
}

bool set_somewhere(const char* name, const GenerationConfig& keywords,
                   const GenerationConfig* config_object, const GenerationConfig& model_defaults) {
  const auto set = [name](const GenerationConfig* fields) {
    return fields != nullptr && FieldReader(*fields).has(name);
  };
  return set(&keywords) || set(config_object) || set(&model_defaults);
}

std::string both_set(std::string_view a, double x, std::string_view b, double y) {
  const auto n = [](double v) { return std::to_string(static_cast<long long>(v)); };
  return "both `" + std::string(a) + "` (" + n(x) + ") and `" + std::string(b) + "` (" + n(y) +
         ") are set: `" + std::string(a) + "` decides";
}

/// Settles max_length and min_length for the prompt: section "Lengths" of the semantics.
void settle_lengths(EffectiveConfig& out, const FieldReader& f, const ModelFacts& facts,
                    bool default_max, bool default_min, std::vector<std::string>* warnings) {
  const std::size_t p = facts.prompt_length;
  const auto max_length = f.size("max_length");
  if (const auto fresh = f.size("max_new_tokens")) {
    if (!default_max && max_length) {
      warn(warnings, both_set("max_new_tokens", static_cast<double>(*fresh), "max_length",
                              static_cast<double>(*max_length)));
    }
    out.max_length = p + *fresh;
  } else if (!max_length) {
    f.refuse("max_length", "must be a number when `max_new_tokens` is not given");
  } else if (default_max) {
    out.max_length = std::min(p + *max_length, facts.max_position_embeddings.value_or(SIZE_MAX));
    warn(warnings, "no length is set, so the default of the reference ends the text at " +
                       std::to_string(out.max_length) + " tokens; set `max_new_tokens`");
  } else {
    out.max_length = *max_length;
  }

  out.min_length = f.integer("min_length").value_or(0) < 0
                       ? 0
                       : static_cast<std::size_t>(f.integer("min_length").value_or(0));
  if (const auto asked = f.integer("min_new_tokens")) {
    const auto least = static_cast<std::size_t>(std::max<std::int64_t>(*asked, 0));
    if (!default_min) {
      warn(warnings, both_set("min_new_tokens", static_cast<double>(least), "min_length",
                              static_cast<double>(out.min_length)));
    }
    out.min_new_tokens = least;
    out.min_length = p + least;
  }
}

void check_lengths(const EffectiveConfig& c, std::vector<std::string>* warnings) {
  if (c.prompt_length >= c.max_length) {
    refuse_field("max_length", "the prompt has " + std::to_string(c.prompt_length) +
                                   " tokens, but `max_length` is " + std::to_string(c.max_length) +
                                   ": raise it, or set `max_new_tokens` instead");
  }
  if (c.min_length > c.max_length) {
    warn(warnings, "the minimum length " + std::to_string(c.min_length) +
                       " cannot be reached: generation ends at " + std::to_string(c.max_length));
  }
}

void settle_pad(EffectiveConfig& c, const ModelFacts& facts, std::vector<std::string>* warnings) {
  const bool blind_batch = !facts.mask_given && facts.batch > 1;
  if (!c.pad_token_id && !c.eos_token_id.empty()) {
    c.pad_token_id = c.eos_token_id.front();
    if (blind_batch) {
      warn(
          warnings,
          "a batch without attention mask and without pad token: padding cannot be told from text");
    }
  }
  const auto& eos = c.eos_token_id;
  if (blind_batch && c.pad_token_id &&
      std::find(eos.begin(), eos.end(), *c.pad_token_id) != eos.end()) {
    warn(warnings,
         "a batch without attention mask whose pad token is also an end token: padding is attended "
         "to; pass the mask");
  }
  if (std::any_of(eos.begin(), eos.end(), [](TokenId id) { return id < 0; })) {
    warn(warnings, "`eos_token_id` holds a negative id, which no model produces");
  }
  if (!facts.is_encoder_decoder && c.pad_token_id && facts.batch > 1 && facts.right_padded) {
    warn(warnings, "the batch is padded on the right: pad on the left for correct results");
  }
}

void check_mode(const EffectiveConfig& c, const FieldReader& f, const ModelFacts& facts) {
  if (c.mode == Mode::beam && facts.streams) {
    throw Error(Code::invalid_argument, "beam search cannot stream: set `num_beams` to 1");
  }
  if (c.mode == Mode::assisted && c.num_return_sequences > 1) {
    f.refuse("num_return_sequences", "must be 1 in assisted decoding");
  }
  const bool beams = c.mode == Mode::beam || c.mode == Mode::beam_sample;
  if (beams && f.truth("low_memory")) f.refuse("low_memory", "is not supported with beams");
}

}  // namespace

std::string_view name_of(Mode mode) {
  switch (mode) {
    case Mode::greedy:
      return "greedy decoding";
    case Mode::sample:
      return "sampling";
    case Mode::beam:
      return "beam search";
    case Mode::beam_sample:
      return "beam sampling";
    case Mode::group_beam:
      return "group beam search";
    case Mode::constrained_beam:
      return "constrained beam search";
    case Mode::contrastive:
      return "contrastive search";
    case Mode::assisted:
      return "assisted decoding";
    case Mode::dola:
      return "DoLa";
  }
  return "";
}

EffectiveConfig resolve(const GenerationConfig& keywords, const GenerationConfig* config_object,
                        const GenerationConfig& model_defaults, const ModelFacts& facts,
                        std::vector<std::string>* warnings) {
  const bool default_max = !set_somewhere("max_length", keywords, config_object, model_defaults);
  const bool default_min = !set_somewhere("min_length", keywords, config_object, model_defaults);

  EffectiveConfig out;
  out.all = merge(keywords, config_object, model_defaults, warnings);
  const FieldReader f(out.all);
  out.mode = select_mode(f, facts, warnings);
  read_mode(f, out);
  check_mode(out, f, facts);
  read_ids(f, out);
  settle_pad(out, facts, warnings);

  out.prompt_length = facts.prompt_length;
  out.max_position_embeddings = facts.max_position_embeddings;
  settle_lengths(out, f, facts, default_max, default_min, warnings);
  check_lengths(out, warnings);
  read_processors(f, facts, out, warnings);
  read_stopping(f, facts, out);
  read_strategies(f, facts, out);
  const bool sampling = out.mode == Mode::sample;
  out.own = read_own_filters(keywords, config_object, facts.vocabulary, sampling, facts.encode);
  return out;
}

}  // namespace typecase
