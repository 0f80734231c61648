#include "generation_fields.h"

namespace typecase::cli {
namespace {

using enum FieldKind;

// The words of the reference's GenerationConfig; docs/decoding.md has the formulas.
constexpr FieldOption kFields[] = {
    {"max_new_tokens", integer, "N", "tokens to generate at most", true},
    {"min_new_tokens", integer, "N", "no end of sequence before so many", true},
    {"do_sample", boolean, "", "draw tokens instead of taking the best", true},
    {"temperature", number, "T", "divides the logits before sampling", true},
    {"top_k", integer, "K", "sample among the K best; 0: all", true},
    {"top_p", number, "P", "... among the best that reach probability P", true},
    {"min_p", number, "P", "... among those of at least P times the best", true},
    {"repetition_penalty", number, "R", "above 1: tokens that occurred get rarer", true},
    {"num_beams", integer, "N", "beam search of this width", true},
    {"num_return_sequences", integer, "N", "continuations for each prompt", true},
    {"stop_strings", words, "TEXT", "end behind this text; may be given again", true},
    {"eos_token_id", id_list, "ID", "end of sequence: an id or [id, ...]", true},

    {"max_length", integer, "N", "the same, prompt included"},
    {"min_length", integer, "N", "prompt included"},
    {"max_time", number, "SECONDS", "stop after this time"},
    {"early_stopping", early_stopping, "true|false|never", "when beams are finished"},
    {"length_penalty", number, "L", "beam score = sum of log p / length^L"},
    {"typical_p", number, "P", "locally typical sampling"},
    {"top_h", number, "H", "keep the best while their entropy is below H times the whole"},
    {"epsilon_cutoff", number, "E", "drop tokens less probable than this"},
    {"eta_cutoff", number, "E", "the same, with a bound that follows the entropy"},
    {"no_repeat_ngram_size", integer, "N", "no N-gram occurs twice"},
    {"encoder_repetition_penalty", number, "R", "above 1: tokens outside the prompt get rarer"},
    {"encoder_no_repeat_ngram_size", integer, "N", "no N-gram of the prompt occurs again"},
    {"bad_words_ids", json, "[[ID]]", "sequences that must not appear"},
    {"sequence_bias", json, "[[[ID],B]]", "adds B to what completes a sequence"},
    {"suppress_tokens", id_list, "[ID]", "tokens that never appear"},
    {"begin_suppress_tokens", id_list, "[ID]", "... not as the first"},
    {"forced_bos_token_id", integer, "ID", "the first token"},
    {"forced_eos_token_id", id_list, "ID", "the last token at the length limit"},
    {"exponential_decay_length_penalty", json, "[N,F]", "from N tokens on the end gets likelier"},
    {"guidance_scale", number, "G", "classifier-free guidance"},
    {"remove_invalid_values", boolean, "", "replace NaN and infinity"},
    {"renormalize_logits", boolean, "", "log-softmax after the processors"},
    {"watermarking_config", json, "{...}", "mark the text: greenlist_ratio, bias, ..."},
    {"token_healing", boolean, "", "let the last prompt token be completed"},
    {"bos_token_id", integer, "ID", "begin of sequence"},
    {"pad_token_id", integer, "ID", "fills ended rows of a batch"},
    {"decoder_start_token_id", id_list, "ID", "first decoder token of encoder-decoders"},
    {"output_scores", boolean, "", "scores of each step (with --return-dict-in-generate)"},
    {"output_logits", boolean, "", "logits of each step (with --return-dict-in-generate)"},
    {"return_dict_in_generate", boolean, "", "more than the sequences"},
    {"use_cache", boolean, "", "no effect on the tokens"},
    {"penalty_alpha", number, "A", "contrastive search (with --top-k)"},
    {"dola_layers", json, "low|high|[N]", "decoding by contrasting layers"},
    {"num_beam_groups", integer, "N", "diverse beam search"},
    {"diversity_penalty", number, "D", "... how much groups shun each other's tokens"},
    {"constraints", json, "JSON", "what must appear"},
    {"force_words_ids", json, "[[ID]]", "sequences that must appear"},
    {"low_memory", boolean, "", "contrastive search one candidate at a time"},
    {"num_assistant_tokens", integer, "N", "speculation: tokens to propose"},
    {"num_assistant_tokens_schedule", word, "WORD", "constant, heuristic or heuristic_transient"},
    {"assistant_confidence_threshold", number, "P", "speculation: stop proposing below P"},
    {"assistant_early_exit", integer, "LAYER", "speculation by the first layers"},
    {"prompt_lookup_num_tokens", integer, "N", "speculation from the prompt itself"},
    {"max_matching_ngram_size", integer, "N", "... with matches up to this long"},

    // Not in the reference
    {"presence_penalty", number, "P", "taken from tokens that were generated"},
    {"frequency_penalty", number, "P", "the same, for each time"},
    {"logit_bias", json, "{\"ID\":B}", "added to single tokens"},
    {"dry_multiplier", number, "M", "DRY: what repeating a sequence costs; 0: off"},
    {"dry_base", number, "B", "... times B for each further token"},
    {"dry_allowed_length", integer, "N", "... from this length on"},
    {"dry_sequence_breakers", id_list, "[ID]", "... tokens that end a sequence"},
    {"top_n_sigma", number, "N", "sample within N standard deviations of the best"},
    {"xtc_probability", number, "P", "XTC: how often top choices are excluded"},
    {"xtc_threshold", number, "P", "... which are those of at least P"},
    {"mirostat_tau", number, "BITS", "mirostat: surprise to aim at (with --top-k 0)"},
    {"mirostat_eta", number, "E", "... how fast its bound follows"},
};

}  // namespace

std::span<const FieldOption> field_options() { return kFields; }

}  // namespace typecase::cli
