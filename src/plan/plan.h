#pragma once

#include "tensor/tensor.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

/// The network as data. A model family reads config and weights and returns a Plan; executors run
/// it. Nothing here computes. r(·) below is rounding to the plan's dtype (specs: rounding points).
namespace typecase {

/// A vector of the checkpoint: element i is stored element rows[i] (empty `rows`: all in order).
struct Vector {
  Tensor stored;
  std::vector<std::int32_t> rows{};
  bool empty() const noexcept { return stored.empty(); }
  std::int64_t size() const noexcept;
};

/// W of y = W·x: [out, in], over bytes that may lie otherwise in the file. Fused projections and
/// permuted heads are views: output i is stored output rows[i].
struct Matrix {
  Tensor stored;
  bool in_out = false;               ///< `stored.shape` is [in, out] (GPT-2's Conv1D)
  std::vector<std::int32_t> rows{};  ///< empty: all outputs in order
  bool empty() const noexcept { return stored.empty(); }
  std::int64_t out() const noexcept;
  std::int64_t in() const noexcept;
};

/// y = r(W·x + b), accumulated in float32, the bias added before the rounding.
struct Linear {
  Matrix weight{};
  Vector bias{};
  bool empty() const noexcept { return weight.empty(); }
};

/// none: y = x.
/// layer: r((x − μ)·rstd·w + b), statistics in float32.
/// rms, w·r(x·rsqrt(mean(x²) + ε)): `rounded_twice` (Llama); r(x·rsqrt(…)·w): `rounded_once`
/// (OLMo 2); r(x·rsqrt(…)·(1 + w)): `one_plus_weight` (Gemma).
struct Norm {
  enum class Kind { none, layer, rms };
  enum class Rounding { rounded_twice, rounded_once, one_plus_weight };
  Kind kind = Kind::none;
  Vector weight{};
  Vector bias{};
  float eps = 0;
  Rounding rounding = Rounding::rounded_twice;
  bool empty() const noexcept { return kind == Kind::none; }
};

enum class Activation {
  relu,
  relu2,
  silu,
  gelu,
  gelu_new,
  gelu_pytorch_tanh,
  gelu_fast,
  quick_gelu,
  bloom_gelu,
  sigmoid,
  tanh,
  identity,
};

/// Rotary positions. Su et al. 2021, arXiv:2104.09864.
///
///     angle_i = position · inv_freq_i ,   (cos, sin) = r((cos angle, sin angle) · scaling)
///     q' = r(r(q·cos) + r(rot(q)·sin))
///
/// inv_freq has rotated_dim / 2 entries, scaling already applied.
struct Rope {
  enum class Layout { halves, interleaved };
  struct Table {
    std::vector<float> inv_freq;
    float scaling = 1;  ///< "attention scaling" of yarn and longrope
  };
  Layout layout = Layout::halves;
  int rotated_dim = 0;  ///< the first dims of each head; the rest pass
  Table table{};
  /// longrope: used instead of `table` when the row's rotary_length exceeds `long_above`.
  std::optional<Table> long_table{};
  std::int64_t long_above = 0;
  /// dynamic NTK: above `dynamic_above` the base grows with the row's rotary_length L:
  /// θ' = θ·((factor·L/dynamic_above) − (factor − 1))^(d/(d−2)).
  bool dynamic = false;
  std::int64_t dynamic_above = 0;
  double theta = 10000, factor = 1;
  bool rounded_tables = true;    ///< false: cos and sin stay float32 (OLMo 2)
  bool rounded_products = true;  ///< false: only the sum is rounded (OLMo 2, Cohere)

  /// The frequencies in force for a row whose rotary_length is `length`.
  Table table_at(std::int64_t length) const;
};

/// score += slope_h · position of the key. Press et al. 2021, arXiv:2108.12409.
struct Alibi {
  std::vector<float> slopes;  // [heads]
  bool scaled = false;        ///< multiplied by the attention's scale too (Falcon)
  bool bfloat16 = false;      ///< slope and product are rounded to it, whatever the dtype (Falcon)

