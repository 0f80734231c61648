/// generate(): the way of a prompt, on one page.
///
///     prompt → prefill → [ logits → processors → choice → next token ]* → sequences
///
/// What happens inside the brackets is src/decode; what computes logits is an Executor behind
/// BatchStepper. Text becomes ids before, and ids become text after (src/text).
#include "decode/decode.h"
#include "decode/effective_config.h"
#include "decode/trace/tracer.h"
#include "engine/batch_stepper.h"
#include "engine/heal_tokens.h"
#include "engine/kept_prompt.h"
#include "engine/loaded_model.h"
#include "engine/stop_text.h"
#include "tensor/convert.h"

#include <typecase/error.h>

#include <algorithm>

namespace typecase {
namespace {

std::optional<std::size_t> longest_text(const Json& config) {
  const Json* v = config.find("max_position_embeddings");
  if (v == nullptr) v = config.find("n_positions");
  if (v == nullptr || !v->is_integer() || v->as_integer() < 1) return std::nullopt;
  return static_cast<std::size_t>(v->as_integer());
}

void check_rectangle(const std::vector<Tokens>& ids, const std::vector<Mask>& mask) {
  for (const Tokens& row : ids) {
    if (row.size() != ids[0].size()) {
      throw Error(Code::invalid_argument,
                  "input_ids: all rows of a batch must have one length; pad the shorter ones");
    }
  }
  const bool same =
      mask.size() == ids.size() &&
      std::all_of(mask.begin(), mask.end(), [&](auto& m) { return m.size() == ids[0].size(); });
  if (!mask.empty() && !same) {
    throw Error(Code::invalid_argument, "attention_mask: must have the shape of input_ids");
  }
}

bool right_padded(const GenerateRequest& request, const std::vector<Tokens>& ids,
                  const GenerationConfig& merged) {
  if (!request.attention_mask.empty()) {
    return std::any_of(request.attention_mask.begin(), request.attention_mask.end(),
                       [](const Mask& m) { return !m.empty() && m.back() == 0; });
  }
  const auto pad = merged.integer("pad_token_id");
  return ids.size() > 1 && pad && std::any_of(ids.begin(), ids.end(), [&](const Tokens& row) {
           return !row.empty() && row.back() == *pad;
         });
}

/// What guidance compares with: the negative prompts, else the last id of each row.
std::vector<Tokens> unconditional_prompts(const GenerateRequest& request,
                                          const std::vector<Tokens>& ids) {
  if (!request.negative_prompt_ids.empty()) {
    check_rectangle(request.negative_prompt_ids, {});
    return request.negative_prompt_ids;
  }
  std::vector<Tokens> out;
  for (const Tokens& row : ids) out.push_back({row.back()});
  return out;
}

/// What a decoder behind an encoder begins with, a row for each text.
std::vector<Tokens> decoder_starts(const EffectiveConfig& config, std::size_t rows) {
  Tokens starts = config.decoder_start_token_id;
  if (starts.empty() && config.bos_token_id) starts = {*config.bos_token_id};
  if (starts.empty()) {
    throw Error(
        Code::invalid_argument,
        "`decoder_start_token_id` or `bos_token_id` has to be set for a model with an encoder");
  }
  const bool one = config.all.find("decoder_start_token_id") == nullptr ||
                   !config.all.find("decoder_start_token_id")->is_array();
  if (!one && starts.size() != rows) {
    throw Error(Code::invalid_argument, "`decoder_start_token_id` must be one id or one a row, " +
                                            std::to_string(rows) + ", found " +
                                            std::to_string(starts.size()));
  }
  std::vector<Tokens> out;
  for (std::size_t i = 0; i < rows; ++i) out.push_back({starts[one ? 0 : i]});
  return out;
}

std::vector<Mask> all_visible(const std::vector<Tokens>& ids) {
  std::vector<Mask> mask;
  for (const Tokens& row : ids) mask.emplace_back(row.size(), std::uint8_t{1});
  return mask;
}

/// The mask given or inferred from the ids as they were written; from what became of them where
/// healing changed their number.
std::vector<Mask> mask_of(const GenerateRequest& request, const std::vector<Tokens>& ids,
                          const std::vector<Tokens>& written, const EffectiveConfig& config) {
  if (ids[0].size() != written[0].size()) return infer_mask(ids, config);
  return request.attention_mask.empty() ? infer_mask(written, config) : request.attention_mask;
}

/// DoLa asks: is the head the embedding's matrix?
bool tied(const Model::Parts& model) {
  const Json* said = model.checkpoint.config().find("tie_word_embeddings");
  if (said != nullptr && said->is_bool()) return said->as_bool();
  const Plan& plan = model.plan;
  return plan.head.lm_head.weight.stored.bytes.data() == plan.decoder.embedding.tokens.bytes.data();
}

/// Two tokenizers understand each other through text.
void speak_through_text(Assistant& assistant, Model::Parts& model, Model::Parts& drafter) {
  if (!model.tokenizer || !drafter.tokenizer) {
    throw Error(Code::invalid_argument,
                "the assistant model has a vocabulary of " +
                    std::to_string(drafter.plan.vocabulary) + " tokens, the model one of " +
                    std::to_string(model.plan.vocabulary) + ": both need a tokenizer then");
  }
  const auto translate = [](const Tokenizer& from, const Tokenizer& to) {
    return [&from, &to](const Tokens& ids) {
      return to.encode_ids(
          from.decode(ids, {.skip_special_tokens = true, .clean_up_tokenization_spaces = true}));
    };
  };
  assistant.to_assistant = translate(*model.tokenizer, *drafter.tokenizer);
  assistant.to_target = translate(*drafter.tokenizer, *model.tokenizer);
}

/// The schedule "heuristic" is kept for the assistant's later calls.
void remember_schedule(Model::Parts* assistant, const std::optional<Assistant>& drafter,
                       const DecodeOutput& out) {
  if (assistant == nullptr || !drafter || !out.draft_length) return;
  const Json* schedule = drafter->config.find("num_assistant_tokens_schedule");
  if (schedule == nullptr || *schedule != Json("heuristic")) return;
  assistant->generation_config.set("num_assistant_tokens",
                                   static_cast<std::int64_t>(*out.draft_length));
}

/// What an encoder reads; empty without one.
struct Read {
  std::vector<Tokens> texts;
  std::vector<Mask> mask;
};

/// Who drafts: the assistant model, or the model's own first layers.
std::optional<Assistant> drafting(Model::Parts& model, Model::Parts* assistant,
                                  const GenerateRequest& request, const EffectiveConfig& config,
                                  const Read& read) {
  if (config.mode != Mode::assisted) return std::nullopt;
  const bool early = config.assistant_early_exit.has_value();
  if (!early && config.prompt_lookup_num_tokens) return std::nullopt;
  Model::Parts& drafter = early ? model : *assistant;
  Assistant out;
  if (drafter.plan.vocabulary != model.plan.vocabulary) speak_through_text(out, model, drafter);
  out.eos_token_id = config.eos_token_id;  // the target's, also where its ids mean something else
  out.config = drafter.generation_config;
  for (const auto& [name, value] : request.assistant_config.fields()) out.config.set(name, value);
  const int layers = early ? static_cast<int>(*config.assistant_early_exit) : 0;
  if (drafter.plan.encoder.has_value() != model.plan.encoder.has_value()) {
    throw Error(Code::unsupported, "assistant and model must both have an encoder, or neither");
  }
  out.start = [&drafter, layers, &read](const Tokens& ids, const Mask& mask) {
    auto stepper = std::make_unique<BatchStepper>(
        drafter.ready(), drafter.plan, std::vector<Tokens>{ids}, std::vector<Mask>{mask}, layers);
    if (drafter.plan.encoder) stepper->read(read.texts, read.mask);
    return stepper;
  };
  return out;
}

/// Only eager attention has probabilities to show.
bool keeps_probabilities(const Plan& plan) {
  const auto& blocks = plan.decoder.blocks;
  return std::all_of(blocks.begin(), blocks.end(), [](const Block& block) {
    return block.attention.implementation == Attention::Implementation::eager;
  });
}

GenerateResult::States states_of(const BatchStepper& stepper,
                                 std::vector<std::vector<std::vector<float>>> StepStates::* part) {
  GenerateResult::States out;
  for (const StepStates& step : stepper.states()) {
    if (!(step.*part).empty()) out.push_back(step.*part);
  }
  return out;
}

/// For a logit bias by text.
EncodeText encoder(const Tokenizer* tokenizer) {
  if (tokenizer == nullptr) return {};
  return [tokenizer](std::string_view text) { return tokenizer->encode_ids(text, false); };
}

/// The caller's own function as a processor.
class CallersProcessor : public Processor {
 public:
  using Process = std::function<void(const std::vector<Tokens>&, std::span<float>)>;
  explicit CallersProcessor(Process process) : process_(std::move(process)) {}
  std::string_view name() const override { return "logits_processor"; }
  void apply(std::span<float> scores, const ScoreRow& row) override {
    process_({Tokens(row.ids.begin(), row.ids.end())}, scores);
  }
  void apply_all(std::span<float> scores, std::span<const ScoreRow> rows) override {
    std::vector<Tokens> ids;
    for (const ScoreRow& row : rows) ids.emplace_back(row.ids.begin(), row.ids.end());
    process_(ids, scores);
  }

