#pragma once

#include <typecase/embedding.h>
#include <typecase/error.h>
#include <typecase/generation_config.h>
#include <typecase/generator.h>
#include <typecase/json.h>
#include <typecase/score.h>
#include <typecase/selections.h>
#include <typecase/token.h>
#include <typecase/tokenizer.h>
#include <typecase/trace.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace typecase {

/// How a model is to be loaded. The defaults are those of from_pretrained().
struct ModelOptions {
  std::string dtype = "auto";                ///< auto, float32, bfloat16, float16
  std::string attn_implementation = "auto";  ///< auto (the family's default), sdpa, eager
  std::string device = "auto";               ///< auto, cpu
  int threads = 0;                           ///< 0: as many as the process may use
  /// on, off: whether bfloat16 matrices are kept in twelve bits a weight, without loss (processors
  /// with AVX-512 BF16). The same results; one sequence or four are faster, many at once and long
  /// prompts slower. auto: with one_text.
  std::string recode = "auto";
  /// on, off: whether greedy decoding and sampling of one text draft tokens where the text repeats
  /// itself and check them in one step, as long as that pays. The same tokens, text that copies in
  /// fewer steps. auto: with one_text. (The reference's own prompt lookup is
  /// prompt_lookup_num_tokens.)
  std::string lookup = "auto";
  /// on, off: whether greedy decoding of one text finds the greatest logit by way of a copy of the
  /// head in eight bits a weight: the copy says which few outputs can win, and those are computed
  /// with the head itself. The same tokens; the copy takes a quarter (bfloat16: half) of the head's
  /// memory, and is left out where memory is short or the head has few bits itself.
  /// auto: with one_text, where the copy takes a third at most.
  std::string screen_head = "auto";
  /// on, off: whether greedy decoding and sampling of one text draft with a copy of the model in
  /// eight bits a weight and check the draft in one step. The same tokens; in float32 sooner. Made
  /// after some tokens, left out where memory is short. auto: greedy with one_text and float32
  /// weights.
  std::string self_speculation = "auto";
  /// full: numbers as the reference keeps them. int8: where rows of numbers meet weights of Q8_0,
  /// Q4_0 and Q4_1 they are rounded to eight bits, 32 of them with a scale. Long prompts and
  /// several sequences take half the time, fastest in bfloat16; the results differ, by how much
  /// says docs/divergence.md. Needs AVX-512 with VNNI.
  std::string activations = "full";
  /// Texts are continued one at a time: what `auto` may reckon with.
  bool one_text = false;
  std::string isa{};  ///< "": TYPECASE_ISA, else the best; "reference": the oracle

  /// Whether an option whose `auto` depends on one_text is on.
  bool chosen(const std::string& option) const {
    return option == "on" || (option == "auto" && one_text);
  }
};

/// Masks say which ids are real (1) and which are padding (0), as attention_mask does.
using Mask = std::vector<std::uint8_t>;

class Model;
class PromptCache;

/// One call of generate().
struct GenerateRequest {
  /// [rows][length], all rows of one length (left-padded). Empty: one row of the bos token.
  std::vector<Tokens> input_ids{};
  /// [rows][length], or empty: inferred as the reference does.
  std::vector<Mask> attention_mask{};
  /// For guidance_scale: [rows][length], or empty.
  std::vector<Tokens> negative_prompt_ids{};
  GenerationConfig keywords{};                          ///< fields as keyword arguments
  std::optional<GenerationConfig> generation_config{};  ///< a config object, under the keywords
  /// In place of the model's own generation config, for callers that change it.
  std::optional<GenerationConfig> model_defaults{};

  /// A smaller model that drafts (assisted decoding); outlives the call. With a vocabulary of
  /// another size the two speak through text, for which both need a tokenizer.
  const Model* assistant = nullptr;
  /// Over the assistant's own generation config: how many tokens it drafts.
  GenerationConfig assistant_config{};

  /// Keeps what the call computes for the next one; outlives the call.
  PromptCache* prompt_cache = nullptr;

  /// Greedy decoding and sampling: a row whose scores become NaN, or for which every token is
  /// forbidden, ends with an error of its own (GenerateResult::row_errors, then padding), and the
  /// other rows go on. False, as in the reference: the whole call fails. For servers.
  bool rows_fail_alone = false;

  Generator* generator = nullptr;  ///< nullptr: default_generator()
  /// Called after each step with the token each row received.
  std::function<void(const std::vector<TokenId>&)> on_tokens{};
  std::function<bool()> should_stop{};  ///< polled each step; true ends with what is there

  /// The caller's own rules. What they throw leaves generate() unchanged.
  /// Which ids may follow `ids` in a row of prompt `prompt`; all others are cut.
  std::function<Tokens(std::size_t prompt, std::span<const TokenId> ids)> prefix_allowed_tokens{};
  /// Changes the scores of a step, [rows · vocabulary], after the configuration's processors and
  /// before the sampling ones. `ids`: each row so far, prompt and padding included.
  std::function<void(const std::vector<Tokens>& ids, std::span<float> scores)> process_scores{};
  /// True ends the row, whose last id is new.
  std::function<bool(std::span<const TokenId> ids)> is_finished{};

