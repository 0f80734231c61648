#pragma once

#include "decode/effective_config.h"

#include <typecase/token.h>

#include <cstdint>
#include <vector>

namespace typecase {

/// What an impossible hypothesis scores: low enough to lose against every real one.
inline constexpr float kNever = -1e9f;

/// A row of tokens on its way through a beam search.
struct Hypothesis {
  Tokens ids;                         // prompt included
  std::vector<std::int32_t> origins;  // the flat row that each generated token extended
  float score = kNever;
  bool ended = false;    // candidate: meets a stopping criterion; in the pool: is finished
  std::size_t beam = 0;  // candidate: which open hypothesis it extends
};

/// The hypotheses of one prompt.
class BeamPool {
 public:
  BeamPool(const Tokens& prompt, const EffectiveConfig& config);

  /// One step: `candidates` in rank order, their length being `length` (prompt included).
  void advance(std::vector<Hypothesis> candidates, std::size_t length);

  const std::vector<Hypothesis>& open() const { return open_; }  ///< [N], best first
  const std::vector<Hypothesis>& best() const { return pool_; }  ///< [N], best first
  /// Whether an open hypothesis may still beat a finished one. Once false, always false.
  bool improvable() const { return improvable_; }
  bool all_finished() const;

 private:
  void keep_open(const std::vector<Hypothesis>& candidates);
  void finish(const std::vector<Hypothesis>& candidates, std::size_t generated);
  void look_ahead(std::size_t generated);
  float length_term(std::size_t generated) const;

  const EffectiveConfig& config_;
  std::vector<Hypothesis> open_;
  std::vector<Hypothesis> pool_;
  bool improvable_ = true;
};

}  // namespace typecase
