#pragma once

#include "models/words.h"

namespace typecase {

/// How many experts a layer has, and how many of them a token uses.
struct ExpertCounts {
  int count = 0, per_token = 0;
};
/// Both from the config, or `missing`'s. Error(bad_file) when more are used than there are,
/// Error(limit) above kMostExperts, and when all `layers` together have more than
/// kMostExpertsInAll: each is named tensor by tensor before a single one is looked for.
inline constexpr int kMostExperts = 4096;
inline constexpr std::int64_t kMostExpertsInAll = 131'072;
ExpertCounts experts_of(const Config& config, std::string_view count_key,
                        std::string_view per_token_key, const ExpertCounts& missing,
                        std::int64_t layers);

/// Which layers have experts: each `decoder_sparse_step`-th, but not those of `mlp_only_layers`.
std::vector<bool> sparse_layers(const Config& config, std::int64_t layers);

/// Router `at`/gate and gated MLPs `at`/experts/0 ….
Experts mixture_of(const Weights& at, const ExpertCounts& experts, std::int64_t hidden,
                   std::int64_t inner, Activation activation);

}  // namespace typecase
