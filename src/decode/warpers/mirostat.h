#pragma once

#include "decode/processor.h"

#include <cstdint>
#include <utility>

namespace typecase {

/// Ours, not the reference's.  Mirostat v2 steers the surprise of the text towards τ bits a token:
///     cut every token with  −log₂ p_i > μ ,  p = softmax(s); the best always stays;
///     after token x was drawn from what is left, with probability q_x:
///     μ ← μ − η · (−log₂ q_x − τ) ,      μ = 2τ at the start.
/// Basu et al. 2021, arXiv:2007.14966, algorithm 2.
///
/// Keeps μ and the last distribution for every row, by ScoreRow::index; a token that it had not
/// left over (padding of an ended row) changes nothing. Acts as the last warper: the paper's rule
/// alone needs `top_k` 0.   REQUIRES: τ > 0, η ≥ 0; rows keep their index (no beams).
class Mirostat : public Processor {
 public:
  Mirostat(double tau, double eta) : tau_(tau), eta_(eta) {}
  std::string_view name() const override { return "mirostat_tau"; }
  void apply(std::span<float> scores, const ScoreRow& row) override;

  /// The bound of a row, in bits.
  double mu(std::size_t row) const { return rows_.at(row).mu; }

 private:
  struct State {
    double mu;
    std::vector<std::pair<TokenId, float>> left;  // the last step's tokens with q, by id
  };
  void learn(State& state, TokenId drawn) const;

  double tau_;
  double eta_;
  std::vector<State> rows_;
};

}  // namespace typecase
