#pragma once

#include <span>

namespace typecase {

/// Σ x_i in float32, in the order in which torch.sum adds a contiguous row: 8 lanes times 4 rows,
/// cascaded over up to 4 levels.
float torch_sum(std::span<const float> x);

/// H(softmax(s)) in float32 as torch.distributions.Categorical(logits=s).entropy() computes it.
/// Its exponentials and logarithms come from a library whose last bit is not specified; ours are
/// rounded correctly, so the result may differ by an ulp or two.
float entropy(std::span<const float> scores);

/// ln Σ e^s_i, as torch.logsumexp.
float log_sum_exp(std::span<const float> scores);

/// Correctly rounded in all but about one of 10⁸ cases.
float exp_of(float x);
float log_of(float x);

}  // namespace typecase
