#pragma once

#include "decode/decode.h"
#include "decode/strategies/beam_pool.h"

#include <typecase/trace.h>

#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace typecase {

/// Turns what the decoding loops do into trace events for one generation.
///
/// Logits, processors and distributions are seen by wrapping the processors, so every strategy that
/// builds its list with build_processors() is observed without a line of its own; the strategies
/// report choices and ends. The observer is called from the thread that decodes.
class Tracer {
 public:
  /// REQUIRES: the arguments outlive this object.
  Tracer(const trace::Observer& observer, const EffectiveConfig& config);

  void begin(const DecodeInput& input, std::size_t vocabulary);
  /// The same processors, each followed by a look at what it changed.
  Processors watched(Processors processors);

  /// The token of every row; rows that finished before are not reported.
  void chose(std::span<const TokenId> tokens);
  void finished(std::size_t row, std::string_view reason);
  /// One step of a beam search: `candidates` in rank order turned `before` into `after`.
  void beams(std::size_t prompt, std::size_t length, const BeamPool& before,
             const std::vector<Hypothesis>& candidates, const BeamPool& after);
  /// The same of the older search (hypothesis_list.h), made by beam_step_of().
  void beams(trace::BeamStep event, std::size_t prompt, std::size_t group);
  /// From now on the processors see the rows of one group of every prompt's beams.
  void group(std::size_t index, std::size_t width, std::size_t beams);
  /// What contrastive search made of a row's candidates.
  void weighed(std::size_t row, std::vector<trace::Contrast::Candidate> candidates);
  /// A round of assisted decoding; its steps follow.
  void drafted(const Tokens& ids, std::size_t accepted);
  void stopped(std::string_view reason);
  void end(const DecodeOutput& out);

  // For the wrapped processors.
  void saw_logits(std::span<const float> scores, std::size_t rows);
  void saw_change(std::string_view name, std::span<const float> before,
                  std::span<const float> after, std::size_t rows);
  void saw_distribution(std::span<const float> scores, std::size_t rows);

 private:
  struct Row {
    std::vector<TokenId> shown;
    std::vector<float> raw, last;  // scores as the model gave them, and after all processors
    bool alive = true;
  };
  trace::Place at(std::size_t row) const;
  void emit(trace::Event event) const { observer_.on_event(event); }
  void change_of_row(std::string_view name, std::span<const float> before,
                     std::span<const float> after, std::size_t row);
  std::vector<TokenId> shown_after(const Row& row, std::span<const float> scores,
                                   std::span<const double> p) const;
  trace::BeamStep::Candidate judged(const Hypothesis& candidate, std::size_t rank,
                                    std::size_t length, const BeamPool& before,
                                    const BeamPool& after) const;

  const trace::Observer& observer_;
  const EffectiveConfig& config_;
  std::size_t step_ = 0;
  std::vector<Row> rows_;
  std::size_t group_ = 0, group_width_ = 0, beams_ = 0;  // width 0: no groups
  std::map<Tokens, float> sums_;  // prompt and generated ids of finished hypotheses → Σ log p
};

}  // namespace typecase
