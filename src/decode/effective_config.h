#pragma once

#include "decode/own_filters.h"

#include <typecase/generation_config.h>
#include <typecase/token.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace typecase {

/// Which loop chooses the tokens.
enum class Mode {
  greedy,
  sample,
  beam,
  beam_sample,
  group_beam,
  constrained_beam,
  contrastive,
  assisted,
  dola,
};
std::string_view name_of(Mode mode);

/// When a beam search ends: `no` by a heuristic on the current length, `yes` as soon as there are
/// enough finished hypotheses, `never` only when no open one can become better.
enum class EarlyStopping { no, yes, never };

/// What resolution must know of the model and the call.
struct ModelFacts {
  std::size_t prompt_length = 0;  ///< P, left padding included
  std::size_t batch = 1;
  std::size_t vocabulary = 0;                            ///< columns of the logits
  std::optional<std::size_t> max_position_embeddings{};  ///< of the top-level config
  bool has_tokenizer = false;
  bool is_encoder_decoder = false;
  bool mask_given = false;
  bool right_padded = false;   ///< some row's last slot is padding
  bool has_prompt_ids = true;  ///< real ids, not embeddings
  bool streams = false;        ///< a streamer was passed
  bool has_assistant = false;
  EncodeText encode{};  ///< for logit_bias by text; empty: no tokenizer
};

/// A watermark: raises a pseudo-random part of the vocabulary that depends on the text before.
/// Kirchenbauer et al. 2023, arXiv:2301.10226, arXiv:2306.04634.
struct Watermarking {
  double greenlist_ratio = 0.25;
  double bias = 2.0;
  std::int64_t hashing_key = 15485863;
  bool selfhash = false;
  std::size_t context_width = 1;
};

/// Token ids and what is added to the score of the last one after the others.
struct SequenceBias {
  Tokens ids;
  double bias;
};

/// The configuration that acts: every field with its value, checked. Names and meaning are the
/// reference's; a field that is off is empty (or has the value that does nothing).
struct EffectiveConfig {
  Mode mode = Mode::greedy;

  // Length, in slots: P + new tokens.
  std::size_t prompt_length = 0;
  std::size_t max_length = 20;
  std::size_t min_length = 0;
  std::optional<std::size_t> min_new_tokens{};
  std::optional<double> max_time{};  ///< seconds
  std::vector<std::string> stop_strings{};
  std::optional<std::size_t> max_position_embeddings{};

  // Mode
  bool do_sample = false;
  std::size_t num_beams = 1;
  std::size_t num_return_sequences = 1;
  EarlyStopping early_stopping = EarlyStopping::no;
  double length_penalty = 1.0;

  // Retired by the reference, offered here; each acts in its mode only
  std::size_t num_beam_groups = 1;
  double diversity_penalty = 0;
  std::vector<std::vector<Tokens>> force_words_ids{};  ///< [constraint][alternative]
  double penalty_alpha = 0;
  std::size_t contrastive_top_k = 0;  ///< `top_k` as the number of candidates
  std::string dola_preset{};          ///< "low", "high", or "": the layers that follow
  std::vector<std::size_t> dola_layers{};

  // Assisted
  std::optional<std::size_t> prompt_lookup_num_tokens{};
  std::size_t max_matching_ngram_size = 2;
  std::optional<std::size_t> assistant_early_exit{};
  std::optional<double> assistant_ensemble_weight{};

  // Sampling only
  std::optional<double> temperature{};
  std::optional<double> top_h{};
  std::optional<std::size_t> top_k{};
  std::optional<double> top_p{};
  std::optional<double> min_p{};
  std::optional<double> typical_p{};
  std::optional<double> epsilon_cutoff{};
  std::optional<double> eta_cutoff{};

  // Always
  std::optional<double> guidance_scale{};
  std::vector<SequenceBias> sequence_bias{};
  std::optional<double> encoder_repetition_penalty{};
  std::optional<double> repetition_penalty{};
  std::size_t no_repeat_ngram_size = 0;
  std::size_t encoder_no_repeat_ngram_size = 0;
  std::vector<Tokens> bad_words_ids{};
  std::optional<TokenId> forced_bos_token_id{};
  Tokens forced_eos_token_id{};
  bool remove_invalid_values = false;
  std::optional<std::pair<std::int64_t, double>> exponential_decay_length_penalty{};
  Tokens suppress_tokens{};
  Tokens begin_suppress_tokens{};
  std::optional<Watermarking> watermarking_config{};
  bool renormalize_logits = false;
  bool token_healing = false;
  OwnFilters own{};  ///< what the reference does not have

  // Outputs
  bool return_dict_in_generate = false;
  bool output_scores = false;
  bool output_logits = false;
  bool output_attentions = false;
  bool output_hidden_states = false;

  // Ids
  std::optional<TokenId> bos_token_id{};
  Tokens eos_token_id{};
  std::optional<TokenId> pad_token_id{};  ///< the first EOS id where nobody sets one
  Tokens decoder_start_token_id{};        ///< one for all rows, or one a row

  // No effect on the tokens
  bool use_cache = true;
  std::optional<std::size_t> prefill_chunk_size{};

  /// Every field after resolution, as JSON: what the typed fields above were read from.
  GenerationConfig all{};
};

/// The reference's resolution: unset fields of `config_object` are taken from `model_defaults`,
/// then from the global defaults; `keywords` overwrite, null included. Lengths are settled for the
/// prompt of `facts`. Sentences for the user are added to `warnings` (each once).
///
/// Throws Error(invalid_argument) for what the reference refuses, naming the field; `facts.batch`
/// empty prompts are the caller's to replace by one bos token each (see require_bos()).
EffectiveConfig resolve(const GenerationConfig& keywords, const GenerationConfig* config_object,
                        const GenerationConfig& model_defaults, const ModelFacts& facts,
                        std::vector<std::string>* warnings);

/// The fields before they are read and checked against the prompt: resolution without lengths.
GenerationConfig merge(const GenerationConfig& keywords, const GenerationConfig* config_object,
                       const GenerationConfig& model_defaults, std::vector<std::string>* warnings);

/// The id an empty prompt starts with. Throws Error(invalid_argument) when none is known.
TokenId require_bos(const GenerationConfig& merged);

}  // namespace typecase
