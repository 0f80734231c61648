#pragma once

#include "decode/effective_config.h"
#include "decode/processor.h"
#include "decode/stepper.h"
#include "decode/stopping/stop_text.h"

#include <typecase/error.h>
#include <typecase/generator.h>
#include <typecase/selections.h>
#include <typecase/token.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace typecase {

class Drafter;
class Tracer;

/// The prompts: B rows of equal length P, padded on the left.
struct DecodeInput {
  std::vector<Tokens> ids;                      // [B][P]
  std::vector<std::vector<std::uint8_t>> mask;  // [B][P], 1 = text; empty: all ones
  /// What the encoder read, [B][·]; empty without an encoder. The encoder_… processors look at it
  /// instead of `ids`.
  std::vector<Tokens> encoder_ids{};
};

struct DecodeOutput {
  std::vector<Tokens> sequences;        ///< [B·R][·], prompt included, all of one length
  std::vector<float> sequences_scores;  ///< [B·R], beams only
  /// Per step [rows][V]: after all processors, and as the model gave them. Filled when
  /// return_dict_in_generate and output_scores / output_logits are set.
  std::vector<std::vector<std::vector<float>>> scores, logits;
  std::vector<std::vector<std::int32_t>> beam_indices;  ///< [B·R][longest], −1 after the end
  std::vector<std::string> warnings;
  bool interrupted = false;  ///< should_stop ended it; sequences hold what there was
  /// [B·R] with DecodeHooks::rows_fail_alone, else empty: why a row ended early.
  std::vector<std::optional<Error>> row_errors{};
  std::optional<std::size_t> draft_length{};  ///< what the assistant would draft next
};

/// A model that drafts for another one.
struct Assistant {
  /// Starts it on a text: one row, not computed yet.
  std::function<std::unique_ptr<Stepper>(const Tokens& ids, const std::vector<std::uint8_t>& mask)>
      start{};
  /// Its own configuration: num_assistant_tokens, num_assistant_tokens_schedule and
  /// assistant_confidence_threshold are read from it.
  GenerationConfig config{};
  /// Where it has another tokenizer: ids through their text, from the target's to its own and back.
  std::function<Tokens(const Tokens& ids)> to_assistant{}, to_target{};
  Tokens eos_token_id{};  ///< then: the ids that end a draft
};

/// What the caller may hang into the loop. Everything may be empty.
struct DecodeHooks {
  /// After each step: the token every row received, [B·R].
  std::function<void(std::span<const TokenId>)> on_tokens{};
  /// Asked once a step; true ends the generation (Ctrl-C).
  std::function<bool()> should_stop{};
  /// Further processors, after the configuration's and before the sampling ones.
  Processors processors{};
  /// prefix_allowed_tokens_fn: which tokens may follow `ids` in a row of prompt `prompt`.
  std::function<Tokens(std::size_t prompt, std::span<const TokenId> ids)> prefix_allowed_tokens{};
  /// A further stopping criterion: true when the row is finished.
  std::function<bool(std::span<const TokenId> ids)> is_finished{};
  /// Text of token ids for stop_strings; outlives the call.
  const StopText* stop_text = nullptr;
  /// The model again, started with the negative prompts (guidance_scale); outlives the call.
  Stepper* unconditional = nullptr;
  /// Who drafts in assisted decoding, where prompt lookup does not; outlives the call.
  const Assistant* assistant = nullptr;
  /// Greedy decoding and sampling of one text may draft tokens from the text itself: the same
  /// answer, in fewer steps where it repeats something. REQUIRES: logits do not depend on how many
  /// tokens a step has.
  bool lookup = false;
  /// The same by somebody else's drafts, where the text gives no long one; outlives the call.
  Drafter* drafter = nullptr;
  /// The model's number of layers, and whether its head is its embedding (DoLa).
  std::size_t layers = 0;
  bool tied_embeddings = true;
  /// Rounds its log-probabilities to the model's dtype; empty: float32.
  std::function<void(std::span<float>)> round_to_dtype{};
  /// The vocabulary of the model's config, where the logits have other columns (watermark).
  std::size_t config_vocabulary = 0;
  /// Sees every step; nullptr: nobody watches, nothing is computed for it. Outlives the call.
  Tracer* tracer = nullptr;
  /// Counts how top_p found its cuts; outlives the call.
  Selections* selections = nullptr;
  /// Seconds; the steady clock when empty (max_time).
  std::function<double()> clock{};
  /// Greedy decoding and sampling: a row whose scores become NaN, or for which every token is
  /// forbidden, ends with an error of its own (row_errors, then padding) and the rest of the batch
  /// goes on. Off, as in the reference, the whole call fails. On when serving.
  bool rows_fail_alone = false;
};

/// Chooses tokens until every row is finished, with the loop that `config.mode` names.
///
/// `model` holds the B prompts, not computed yet. REQUIRES: `config` was resolved for them.
/// Throws Error(failed) when a row cannot be sampled, Error(unsupported) naming a mode that this
/// version does not have.
DecodeOutput decode(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
                    Generator& random, const DecodeHooks& hooks = {});

/// The attention mask the reference infers when none is given: 0 where an id is the pad token,
/// unless that is also an end token, or nobody knows it; then all ones.
std::vector<std::vector<std::uint8_t>> infer_mask(const std::vector<Tokens>& ids,
                                                  const EffectiveConfig& config);

}  // namespace typecase