  std::function<void(const std::string&)> on_warning{};
  trace::Observer observer{};  ///< gets an event for whatever happens in each step
};

/// What generate() returns: prompt and padding included.
struct GenerateResult {
  std::vector<Tokens> sequences{};                        ///< [rows · returned][length]
  std::vector<float> sequences_scores{};                  ///< beams, when output_scores
  std::vector<std::vector<std::int32_t>> beam_indices{};  ///< beams
  std::vector<std::vector<std::vector<float>>> scores{};  ///< [step][row][vocabulary]
  std::vector<std::vector<std::vector<float>>> logits{};  ///< [step][row][vocabulary]
  /// On request (output_hidden_states, output_attentions, with return_dict_in_generate), where each
  /// step is one forward pass: greedy decoding, sampling, beams. [step][layer][row][…]; the first
  /// step covers the prompt. Hidden states: [q · hidden], the embedding's output first, the final
  /// norm's last. Attentions: [head · q · kv], eager attention only. Masked slots in front are
  /// zero.
  using States = std::vector<std::vector<std::vector<std::vector<float>>>>;
  States hidden_states{};
  States attentions{};
  bool return_dict =
      false;  ///< the effective return_dict_in_generate: whether to show more than sequences
  bool stopped = false;  ///< should_stop ended it
  /// With rows_fail_alone [rows · returned], else empty: why a row ended early.
  std::vector<std::optional<Error>> row_errors{};
  Selections selections{};
};

/// A language model, with its tokenizer and defaults.
///
/// Opening maps and validates the files. A first computation of few tokens reads the weights from
/// them; weights are packed at the second one (or by prepare()). Movable. Not for use from two
/// threads at once.
class Model {
 public:
  /// `path`: a folder with config.json, or a .gguf file.
  /// Throws Error: not_found, access_denied, bad_file, unsupported, limit, invalid_argument.
  static Model open(const std::string& path, const ModelOptions& options = {});
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  const std::string& path() const noexcept;
  std::string_view architecture() const noexcept;  ///< "LlamaForCausalLM"
  std::string_view dtype() const noexcept;         ///< of the arithmetic: "float32" …
  std::string backend() const;                     ///< "cpu avx512, 2 threads"; prepares
  std::int64_t num_parameters() const;
  std::int64_t vocabulary() const noexcept;  ///< columns of the logits
  /// The longest text it was trained for (config.json's max_position_embeddings or n_positions).
  std::optional<std::size_t> max_length() const noexcept;
  /// Encoder and decoder: what is generated is a text of its own and does not continue the prompt.
  bool has_encoder() const noexcept;
  const Json& config() const noexcept;
  const GenerationConfig& generation_config() const noexcept;  ///< the file's defaults
  const std::vector<std::string>& warnings() const noexcept;   ///< found while loading

  /// The tokenizer beside the weights, loaded at the first call. Throws Error(not_found) when the
  /// model has none, and whatever reading it throws.
  const Tokenizer& tokenizer() const;

  /// Packs the weights now. Throws Error(out_of_memory), Error(unsupported), Error(io).
  void prepare() const;
  /// In place of prepare() where the first token is waited for: makes ready what a first
  /// computation of a short text needs, with the tokenizer beside it (what reading that throws
  /// comes at its first use). Throws as prepare().
  void prepare_first() const;

  /// Throws Error(invalid_argument) for what the reference refuses, Error(failed) for NaN
  /// probabilities while sampling.
  GenerateResult generate(const GenerateRequest& request) const;

  /// Logits at every position: [row][position][vocabulary]. Masked positions are computed too.
  /// Of a model with encoder and decoder at every position of `decoder_input_ids`: the encoder
  /// reads `input_ids`, and the mask is theirs.
  std::vector<std::vector<std::vector<float>>> logits(
      const std::vector<Tokens>& input_ids, const std::vector<Mask>& attention_mask = {},
      const std::vector<Tokens>& decoder_input_ids = {}) const;

  /// One vector for each text, of a model that reads texts whole (BERT and its kind); texts that
  /// are too long are cut. Throws Error(unsupported) for other models, and for module files whose
  /// pooling cannot be run.
  std::vector<std::vector<float>> embed(const std::vector<std::string>& texts,
                                        const EmbedOptions& options = {}) const;

  /// For each mask in `text` (written as the tokenizer's mask token: [MASK], <mask>) the `top_k`
  /// most probable words, best first. Throws Error(failed) for a text without a mask,
  /// Error(unsupported) for a model without a head for masked words.
  std::vector<std::vector<MaskedWord>> fill(const std::string& text, std::size_t top_k = 5) const;

  /// ln p of every token of `ids` given those before it; nothing is added to them.
  /// Throws Error(invalid_argument) for no tokens, unknown ids, or a stride outside its range.
  TextScore score(const Tokens& ids, const ScoreOptions& options = {}) const;

  /// What `typecase show` prints: architecture, parameters, dtype, files, tokenizer, defaults,
  /// memory needed. Keys are stable.
  Json summary() const;

  struct Parts;  ///< the library's own: src/engine/loaded_model.h

 private:
  friend class PromptCache;
  explicit Model(std::unique_ptr<Parts> parts) noexcept;
  std::unique_ptr<Parts> parts_;
};

}  // namespace typecase
