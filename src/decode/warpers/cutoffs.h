#pragma once

#include "decode/processor.h"

namespace typecase {

/// Cuts every token with p < epsilon, p = softmax(s), unless its score is at least the `keep`-th
/// highest. Hewitt, Manning and Liang 2022, arXiv:2210.15191.   REQUIRES: keep ≥ 1.
class EpsilonCutoff : public Processor {
 public:
  EpsilonCutoff(double epsilon, std::size_t keep)
      : epsilon_(static_cast<float>(epsilon)), keep_(keep) {}
  std::string_view name() const override { return "epsilon_cutoff"; }
  void apply(std::span<float> scores, const ScoreRow&) override;

 private:
  float epsilon_;
  std::size_t keep_;
};

/// The same with a threshold that falls with the entropy H of p:  min(ε, √ε · e^(−H)) .
class EtaCutoff : public Processor {
 public:
  EtaCutoff(double epsilon, std::size_t keep)
      : epsilon_(static_cast<float>(epsilon)), keep_(keep) {}
  std::string_view name() const override { return "eta_cutoff"; }
  void apply(std::span<float> scores, const ScoreRow&) override;

 private:
  float epsilon_;
  std::size_t keep_;
};

}  // namespace typecase
