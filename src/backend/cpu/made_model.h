#pragma once

#include "backend/backend.h"
#include "tensor/convert.h"

#include <cmath>
#include <cstring>
#include <deque>
#include <random>
#include <vector>

/// Models with random weights for tests and benchmarks: any shape, any stored format.
namespace typecase {

struct MadeShape {
  int hidden = 64, heads = 4, kv_heads = 2, head_dim = 16, inner = 96, layers = 2, vocabulary = 50;
  bool gpt2 = false;  ///< layer norms, biases, learned positions, no gate; else Llama's shape
  int positions = 128;
  DType stored = DType::float32;  ///< of the matrices
  DType dtype = DType::float32;   ///< of the plan
};

/// Owns the weights its plan names.
class MadeModel {
 public:
  explicit MadeModel(const MadeShape& shape, unsigned seed = 1);

  Plan plan;

  Tensor matrix(DType dtype, std::int64_t rows, std::int64_t columns);
  Tensor vector(std::int64_t n, float mean);

 private:
  float normal() { return std::normal_distribution<float>()(random_); }
  std::vector<std::byte> floats(DType dtype, std::size_t n, float scale);
  std::vector<std::byte> blocks(DType dtype, std::size_t n, float scale);
  Linear linear(int out, int in);
  Norm norm(int n);
  Block block(const MadeShape& s);

  std::mt19937 random_;
  std::deque<Storage> storage_;
  DType stored_;
  bool gpt2_;
};

// Implementation, in the header because the library has no use for it.

/// Bytes of a block at which a float16 scale stands, and how large it is beside the weights.
struct MadeScale {
  std::size_t at;
  float size;
};

inline std::vector<MadeScale> made_scales(DType dtype) {
  switch (dtype) {
    case DType::q8_0:
      return {{0, 1.0f / 73}};
    case DType::q4_0:
      return {{0, 0.2f}};
    case DType::q4_1:
      return {{0, 0.2f}, {2, -1.5f}};
    case DType::q5_0:
      return {{0, 0.1f}};
    case DType::q5_1:
      return {{0, 0.1f}, {2, -1.5f}};
    case DType::q2_k:
      return {{80, 0.07f}, {82, 0.07f}};
    case DType::q3_k:
      return {{108, 0.02f}};
    case DType::q4_k:
      return {{0, 0.0035f}, {2, 0.027f}};
    case DType::q5_k:
      return {{0, 0.0015f}, {2, 0.024f}};
    case DType::q6_k:
      return {{208, 0.0005f}};
    case DType::iq4_nl:
      return {{0, 0.015f}};
    case DType::iq4_xs:
      return {{0, 0.001f}};
    default:
      return {};
  }
}

inline std::vector<std::byte> MadeModel::floats(DType dtype, std::size_t n, float scale) {
  std::vector<std::byte> bytes(n * traits(dtype).block_bytes);
  for (std::size_t i = 0; i < n; ++i) {
    const float value = normal() * scale;
    const std::uint16_t half =
        dtype == DType::bfloat16 ? float_to_bfloat16(value) : float_to_float16(value);
    if (dtype == DType::float32) {
      std::memcpy(&bytes[4 * i], &value, 4);
    } else {
      std::memcpy(&bytes[2 * i], &half, 2);
    }
  }
  return bytes;
}

inline std::vector<std::byte> MadeModel::blocks(DType dtype, std::size_t n, float scale) {
  const auto& t = traits(dtype);
  std::vector<std::byte> bytes(n / t.block_size * t.block_bytes);
  for (auto& b : bytes) b = static_cast<std::byte>(random_() & 255);
  for (std::size_t block = 0; block < bytes.size(); block += t.block_bytes) {
    for (const MadeScale& s : made_scales(dtype)) {
      const float vary = 0.5f + static_cast<float>(random_() % 1024) / 1024;
      const std::uint16_t half = float_to_float16(s.size * scale * vary);
      std::memcpy(&bytes[block + s.at], &half, 2);
    }
  }
  return bytes;
}

inline Tensor MadeModel::matrix(DType dtype, std::int64_t rows, std::int64_t columns) {
  const auto n = static_cast<std::size_t>(rows * columns);
  const float scale = 1 / std::sqrt(static_cast<float>(columns));
  auto bytes = is_quantised(dtype) ? blocks(dtype, n, scale) : floats(dtype, n, scale);
  return storage_.emplace_back("made", dtype, Shape{rows, columns}, std::move(bytes)).tensor();
}

inline Tensor MadeModel::vector(std::int64_t n, float mean) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < n; ++i) values.push_back(mean + 0.1f * normal());
  return storage_.emplace_back("made", Shape{n}, values).tensor();
}

