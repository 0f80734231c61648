#pragma once

#include "decode/effective_config.h"
#include "decode/processor.h"

#include <typecase/generator.h>

namespace typecase {

/// Adds `bias` to a pseudo-random "green" part of the vocabulary, seeded by the text before the
/// token (lefthash) or by that and the token itself (selfhash, the 40 best candidates only), so
/// that who knows the key can tell generated text. Kirchenbauer et al. 2023, arXiv:2301.10226 and
/// arXiv:2306.04634. Rows shorter than context_width are left alone.
///
/// `vocabulary` is the one of the model's config. Has its own generator: the drawing of tokens is
/// not disturbed.
class Watermark : public Processor {
 public:
  Watermark(const Watermarking& config, std::size_t vocabulary);
  std::string_view name() const override { return "watermarking_config"; }
  void apply(std::span<float> scores, const ScoreRow& row) override;

 private:
  std::int64_t seed_of(std::span<const TokenId> text) const;
  std::vector<std::int64_t> greenlist(std::span<const TokenId> text);
  std::vector<std::int64_t> green_candidates(std::span<const float> scores,
                                             std::span<const TokenId> text);

  Watermarking config_;
  std::int64_t vocabulary_;
  Generator random_;
  std::vector<std::int64_t> table_;  // selfhash: a fixed permutation of 1 000 003 numbers
};

}  // namespace typecase
