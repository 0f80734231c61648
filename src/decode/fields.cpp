#include "decode/fields.h"

namespace typecase {
namespace {

// The table of docs/decoding.md: what acts if neither call, config object nor model says anything.
constexpr KnownField kFields[] = {
    // length
    {"max_length", "20"},
    {"max_new_tokens"},
    {"min_length", "0"},
    {"min_new_tokens"},
    {"early_stopping", "false"},
    {"max_time"},
    {"stop_strings"},
    // mode
    {"do_sample", "false"},
    {"num_beams", "1"},
    {"use_mtp"},
    // cache
    {"use_cache", "true"},
    {"cache_implementation"},
    {"cache_config"},
    {"max_cache_len"},
    // scores
    {"temperature", "1.0"},
    {"top_k", "50"},
    {"top_p", "1.0"},
    {"min_p"},
    {"top_h"},
    {"typical_p", "1.0"},
    {"epsilon_cutoff", "0.0"},
    {"eta_cutoff", "0.0"},
    {"repetition_penalty", "1.0"},
    {"encoder_repetition_penalty", "1.0"},
    {"length_penalty", "1.0"},
    {"no_repeat_ngram_size", "0"},
    {"bad_words_ids"},
    {"renormalize_logits"},
    {"forced_bos_token_id"},
    {"forced_eos_token_id"},
    {"remove_invalid_values", "false"},
    {"exponential_decay_length_penalty"},
    {"suppress_tokens"},
    {"begin_suppress_tokens"},
    {"sequence_bias"},
    {"token_healing"},
    {"guidance_scale"},
    {"watermarking_config"},
    // outputs
    {"num_return_sequences", "1"},
    {"output_attentions"},
    {"output_hidden_states"},
    {"output_scores", "false"},
    {"output_logits"},
    {"return_dict_in_generate", "false"},
    // ids
    {"pad_token_id"},
    {"bos_token_id"},
    {"eos_token_id"},
    {"encoder_no_repeat_ngram_size", "0"},
    {"decoder_start_token_id"},
    // assisted
    {"is_assistant"},
    {"num_assistant_tokens", "20"},
    {"num_assistant_tokens_schedule", "\"constant\""},
    {"assistant_confidence_threshold", "0.4"},
    {"prompt_lookup_num_tokens"},
    {"max_matching_ngram_size"},
    {"assistant_early_exit"},
    {"assistant_lookbehind", "10"},
    {"target_lookbehind", "10"},
    {"assistant_ensemble_weight"},
    {"speculation_type"},
    // performance
    {"compile_config"},
    {"disable_compile"},
    {"continuous_batching_config"},
    // retired there, offered here
    {"low_memory"},
    {"penalty_alpha"},
    {"dola_layers"},
    {"diversity_penalty", "0.0"},
    {"num_beam_groups", "1"},
    {"constraints"},
    {"force_words_ids"},
    {"prefill_chunk_size"},
    {"transformers_version"},
    {"_from_model_config"},
};

}  // namespace

std::span<const KnownField> known_fields() { return kFields; }

}  // namespace typecase
