#pragma once

#include "checkpoint/checkpoint.h"
#include "models/config.h"
#include "plan/plan.h"

/// The words that family files are written in: each makes one piece of a Plan from weights whose
/// shapes it checks.
namespace typecase {

/// `at`/weight [out, in], and `at`/bias [out] when `bias`.
Linear linear(const Weights& at, std::int64_t out, std::int64_t in, bool bias = false);
/// The same stored as [in, out] (GPT-2's Conv1D).
Linear conv1d(const Weights& at, std::int64_t out, std::int64_t in, bool bias = true);
/// Outputs [first, first + count) of a linear: a part of a fused projection.
Linear part(const Linear& whole, std::int64_t first, std::int64_t count);

Vector vector(const Weights& at, std::string_view name, std::int64_t size);

Norm rms_norm(const Weights& at, std::int64_t size, double eps,
              Norm::Rounding rounding = Norm::Rounding::rounded_twice);
Norm layer_norm(const Weights& at, std::int64_t size, double eps, bool bias = true);

/// The head's matrix: `at`/weight when the file has it, else the embedding (a tied head).
/// Throws through Weights::raise() when it is neither there nor tied.
Linear lm_head(const Weights& at, const Tensor& embedding, bool tied);

/// The activation under `key`. Throws Error(unsupported) for an unknown one.
Activation activation(const Config& config, std::string_view key, std::string_view otherwise);

/// Heads and their sizes, with the checks every family needs: heads divide by kv_heads; head_dim is
/// given or divides hidden_size.
struct Heads {
  int heads, kv_heads, head_dim;
};
Heads heads(const Config& config, std::string_view heads_key, std::string_view kv_heads_key,
            std::string_view hidden_key);

/// The number of layers under `key`; Error(limit) above kMostLayers, so that a hostile config
/// cannot make the error list endless.
inline constexpr std::int64_t kMostLayers = 10'000;
std::int64_t layers(const Config& config, std::string_view key);

}  // namespace typecase
