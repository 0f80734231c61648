#pragma once

#include "decode/processor.h"

namespace typecase {

/// No n tokens in a row may appear twice: every token that once followed the last n − 1 ids is cut
/// (n = 1: every token seen). Padding counts as text.
/// Paulus, Xiong and Socher 2017, arXiv:1705.04304.   REQUIRES: n ≥ 1.
class NoRepeatNgram : public Processor {
 public:
  explicit NoRepeatNgram(std::size_t n) : n_(n) {}
  std::string_view name() const override { return "no_repeat_ngram_size"; }
  void apply(std::span<float> scores, const ScoreRow& row) override;

 private:
  std::size_t n_;
};

/// No n tokens of the prompt may be repeated after it.
class EncoderNoRepeatNgram : public Processor {
 public:
  EncoderNoRepeatNgram(std::size_t n, std::vector<Tokens> prompts)
      : n_(n), prompts_(std::move(prompts)) {}
  std::string_view name() const override { return "encoder_no_repeat_ngram_size"; }
  void apply(std::span<float> scores, const ScoreRow& row) override;

 private:
  std::size_t n_;
  std::vector<Tokens> prompts_;
};

}  // namespace typecase
