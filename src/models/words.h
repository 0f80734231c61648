#pragma once

#include "checkpoint/checkpoint.h"
#include "models/config.h"
#include "plan/plan.h"

#include <functional>
#include <string_view>
#include <vector>

/// The words that family files are written in: each makes one piece of a Plan from weights whose
/// shapes it checks.
namespace typecase {

// ---- weights ----

/// `at`/weight [out, in], and `at`/bias [out] when `bias`.
Linear linear(const Weights& at, std::int64_t out, std::int64_t in, bool bias = false);
/// The same stored as [in, out] (GPT-2's Conv1D).
Linear conv1d(const Weights& at, std::int64_t out, std::int64_t in, bool bias = true);
/// Outputs [first, first + count) of a linear: a part of a fused projection.
Linear part(const Linear& whole, std::int64_t first, std::int64_t count);
/// The same of every one of `groups` groups: outputs g·size + first … + count.
Linear part_of_groups(const Linear& whole, std::int64_t groups, std::int64_t size,
                      std::int64_t first, std::int64_t count);

Vector vector(const Weights& at, std::string_view name, std::int64_t size);

Norm rms_norm(const Weights& at, std::int64_t size, double eps,
              Norm::Rounding rounding = Norm::Rounding::rounded_twice);
Norm layer_norm(const Weights& at, std::int64_t size, double eps, bool bias = true);

/// The head's matrix: `at`/weight when the file has it, else the embedding (a tied head).
/// Throws through Weights::raise() when it is neither there nor tied.
Linear lm_head(const Weights& at, const Tensor& embedding, bool tied);

// ---- config ----

/// The activation under `key`. Throws Error(unsupported) for an unknown one.
Activation activation(const Config& config, std::string_view key, std::string_view otherwise);
/// The activation called `name`; `key` is where the config says so.
Activation activation_of(const Config& config, std::string_view key, std::string_view name);

/// Heads and their sizes, with the checks every family needs: heads divide by kv_heads; head_dim is
/// given or divides hidden_size.
struct Heads {
  int heads, kv_heads, head_dim;
};
Heads heads(const Config& config, std::string_view heads_key, std::string_view kv_heads_key,
            std::string_view hidden_key);

/// More heads than any network has.
inline constexpr std::int64_t kMostHeads = 65'536;

/// The number of layers under `key`, `otherwise` (where it is not 0) when missing; Error(limit)
/// above kMostLayers, so that a hostile config cannot make the error list endless.
inline constexpr std::int64_t kMostLayers = 10'000;
std::int64_t layers(const Config& config, std::string_view key, std::int64_t otherwise = 0);

/// What nearly every config says: hidden_size, intermediate_size, vocab_size, num_hidden_layers,
/// num_attention_heads, num_key_value_heads, head_dim.
struct Sizes {
  std::int64_t hidden = 0, inner = 0, vocabulary = 0, layers = 0;
  int heads = 0, kv_heads = 0, head_dim = 0;
  std::int64_t q() const { return std::int64_t{heads} * head_dim; }
  std::int64_t kv() const { return std::int64_t{kv_heads} * head_dim; }
};
/// What stands for a missing key in a family's configuration class. 0: the key is needed; kv_heads:
/// as many as heads; head_dim: hidden / heads.
struct Missing {
  std::int64_t hidden = 0, inner = 0, vocabulary = 0, layers = 0, heads = 0, kv_heads = 0,
               head_dim = 0;
};
Sizes sizes(const Config& config, const Missing& missing = {});

/// Keys of a sliding window under `key`; 0: no window. An explicit null is none, a missing key
/// means `missing`.
int window(const Config& config, std::string_view key, int missing);
/// Which layers attend within the window: as `layer_types` says, or `otherwise(i)`.
std::vector<bool> windowed_layers(const Config& config, std::int64_t layers,
                                  const std::function<bool(std::int64_t)>& otherwise);
/// Error(unsupported) when the flag `key` is set: `what` cannot be run.
void refuse_flag(const Config& config, std::string_view key, const char* what);

// ---- pieces that many networks share ----

/// Plan with its sizes and the token embedding `at`/weight.
Plan plan_of(const Sizes& sizes, const Weights& at);

/// q_proj, k_proj, v_proj and `out`_proj under `at`; scores q·k / √head_dim.
Attention attention(const Weights& at, const Sizes& sizes, bool qkv_bias, bool out_bias,
                    std::string_view out = "o_proj");
/// The same with projections given: q, k, v, out.
Attention attention(const Sizes& sizes, Linear q, Linear k, Linear v, Linear out);

/// gate_proj, up_proj, down_proj under `at`.
Mlp gated_mlp(const Weights& at, std::int64_t hidden, std::int64_t inner, Activation activation,
              bool bias = false);
/// Two matrices, `up` and `down`.
Mlp plain_mlp(const Weights& up, const Weights& down, std::int64_t hidden, std::int64_t inner,
              Activation activation, bool bias = true);

}  // namespace typecase
