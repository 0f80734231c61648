#pragma once

#include <typecase/trace.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace typecase::cli {

/// One bar of a step: a token before and after the processors.
struct Bar {
  TokenId id = 0;
  double raw = 0;        ///< probability as the model gave it
  double after = 0;      ///< as the choice is made from; 0 when cut
  std::string cut_by{};  ///< the processor that cut it
  bool chosen = false;
};

/// A step of one row.
struct RowStep {
  std::size_t step = 0;
  std::size_t row = 0;
  Tokens before{};          ///< prompt and what was generated
  std::vector<Bar> bars{};  ///< by raw probability
  std::vector<trace::Processed> processors{};
  std::size_t kept = 0;
  trace::Choice choice{};
  std::string finish{};
  std::optional<trace::Contrast> contrast{};  ///< contrastive search: why this candidate
  std::optional<trace::Draft> draft{};        ///< assisted decoding: a round begins here

  bool has_choice() const { return choice.at.step > 0; }
};

/// The events of one generation in the order in which one draws them.
struct Story {
  trace::Begin begin{};
  std::vector<RowStep> steps{};  ///< one-beam modes: row after row
  std::vector<trace::BeamStep> beams{};
  std::string stop{};
  trace::End end{};
  std::function<std::string(TokenId)> token{};  ///< its text
  std::function<std::string(const Tokens&)> text{};

  bool has_beams() const { return !beams.empty(); }
};

Story story_of(const std::vector<trace::Event>& events);

/// One story for each group of beams (num_beam_groups); one where there are no groups.
std::vector<Story> groups_of(const Story& story);

/// "temperature" → "temperature 0.7": a processor with its value in the configuration.
std::string with_value(const std::string& processor, const Json& config);

}  // namespace typecase::cli
