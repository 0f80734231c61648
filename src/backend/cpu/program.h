#pragma once

#include "backend/cpu/packer.h"

#include <memory>
#include <optional>
#include <vector>

/// A Plan made ready for the CPU: words checked, sizes known, weights ready to be packed.
namespace typecase::cpu {

/// Dimensions of the widest head that runs: norms over single heads work in a buffer of this size.
inline constexpr int kWidestHead = 1024;

struct LinearOp {
  const PackedMatrix* weight = nullptr;
  std::vector<float> bias;       // padded, or empty
  DType dtype = DType::float32;  // of the result
  bool empty() const noexcept { return weight == nullptr; }
  const float* bias_data() const noexcept { return bias.empty() ? nullptr : bias.data(); }
};

struct NormOp {
  std::vector<float> weight, bias;  // padded; `words` points into them
  NormWords words;
  bool empty() const noexcept { return words.kind == Norm::Kind::none; }
};

struct AttentionOp {
  LinearOp q_proj, k_proj, v_proj, o_proj;
  NormOp q_norm, k_norm;
  std::vector<NormOp> q_norms, k_norms;  // a head's own, or empty
  int heads = 0, kv_heads = 0, head_dim = 0;
  int rope = -1;      // which of Program::ropes, −1: none
  int alibi = -1;     // which of Program::alibis
  int relative = -1;  // which of Program::relatives
  Attention::Kind kind = Attention::Kind::causal;
  float scale = 1, softcap = 0;
  bool scaled_query = false, eager = false, float32_scores = false, whole_norm = false;
  int window = 0;
  std::size_t cache_offset = 0;  // of this layer's first key head in a cache (or memory) block
  std::size_t key_bytes = 0, value_bytes = 0;  // of one head in a cache block
};

struct MlpOp {
  LinearOp gate_proj, up_proj, down_proj;
  Activation activation = Activation::silu;
};

/// A mixture of experts; `experts` is empty where a block has a plain MLP.
struct ExpertsOp {
  LinearOp router, shared_gate;
  std::vector<MlpOp> experts;
  std::optional<MlpOp> shared;
  int per_token = 0;
  bool normalise = false, rounded_shares = true;
};

struct BlockOp {
  NormOp attention_norm, after_attention_norm, mlp_norm, after_mlp_norm;
  AttentionOp attention;
  NormOp cross_attention_norm;
  std::optional<AttentionOp> cross_attention;
  MlpOp mlp;
  ExpertsOp experts;
  bool parallel = false, post_norm = false, residual_from_normed = false;
  Block::SumOrder sum_order = Block::SumOrder::attention_mlp_residual;
  float multiplier = 1;
  DType attention_sums = DType::float32, mlp_sums = DType::float32;
};

struct EmbeddingOp {
  const PackedMatrix* tokens = nullptr;
  const PackedMatrix* positions = nullptr;
  int position_offset = 0;
  bool sinusoidal = false;
  float scale = 1;
  std::vector<float> token_type;  // row 0, padded, or empty
  LinearOp project_in;
  NormOp norm;
};

struct Program {
  /// Throws as Packer::reserve().
  Program(const Plan& plan, int threads, Layouts layouts);

  /// The encoder of an encoder–decoder: embedding, blocks and head_norm; its weights lie in ours.
  std::unique_ptr<Program> encoder;
  bool bidirectional = false;  ///< sequences are computed whole

  DType dtype = DType::float32;
  int hidden = 0;
  EmbeddingOp embedding;
  std::vector<BlockOp> blocks;
  NormOp head_norm;
  LinearOp project_out;
  LinearOp lm_head;
  LinearOp transform;
  NormOp transform_norm;
  Activation transform_activation = Activation::gelu;
  float hidden_scale = 1, head_scale = 1, head_softcap = 0;
  std::vector<Rope> ropes;
  /// With the scale that multiplies the bias. Key i's position is i.
  struct ScaledAlibi {
    Alibi alibi;
    float scale = 1;
  };
  std::vector<ScaledAlibi> alibis;
  /// Biases by distance, [head][bucket], rounded to the dtype.
  struct Relative {
    RelativeBias words;
    std::vector<float> table;
    int heads = 0;
  };
  std::vector<Relative> relatives;
  std::size_t cache_block_bytes = 0, memory_block_bytes = 0;
  // The widest of each kind, padded: what the scratch rows must hold.
  int widest_q = 0, widest_kv = 0, widest_mlp = 0, widest_head_dim = 0;
  int widest_stream = 0;  // hidden, or an embedding that is wider
  bool has_experts = false;

  std::shared_ptr<Packer> packer;  ///< of all matrices, the encoder's too
  bool quads = false;              ///< Packer::quads()
  bool eight_bits = false;         ///< in their coarse form: CpuOptions::int8_activations

 private:
  Program(DType type, std::shared_ptr<Packer> shared) : dtype(type), packer(std::move(shared)) {}
  void add_stack(const Plan& plan, const Stack& stack);
  void add_head(const Head& head);
  int relative(const RelativeBias& bias, int heads);
  NormOp norm(const Norm& norm, int n) const;
  LinearOp linear(const Linear& linear) const;
  LinearOp linear(const Linear& linear, DType type) const;
  std::vector<NormOp> norms(const std::vector<Norm>& norms, int n) const;
  AttentionOp attention(const Attention& a);
  MlpOp mlp(const Mlp& mlp, DType down);
  ExpertsOp experts(const Experts& experts);
  BlockOp block(const Block& b);
};

/// Throws Error(unsupported) naming the first word of `plan` that this executor cannot run.
void check_supported(const Plan& plan);

}  // namespace typecase::cpu