  /// Slopes of Press et al.: 2^(−8h/n), h = 1 … n, for n heads, n a power of two; further heads
  /// take every second one of the next power's.
  static std::vector<float> slopes_of(int heads);
  /// What is added to the score of head `h` for a key at `position`.
  float bias(std::size_t h, std::int32_t position, float scale) const;
};

/// score += table[bucket(key slot − query slot)][head]. T5: Raffel et al. 2019, arXiv:1910.10683.
///
/// Distances below e are buckets of their own, larger ones share buckets by their logarithm:
///     bucket(d) = d for d < e ,   else min(e + ⌊(n − e) · ln(d / e) / ln(max_distance / e)⌋, n −
///     1)
/// One direction: d = query − key (0 for later keys), n = buckets, e = n / 2. Bidirectional: the
/// same over |d| with n = buckets / 2, later keys in the second half.
struct RelativeBias {
  Tensor table;  // [buckets, heads]
  int buckets = 32;
  int max_distance = 128;
  bool bidirectional = false;

  /// The bucket of a key `distance` = key slot − query slot away.
  int bucket(std::int32_t distance) const;
};

using Position = std::variant<std::monostate, Rope, Alibi, RelativeBias>;

///     q, k, v = W_q n, W_k n, W_v n        [rows, heads · head_dim], k and v: [rows, kv_heads ·
///     head_dim] scores  = scale · q·kᵀ (+ position bias), capped, masked y       = W_o ·
///     (softmax(scores) · v)
struct Attention {
  enum class Kind { causal, bidirectional, cross };
  enum class Implementation { sdpa, eager };
  enum class HeadNorm {
    per_head,
    whole
  };  ///< over each head_dim, or over all heads at once (OLMo 2)

  Linear q_proj{}, k_proj{}, v_proj{}, o_proj{};
  int heads = 0, kv_heads = 0, head_dim = 0;
  Norm q_norm{}, k_norm{};
  HeadNorm head_norm = HeadNorm::per_head;
  std::vector<Norm> q_norms{}, k_norms{};  ///< or a norm of its own for each head
  Position position{};
  float scale = 1;
  bool scaled_query = false;  ///< q = r(q · scale) before the product instead (OPT)
  float softcap = 0;          ///< > 0: cap · tanh(score / cap)
  int window = 0;             ///< > 0: key slot visible iff key > query − window
  Kind kind = Kind::causal;
  Implementation implementation = Implementation::sdpa;
  bool float32_scores = false;  ///< eager: q·k not rounded (GPT-J, GPT-Neo)
  Vector sinks{};               ///< [heads]: an extra score that takes mass and gives nothing
};

///     y = W_down · f(W_up n)                      without gate
///     y = W_down · r(f(W_gate n) · W_up n)        with gate
struct Mlp {
  Linear gate_proj{}, up_proj{}, down_proj{};
  Activation activation = Activation::silu;
};

///     p = softmax(W_router n);  y = Σ_{i ∈ top-k} p_i · mlp_i(n)  (+ sigmoid(W_g n) · shared(n))
/// Sums run over experts in ascending order of their number, each term rounded (the reference's
/// index_add).
struct Experts {
  Linear router{};
  int per_token = 0;
  bool normalise_top_k = false;  ///< the chosen p are divided by their sum
  bool rounded_shares = true;    ///< p is rounded to the dtype before it multiplies (not: Mixtral)
  std::vector<Mlp> experts{};
  std::optional<Mlp> shared{};
  Linear shared_gate{};
};

/// One layer: how its sublayers meet the residual stream x.
///
///   sequential, pre-norm (default):
///     x = r(x + m · after_attention_norm(attention(attention_norm(x))))
///     x = r(x + m · after_mlp_norm(mlp(mlp_norm(x))))
///   parallel:   x = r(x + r(attention(attention_norm(x)) + mlp(mlp_norm(x))))   in `sum_order`
///   post-norm:  x = attention_norm(r(x + attention(x))), the same for the mlp and its norm
/// m = residual_multiplier.
///
/// In a float16 plan some sums may stay float32, r(x) = x: from_mlp, W_down, its product and the
/// sum after it; all, the sums before it too (T5: what is added to a float32 stream is float32).
struct Block {
  enum class Float32Sums { none, from_mlp, all };
  enum class Arrangement { sequential, parallel };
  enum class SumOrder { attention_mlp_residual, mlp_attention_residual, residual_attention_mlp };

