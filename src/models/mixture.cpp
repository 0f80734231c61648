#include "models/mixture.h"

#include <typecase/error.h>

namespace typecase {

ExpertCounts experts_of(const Config& c, std::string_view count_key, std::string_view per_token_key,
                        const ExpertCounts& missing, std::int64_t layers) {
  const auto count = c.count(count_key, missing.count);
  const auto per_token = c.count(per_token_key, missing.per_token);
  if (count > kMostExperts) {
    throw Error(
        Code::limit,
        std::to_string(count) + " experts are over the limit of " + std::to_string(kMostExperts),
        {.file = c.file(), .key = quote(count_key)});
  }
  if (count * layers > kMostExpertsInAll) {
    throw Error(Code::limit,
                std::to_string(count) + " experts in each of " + std::to_string(layers) +
                    " layers are over the limit of " + std::to_string(kMostExpertsInAll) +
                    " in all",
                {.file = c.file(), .key = quote(count_key)});
  }
  if (per_token > count) {
    c.fail(per_token_key, std::to_string(per_token) + " experts for a token, but there are only " +
                              std::to_string(count));
  }
  return {static_cast<int>(count), static_cast<int>(per_token)};
}

std::vector<bool> sparse_layers(const Config& c, std::int64_t layers) {
  const auto step = c.count("decoder_sparse_step", 1);
  std::vector<bool> out;
  for (std::int64_t i = 0; i < layers; ++i) out.push_back((i + 1) % step == 0);
  const Json* dense = c.find("mlp_only_layers");
  if (dense == nullptr) return out;
  if (!dense->is_array()) c.fail("mlp_only_layers", "a list of layer numbers is needed");
  for (const Json& i : dense->as_array()) {
    if (!i.is_integer()) c.fail("mlp_only_layers", "expected layer numbers, found " + i.dump());
    if (i.as_integer() >= 0 && i.as_integer() < layers) {
      out[static_cast<std::size_t>(i.as_integer())] = false;
    }
  }
  return out;
}

Experts mixture_of(const Weights& at, const ExpertCounts& experts, std::int64_t hidden,
                   std::int64_t inner, Activation activation) {
  Experts out{.router = linear(at / "gate", experts.count, hidden), .per_token = experts.per_token};
  for (int e = 0; e < experts.count; ++e) {
    out.experts.push_back(gated_mlp(at / "experts" / e, hidden, inner, activation));
  }
  return out;
}

}  // namespace typecase
