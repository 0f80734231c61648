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
#include "engine/callers_rules.h"
#include "engine/drafting.h"
#include "engine/heal_tokens.h"
#include "engine/kept_prompt.h"
#include "engine/loaded_model.h"
#include "engine/prompt_rows.h"
#include "engine/require_room.h"
#include "engine/stop_text.h"
#include "plan/weight_bytes.h"
#include "tensor/convert.h"

#include <typecase/error.h>

#include <algorithm>

namespace typecase {
namespace {

/// DoLa asks: is the head the embedding's matrix?
bool tied(const Model::Parts& model) {
  const Json* said = model.checkpoint.config().find("tie_word_embeddings");
  if (said != nullptr && said->is_bool()) return said->as_bool();
  const Plan& plan = model.plan;
  return plan.head.lm_head.weight.stored.bytes.data() == plan.decoder.embedding.tokens.bytes.data();
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

void warn(const GenerateRequest& request, const std::vector<std::string>& warnings) {
  if (!request.on_warning) return;
  for (const std::string& w : warnings) request.on_warning(w);
}

/// The prompt's rows as they were written; an empty prompt is the id a text begins with.
std::vector<Tokens> written_rows(const GenerateRequest& request, const GenerationConfig& merged) {
  std::vector<Tokens> ids = request.input_ids;
  if (ids.empty() || ids[0].empty()) {
    ids.assign(std::max<std::size_t>(ids.size(), 1), {require_bos(merged)});
  }
  check_rectangle(ids, request.input_ids.empty() ? std::vector<Mask>{} : request.attention_mask);
  return ids;
}

/// Whose configuration, and what it is about: keywords, config object and model defaults.
struct Sources {
  const GenerationConfig* object;
  const GenerationConfig& defaults;
  GenerationConfig merged;

  Sources(const GenerateRequest& request, const Model::Parts& model)
      : object(request.generation_config ? &*request.generation_config : nullptr),
        defaults(request.model_defaults ? *request.model_defaults : model.generation_config),
        merged(merge(request.keywords, object, defaults, nullptr)) {}
};

/// The configuration that acts on these rows; what is odd about it goes to request.on_warning.
EffectiveConfig effective(const GenerateRequest& request, const Model::Parts& model,
                          const Tokenizer* tokenizer, const Sources& sources,
                          const std::vector<Tokens>& ids, bool has_assistant) {
  const bool encodes = model.plan.encoder.has_value();
  std::vector<std::string> warnings;
  EffectiveConfig config = resolve(request.keywords, sources.object, sources.defaults,
                                   {.prompt_length = encodes ? 1 : ids[0].size(),
                                    .batch = ids.size(),
                                    .vocabulary = static_cast<std::size_t>(model.plan.vocabulary),
                                    .max_position_embeddings = model.max_length(),
                                    .has_tokenizer = tokenizer != nullptr,
                                    .is_encoder_decoder = encodes,
                                    .mask_given = !request.attention_mask.empty(),
                                    .right_padded = right_padded(request, ids, sources.merged),
                                    .streams = static_cast<bool>(request.on_tokens),
                                    .has_assistant = has_assistant,
                                    .encode = encoder(tokenizer)},
                                   &warnings);
  warn(request, warnings);
  if (encodes && config.mode == Mode::dola) {
    throw Error(Code::invalid_argument, "dola_layers: for models without an encoder only");
  }
  if (encodes && config.guidance_scale) {
    throw Error(Code::invalid_argument, "guidance_scale cannot be used with an encoder-decoder");
  }
  return config;
}

/// The states of each step are kept where a step is one forward pass.
void keep_states(BatchStepper& stepper, const EffectiveConfig& config, const Plan& plan) {
  const bool one_forward_a_step = config.mode == Mode::greedy || config.mode == Mode::sample ||
                                  config.mode == Mode::beam || config.mode == Mode::beam_sample;
  if (!config.return_dict_in_generate || !one_forward_a_step) return;
  stepper.keep_states(config.output_hidden_states,
                      config.output_attentions && keeps_probabilities(plan));
}

bool has_float32_weights(const Plan& plan) {
  return plan.dtype == DType::float32 &&
         weight_bytes(plan) >= 3 * static_cast<std::uint64_t>(num_parameters(plan));
}

/// Whether self-speculation was asked for and can be.
bool drafts_itself(const Model::Parts& model, const EffectiveConfig& config, std::size_t prompts) {
  const bool one = prompts == 1 && config.num_return_sequences == 1 && !config.guidance_scale &&
                   (config.mode == Mode::greedy || config.mode == Mode::sample);
  // What is drawn, the copy guesses too seldom; and a copy that is not much smaller gains nothing.
  const bool by_itself = model.options.chosen(model.options.self_speculation) &&
                         config.mode == Mode::greedy && has_float32_weights(model.plan);
  const bool wanted = model.options.self_speculation == "on" || by_itself;
  return wanted && one && model.options.isa != "reference" && !model.plan.encoder &&
         !depends_on_length(model.plan);
}

/// What the loop asks of the model and of the caller.
DecodeHooks hooks_of(const Model::Parts& model, const GenerateRequest& request) {
  DecodeHooks hooks;
  if (request.on_tokens) {
    hooks.on_tokens = [&request](std::span<const TokenId> tokens) {
      request.on_tokens({tokens.begin(), tokens.end()});
    };
  }
  hooks.lookup = model.options.chosen(model.options.lookup) && !depends_on_length(model.plan);
  hooks.layers = model.plan.decoder.blocks.size();
  hooks.tied_embeddings = tied(model);
  hooks.round_to_dtype = [dtype = model.plan.dtype](std::span<float> values) {
    for (float& v : values) v = round_to(dtype, v);
  };
  hooks.should_stop = request.should_stop;
  hooks.rows_fail_alone = request.rows_fail_alone;
  add_callers_rules(request, hooks);
  return hooks;
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
  const bool encodes = model.plan.encoder.has_value();
  const Sources sources(request, model);
  const std::vector<Tokens> written = written_rows(request, sources.merged);
  std::vector<Tokens> ids = written;
  if (const Json* heals = sources.merged.find("token_healing");
      !encodes && heals != nullptr && *heals == Json(true)) {
    ids = heal_tokens(model, tokenizer, ids, request);
  }
  const EffectiveConfig config =
      effective(request, model, tokenizer, sources, ids, assistant != nullptr);
  std::vector<Mask> mask = mask_of(request, ids, written, config);
  Read read;
  if (encodes) {
    read = {std::move(ids), std::move(mask)};
    ids = decoder_starts(config, read.texts.size());
    mask = all_visible(ids);
  }

  // Two views of the model: the prompts, and (for guidance) the text to be led away from.
  require_room(model, config, ids.size(), ids[0].size(), encodes ? read.texts[0].size() : 0);
  BatchStepper stepper(model.ready(), model.plan, ids, mask);
  if (encodes) stepper.read(read.texts, read.mask);
  keep_states(stepper, config, model.plan);
  if (kept != nullptr && !encodes) kept->lend(stepper, ids, mask);
  std::optional<BatchStepper> unconditional;
  if (config.guidance_scale) {
    const auto texts = unconditional_prompts(request, ids);
    unconditional.emplace(model.ready(), model.plan, texts, all_visible(texts));
  }
  const std::optional<Assistant> drafter = drafting(model, assistant, request, config, read);
  std::optional<TokenizerStopText> stop_text;
  if (tokenizer != nullptr) stop_text.emplace(*tokenizer);
  std::optional<Tracer> tracer;
  if (request.observer) tracer.emplace(request.observer, config);
  Selections selections;
  DecodeHooks hooks = hooks_of(model, request);
  hooks.lookup = hooks.lookup && !stepper.keeps_states();
  std::optional<SelfDrafter> own;
  if (drafts_itself(model, config, ids.size()) && !stepper.keeps_states()) {
    hooks.drafter =
        &own.emplace([&model] { return model.draft_with(); }, mask.front(), config.max_length);
  }
  hooks.stop_text = stop_text ? &*stop_text : nullptr;
  hooks.unconditional = unconditional ? &*unconditional : nullptr;
  hooks.assistant = drafter ? &*drafter : nullptr;
  hooks.tracer = tracer ? &*tracer : nullptr;
  hooks.selections = &selections;

  Generator& generator = request.generator != nullptr ? *request.generator : default_generator();
  DecodeOutput out = decode(stepper, config, {.ids = ids, .mask = mask, .encoder_ids = read.texts},
                            generator, hooks);
  warn(request, out.warnings);
  remember_schedule(assistant, drafter, out);
  const bool one_row = config.mode == Mode::greedy || config.mode == Mode::sample;
  if (kept != nullptr && !encodes && one_row && ids.size() == 1) {
    kept->keep(stepper, out.sequences.front());
  }
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