  Norm attention_norm{};
  Attention attention{};
  Norm after_attention_norm{};
  Norm cross_attention_norm{};
  std::optional<Attention> cross_attention{};
  Norm mlp_norm{};  ///< none in a parallel block: the mlp shares attention_norm's output
  std::variant<Mlp, Experts> mlp{};
  Norm after_mlp_norm{};

  Arrangement arrangement = Arrangement::sequential;
  SumOrder sum_order = SumOrder::attention_mlp_residual;
  bool post_norm = false;
  bool residual_from_normed =
      false;  ///< the residual is the normed input (Bloom's and BERT-like option)
  float residual_multiplier = 1;
  Float32Sums float32_sums = Float32Sums::none;

  /// The dtype of the sums before the mlp, and of W_down and what follows, in a plan of `dtype`.
  DType attention_sums(DType dtype) const noexcept;
  DType mlp_sums(DType dtype) const noexcept;
};

///     x = norm(project_in(r(tokens[id] · scale)) (+ token_types[0]) (+ positions[position +
///     offset]))      each sum rounded
struct Embedding {
  Tensor tokens{};  // [vocabulary, embedding_dim]
  float scale = 1;
  bool rounded_scale = false;  ///< r(scale) multiplies instead (Gemma)
  Linear project_in{};         ///< embedding_dim → hidden; empty: they are equal
  Tensor positions{};          // [n, hidden], or empty
  int position_offset = 0;
  /// > 0: positions are computed instead, and there are this many. Vaswani et al. 2017,
  /// arXiv:1706.03762, sines in the first half, cosines in the second:
  ///     angle_i = position / 10000^(2i / hidden) ,  i < hidden / 2
  std::int64_t sinusoids = 0;
  Tensor token_types{};  // [n, hidden], or empty: row 0 is added
  Norm norm{};
};

///     logits = cap(scale · (W · r(m · norm(x)) + b)), x first through project_out, or transform
struct Head {
  Norm norm{};
  float hidden_scale = 1;  ///< m: what the projection reads is multiplied by it (T5: 1/√hidden)
  Linear project_out{};    ///< hidden → embedding_dim (OPT-350m)
  Linear transform{};      ///< masked-word heads: norm(activation(W x + b))
  Activation transform_activation = Activation::gelu;
  Norm transform_norm{};
  Linear lm_head{};  ///< empty: the hidden states themselves are the result
  float scale = 1;
  float softcap = 0;
};

/// The row of Embedding::sinusoids for a position.
void sinusoid(std::int64_t position, std::span<float> out) noexcept;

/// Embedding and blocks: a decoder, or the encoder of an encoder–decoder.
struct Stack {
  Embedding embedding{};
  std::vector<Block> blocks{};
};

/// Where a row's position number comes from when the caller gives a mask: visible slots before it;
/// its slot; ids up to and with it that are not the pad id, 0 for that one.
enum class PositionSource { mask, slot, non_pad_ids };

struct Plan {
  std::string architecture;      ///< "LlamaForCausalLM": for messages only, never for branches
  DType dtype = DType::float32;  ///< arithmetic: float32, bfloat16 or float16
  std::int64_t hidden_size = 0;
  std::int64_t vocabulary = 0;  ///< rows of the embedding: ids must be below
  std::int64_t max_positions =
      0;  ///< learned positions: first position that does not exist; 0: no such end
  PositionSource position_source = PositionSource::mask;
  std::int32_t pad_token_id = -1;  ///< for PositionSource::non_pad_ids
  /// > 0: at the step when the ids, padding counted, first become more than this, the cache is
  /// thrown away and all of them are computed afresh: keys of the new rotary regime (Phi-3).
  std::int64_t recompute_above = 0;
  std::optional<Stack> encoder{};
  Norm encoder_norm{};
  Stack decoder{};
  Head head{};
};

/// Whether every token sees every other one: such a plan reads whole texts and writes none.
bool is_bidirectional(const Plan& plan);

/// Distinct parameters of the plan, tied ones counted once: the reference's num_parameters().
std::int64_t num_parameters(const Plan& plan);

}  // namespace typecase
