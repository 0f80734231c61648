#pragma once

#include <typecase/token.h>

#include <cstdint>
#include <limits>
#include <vector>

namespace typecase {

/// How a text longer than the context is cut into windows.
///
/// Window w sees tokens [w·stride, w·stride + max_length) and scores those that no earlier window
/// has scored: the smaller the stride, the more context each token has and the longer it takes.
struct ScoreOptions {
  std::int64_t max_length = 0;  ///< tokens a window sees; 0: the model's max_position_embeddings,
                                ///< at most 1024
  std::int64_t stride = 0;      ///< 1 to max_length; 0: half of max_length
};

/// What a model thinks of a text.
struct TextScore {
  Tokens ids;
  /// ln p(token | those before it in its window), natural logarithm; NaN where nothing stood
  /// before: for the first token, and with stride = max_length for the first of every window.
  std::vector<float> log_probabilities;
  std::int64_t scored = 0;    ///< tokens that have one
  double log_likelihood = 0;  ///< their sum
  std::int64_t windows = 0;
  std::int64_t max_length = 0;  ///< as used
  std::int64_t stride = 0;      ///< as used

  double mean() const {
    return scored > 0 ? log_likelihood / static_cast<double>(scored)
                      : std::numeric_limits<double>::quiet_NaN();
  }
  double perplexity() const;  ///< e^(−mean)
};

}  // namespace typecase
