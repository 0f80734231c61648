#pragma once

#include "backend/backend.h"
#include "decode/stepper.h"
#include "engine/step_states.h"

#include <typecase/model.h>

#include <optional>
#include <vector>

namespace typecase {

/// Rows of a batch as sequences of an executor: prompts become prefill rows, steps become decode
/// rows, beams become forks.
///
/// Leading masked slots are not computed: a row's numbers never depend on its padding. Positions
/// follow the mask (cumulative sum − 1, 0 on masked slots), then grow by one a step.
class BatchStepper final : public Stepper {
 public:
  /// REQUIRES: executor and plan outlive this object; mask rows as long as their prompts.
  /// `layer_limit` > 0: only the first blocks run, and the head reads their output.
  BatchStepper(Executor& executor, const Plan& plan, const std::vector<Tokens>& prompts,
               const std::vector<Mask>& mask, int layer_limit = 0);
  ~BatchStepper() override;
  BatchStepper(const BatchStepper&) = delete;
  BatchStepper& operator=(const BatchStepper&) = delete;

  /// Encoder–decoders: texts[i] is what the encoder reads for prompt i, masked slots left out.
  /// REQUIRES: before prefill(); mask rows as long as their texts.
  void read(std::vector<Tokens> texts, std::vector<Mask> mask);

  /// The only prompt's first `length` slots are those of `sequence`: prefill() forks it and
  /// computes the rest. False when it must compute all of them, because more than logits is asked
  /// for. REQUIRES: before prefill(), no masked slot, 0 < length < the prompt's, the sequence lives
  /// on.
  bool begin_with(SequenceId sequence, std::size_t length);
  /// Hands over the sequence of the only row; nothing where there are several.
  std::optional<SequenceId> release();

  std::size_t vocabulary() const override;
  std::span<const float> prefill() override;
  void select(std::span<const std::size_t> parents) override;
  std::span<float> step(std::span<const TokenId> tokens) override;
  std::span<const float> step_many(std::span<const TokenId> tokens) override;
  /// As step_many(), but only the logits after the last token.
  std::span<const float> catch_up(std::span<const TokenId> tokens);
  bool finds_winners() const override;
  std::span<const TokenId> winners(std::span<const TokenId> tokens) override;
  void truncate(std::size_t length) override;
  void watch(const Watched& wanted) override;
  std::span<const float> hidden() const override { return hidden_; }
  std::span<const float> context(std::size_t prompt) const override { return context_.at(prompt); }
  std::span<const float> early(std::size_t n) const override { return early_.at(n); }

  /// Keeps what every prefill() and step() computed inside, in the order of the rows of that step.
  /// The first select() makes the prompts' rows: the first step's are repeated as it says.
  void keep_states(bool hidden, bool attentions);
  bool keeps_states() const noexcept { return keeps_states_; }
  const std::vector<StepStates>& states() const { return states_; }

 private:
  struct Sequence {
    SequenceId id;
    std::int32_t next_slot;
    std::int32_t next_position;
    std::size_t skipped;  // leading masked slots
    std::size_t prompt;   // which of prompts_
    Tokens grown{};       // behind the prompt, where Plan::recompute_above needs them
  };
  std::vector<Row> grow(Sequence& sequence, std::span<const TokenId> tokens);
  std::span<float> run(std::vector<Row> rows);
  void keep_states(Output&& out);
  void keep_hidden(std::span<const Row> rows, const Output& out);
  void keep_context(std::span<const Row> rows);

  Executor& executor_;
  const Plan& plan_;
  const std::vector<Tokens> prompts_;
  const std::vector<Mask> mask_;
  std::vector<Tokens> texts_;  // for the encoder
  std::vector<Mask> texts_mask_;
  struct Beginning {
    SequenceId sequence;
    std::size_t length;
  };
  std::optional<Beginning> beginning_;
  std::vector<Sequence> sequences_;
  std::vector<float> logits_;
  Tokens winners_;
  Taps taps_;
  bool keeps_states_ = false;
  bool repeated_ = false;
  Output inside_;  // hidden states and attentions of the call, when they are kept
  std::vector<StepStates> states_;
  std::vector<float> every_hidden_;          // of every row of a call
  std::vector<float> hidden_;                // of the rows that asked for logits
  std::vector<std::vector<float>> context_;  // [prompt], visible slots
  std::vector<std::vector<float>> early_;    // [early layer]
};

/// The rows of one prompt, masked slots included from the first visible one on (all of them with
/// `keep_leading`); the last asks for logits.
std::vector<Row> prompt_rows(SequenceId sequence, const Tokens& prompt, const Mask& mask,
                             PositionSource source, bool keep_leading);

/// The rows of a text that is read whole, from the first visible slot to the last (with
/// `keep_ends` all of them); masked slots between them are rows too. Positions are the plan's,
/// slots begin at 0.
std::vector<Row> text_rows(SequenceId sequence, const Tokens& text, const Mask& mask,
                           const Plan& plan, bool keep_ends = false);

/// Whether what a slot's row computes depends on how long the text became after it.
bool depends_on_length(const Plan& plan);

/// Sets every row's rotary_length to the largest position of the call + 1: the reference chooses
/// the regime of long and dynamic ropes for the whole batch.
void set_rotary_length(std::span<Row> rows);

}  // namespace typecase