 private:
  Process process_;
};

void add_callers_rules(const GenerateRequest& request, DecodeHooks& hooks) {
  hooks.prefix_allowed_tokens = request.prefix_allowed_tokens;
  hooks.is_finished = request.is_finished;
  if (request.process_scores) {
    hooks.processors.push_back(std::make_shared<CallersProcessor>(request.process_scores));
  }
}

void warn(const GenerateRequest& request, const std::vector<std::string>& warnings) {
  if (!request.on_warning) return;
  for (const std::string& w : warnings) request.on_warning(w);
}

}  // namespace

GenerateResult generate(Model::Parts& model, const Tokenizer* tokenizer,
                        const GenerateRequest& request, Model::Parts* assistant,
                        PromptCache::Parts* kept) {
  if (is_bidirectional(model.plan)) {
    throw Error(Code::unsupported, model.plan.architecture +
                                       " reads texts and writes none: use it to embed them, or to "
                                       "fill masked words");
  }
  const GenerationConfig* object =
      request.generation_config ? &*request.generation_config : nullptr;
  const GenerationConfig& defaults =
      request.model_defaults ? *request.model_defaults : model.generation_config;
  const GenerationConfig merged = merge(request.keywords, object, defaults, nullptr);

  // The prompt: rows of one length; an empty one is the id a text begins with.
  std::vector<Tokens> ids = request.input_ids;
  if (ids.empty() || ids[0].empty())
    ids.assign(std::max<std::size_t>(ids.size(), 1), {require_bos(merged)});
  check_rectangle(ids, request.input_ids.empty() ? std::vector<Mask>{} : request.attention_mask);
  const bool encodes = model.plan.encoder.has_value();

  const std::vector<Tokens> written = ids;
  if (const Json* heals = merged.find("token_healing");
      !encodes && heals != nullptr && *heals == Json(true)) {
    ids = heal_tokens(model, tokenizer, ids, request);
  }

  // The configuration that acts, from keywords, config object, model defaults, global defaults.
  std::vector<std::string> warnings;
  const EffectiveConfig config =
      resolve(request.keywords, object, defaults,
              {.prompt_length = encodes ? 1 : ids[0].size(),
               .batch = ids.size(),
               .vocabulary = static_cast<std::size_t>(model.plan.vocabulary),
               .max_position_embeddings = longest_text(model.checkpoint.config()),
               .has_tokenizer = tokenizer != nullptr,
               .is_encoder_decoder = encodes,
               .mask_given = !request.attention_mask.empty(),
               .right_padded = right_padded(request, ids, merged),
               .streams = static_cast<bool>(request.on_tokens),
               .has_assistant = assistant != nullptr,
               .encode = encoder(tokenizer)},
              &warnings);
  warn(request, warnings);
  if (encodes && config.mode == Mode::dola) {
    throw Error(Code::invalid_argument, "dola_layers: for models without an encoder only");
  }

  // Two views of the model: the prompts, and (for guidance) the text to be led away from.
  auto mask = mask_of(request, ids, written, config);
  Read read;
  if (encodes) {
    read = {std::move(ids), std::move(mask)};
    ids = decoder_starts(config, read.texts.size());
    mask = all_visible(ids);
  }
  BatchStepper stepper(model.ready(), model.plan, ids, mask);
  if (encodes) stepper.read(read.texts, read.mask);
  const bool one_forward_a_step = config.mode == Mode::greedy || config.mode == Mode::sample ||
                                  config.mode == Mode::beam || config.mode == Mode::beam_sample;
  if (config.return_dict_in_generate && one_forward_a_step) {
    stepper.keep_states(config.output_hidden_states,
                        config.output_attentions && keeps_probabilities(model.plan));
  }
  if (kept != nullptr && !encodes) kept->lend(stepper, ids, mask);
  std::optional<BatchStepper> unconditional;
  if (config.guidance_scale) {
    if (encodes) {
      throw Error(Code::invalid_argument, "guidance_scale cannot be used with an encoder-decoder");
    }
    const auto texts = unconditional_prompts(request, ids);
    unconditional.emplace(model.ready(), model.plan, texts, all_visible(texts));
  }

  const std::optional<Assistant> drafter = drafting(model, assistant, request, config, read);

  // The loop.
  std::optional<TokenizerStopText> stop_text;
  if (tokenizer != nullptr) stop_text.emplace(*tokenizer);
  DecodeHooks hooks;
  if (request.on_tokens) {
    hooks.on_tokens = [&](std::span<const TokenId> tokens) {
      request.on_tokens({tokens.begin(), tokens.end()});
    };
  }
  hooks.stop_text = stop_text ? &*stop_text : nullptr;
  hooks.unconditional = unconditional ? &*unconditional : nullptr;
  hooks.assistant = drafter ? &*drafter : nullptr;
  hooks.layers = model.plan.decoder.blocks.size();
  hooks.tied_embeddings = tied(model);
  hooks.round_to_dtype = [dtype = model.plan.dtype](std::span<float> values) {
    for (float& v : values) v = round_to(dtype, v);
  };
  hooks.should_stop = request.should_stop;
  hooks.rows_fail_alone = request.rows_fail_alone;
  add_callers_rules(request, hooks);
  std::optional<Tracer> tracer;
  if (request.observer) tracer.emplace(request.observer, config);
  hooks.tracer = tracer ? &*tracer : nullptr;
  Selections selections;
  hooks.selections = &selections;
  Generator& generator = request.generator != nullptr ? *request.generator : default_generator();
  DecodeOutput out = decode(stepper, config, {.ids = ids, .mask = mask, .encoder_ids = read.texts},
                            generator, hooks);
  warn(request, out.warnings);
  remember_schedule(assistant, drafter, out);
  const bool one_row = config.mode == Mode::greedy || config.mode == Mode::sample;
  if (kept != nullptr && !encodes && one_row && ids.size() == 1)
    kept->keep(stepper, out.sequences.front());
  if (!config.output_scores) out.sequences_scores.clear();

  return {.sequences = std::move(out.sequences),
          .sequences_scores = std::move(out.sequences_scores),
          .beam_indices = std::move(out.beam_indices),
          .scores = std::move(out.scores),
          .logits = std::move(out.logits),
          .hidden_states = states_of(stepper, &StepStates::hidden),
          .attentions = states_of(stepper, &StepStates::attentions),
          .return_dict = config.return_dict_in_generate,
          .stopped = out.interrupted,
          .row_errors = std::move(out.row_errors),
          .selections = selections};
}

}  // namespace typecase