inline Linear MadeModel::linear(int out, int in) {
  Linear l{.weight = {.stored = matrix(stored_, out, in)}};
  if (gpt2_) l.bias = {.stored = vector(out, 0)};
  return l;
}

inline Norm MadeModel::norm(int n) {
  if (!gpt2_) return {.kind = Norm::Kind::rms, .weight = {.stored = vector(n, 1)}, .eps = 1e-5f};
  return {.kind = Norm::Kind::layer,
          .weight = {.stored = vector(n, 1)},
          .bias = {.stored = vector(n, 0)},
          .eps = 1e-5f};
}

inline Block MadeModel::block(const MadeShape& s) {
  const int q = s.heads * s.head_dim, kv = s.kv_heads * s.head_dim;
  Block b{.attention_norm = norm(s.hidden), .mlp_norm = norm(s.hidden)};
  b.attention = {.q_proj = linear(q, s.hidden),
                 .k_proj = linear(kv, s.hidden),
                 .v_proj = linear(kv, s.hidden),
                 .o_proj = linear(s.hidden, q),
                 .heads = s.heads,
                 .kv_heads = s.kv_heads,
                 .head_dim = s.head_dim,
                 .scale = 1 / std::sqrt(static_cast<float>(s.head_dim))};
  Mlp mlp;
  mlp.up_proj = linear(s.inner, s.hidden);
  mlp.down_proj = linear(s.hidden, s.inner);
  mlp.activation = s.gpt2 ? Activation::gelu_new : Activation::silu;
  if (!s.gpt2) {
    mlp.gate_proj = linear(s.inner, s.hidden);
    Rope rope{.rotated_dim = s.head_dim};
    for (int i = 0; i < s.head_dim / 2; ++i) {
      const float exponent = static_cast<float>(2 * i) / static_cast<float>(s.head_dim);
      rope.table.inv_freq.push_back(1 / std::pow(10000.0f, exponent));
    }
    b.attention.position = rope;
  }
  b.mlp = std::move(mlp);
  return b;
}

inline MadeModel::MadeModel(const MadeShape& s, unsigned seed)
    : random_(seed), stored_(s.stored), gpt2_(s.gpt2) {
  plan.architecture = "made";
  plan.dtype = s.dtype;
  plan.hidden_size = s.hidden;
  plan.vocabulary = s.vocabulary;
  plan.decoder.embedding.tokens = matrix(s.stored, s.vocabulary, s.hidden);
  if (s.gpt2) {
    plan.decoder.embedding.positions = matrix(DType::float32, s.positions, s.hidden);
    plan.max_positions = s.positions;
  }
  for (int i = 0; i < s.layers; ++i) plan.decoder.blocks.push_back(block(s));
  plan.head.norm = norm(s.hidden);
  plan.head.lm_head.weight.stored = plan.decoder.embedding.tokens;
}

/// Tokens of one sequence as rows that begin at slot `from`; all ask for logits.
inline std::vector<Row> made_rows(SequenceId sequence, const std::vector<TokenId>& tokens,
                                  int from = 0) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const int slot = from + static_cast<int>(i);
    rows.push_back({.sequence = sequence,
                    .token = tokens[i],
                    .slot = slot,
                    .position = slot,
                    .logits = true,
                    .rotary_length = slot + 1});
  }
  return rows;
}

inline std::vector<TokenId> made_tokens(int n, int vocabulary, unsigned seed = 7) {
  std::mt19937 random(seed);
  std::vector<TokenId> out;
  for (int i = 0; i < n; ++i) {
    out.push_back(static_cast<TokenId>(random() % static_cast<unsigned>(vocabulary)));
  }
  return out;
}

}  // namespace typecase
