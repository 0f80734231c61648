#pragma once

#include "decode/decode.h"
#include "decode/order.h"
#include "decode/stopping/stopping.h"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace typecase {

/// The older beam bookkeeping, under group and constrained beam search: open beams, and beside them
/// a list of finished hypotheses that is closed once and for all when nothing can enter it.
/// (beam_search.h has today's: there a finished hypothesis keeps its end token and its slot.)

/// An unfinished row of a search.
struct OpenBeam {
  Tokens ids;                         // prompt included
  float score = 0;                    // Σ log p
  std::vector<std::int32_t> origins;  // the row each generated token extended
};

/// `token` after row `row` of the search, with the sum of log-probabilities then reached.
struct Continuation {
  float score = 0;
  TokenId token = 0;
  std::size_t row = 0;
};

/// The best finished hypotheses of one prompt, or of one group of its beams, by
///     value(y) = Σ log p / |y|^length_penalty ,   |y| = tokens generated.
class HypothesisList {
 public:
  struct Entry {
    double value;
    OpenBeam beam;
  };

  HypothesisList(const EffectiveConfig& config, std::size_t capacity)
      : config_(config), capacity_(capacity) {}

  /// A hypothesis of `generated` tokens, when there is room or it beats the worst.
  void add(OpenBeam beam, double sum, std::size_t generated);
  /// After a step to `length` slots whose best candidate scored `best`: is the list closed?
  void close_if_done(float best, std::size_t length);
  bool closed() const { return closed_; }
  const std::vector<Entry>& entries() const { return entries_; }  ///< oldest first

 private:
  double value(double sum, std::size_t generated) const;

  const EffectiveConfig& config_;
  std::size_t capacity_;
  std::vector<Entry> entries_;
  double worst_ = 1e9;
  bool closed_ = false;
};

/// One step of a list and its n open rows `first … first + n − 1`, whose extensions score
/// `total` [n, V]: the n continuations that stay open, best first. A candidate with an end token
/// goes into the list when it ranks among the first n and `may_finish` (empty: always) agrees.
/// Throws Error(failed) when fewer than n candidates go on.
std::vector<Continuation> walk(HypothesisList& list, std::span<const OpenBeam> rows,
                               std::size_t first, std::size_t n, std::span<const float> total,
                               const EffectiveConfig& config,
                               const std::function<bool(const OpenBeam&)>& may_finish, float* best);

/// K of a step with n rows: how many candidates are ranked. Throws Error(invalid_argument) when the
/// rows have fewer extensions.
std::size_t candidate_count(const EffectiveConfig& config, std::size_t n, std::size_t vocabulary);

/// The rows after a step: each continuation's parent with its token.
std::vector<OpenBeam> extend(std::span<const OpenBeam> rows,
                             std::span<const Continuation> continuations);

/// Whether every row meets a stopping criterion.
bool all_stop(Stopping& stopping, std::span<const OpenBeam> rows);

/// The R best of each prompt's lists (`lists_per_prompt` in a row belong to one prompt), of equal
/// ones the last added; filled with the pad token after one end token.
void return_best(const std::vector<HypothesisList>& lists, std::size_t lists_per_prompt,
                 const EffectiveConfig& config, DecodeOutput& out);

}  // namespace typecase
