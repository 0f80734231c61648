#pragma once

#include "plan/plan.h"

#include <typecase/token.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace typecase {

/// A sequence whose keys and values an executor keeps.
using SequenceId = std::int32_t;

/// One token to be computed. Prefill, decode, beams, speculation and serving are all lists of rows.
struct Row {
  SequenceId sequence = 0;
  TokenId token = 0;
  std::int32_t slot = 0;      ///< where its key and value go: the sequence's next free slot
  std::int32_t position = 0;  ///< what the position rule sees
  bool visible = true;        ///< false: masked; later rows (and itself) do not attend to it
  bool logits = false;        ///< asks for a row of Output::logits
  std::int32_t rotary_length =
      0;  ///< chooses the regime of long and dynamic ropes; others ignore it
};

/// What else a forward pass should hand out. No tap, no cost.
struct Taps {
  bool hidden_states = false;  ///< of every row: after the embedding, after each block, the last
                               ///< after the final norm
  bool attentions = false;     ///< probabilities, eager attention only
  /// Of the rows that ask only the id of the greatest logit, and no logits.
  /// REQUIRES: Executor::finds_winners(), and no layer_limit or early_layers.
  bool winners = false;
  /// > 0: only the first `layer_limit` blocks run, and the head reads their output (early exit).
  int layer_limit = 0;
  /// Layers i whose hidden_states[i] (0: the embedding's) the head's matrix alone projects, without
  /// the final norm, scale and cap.
  std::vector<int> early_layers{};
};

struct Output {
  /// [rows that asked, vocabulary], in the order of the rows; of a plan without a head's matrix the
  /// hidden states, [rows that asked, hidden].
  std::vector<float> logits;
  /// With Taps::winners, in place of logits: of each row that asked the first id of the greatest.
  std::vector<TokenId> winners{};
  /// [layer + 1][row · hidden]; empty when not asked for.
  std::vector<std::vector<float>> hidden_states;
  /// [layer][row][head · (slot + 1)]; empty when not asked for.
  std::vector<std::vector<std::vector<float>>> attentions;
  /// [n-th of early_layers][rows that asked · vocabulary]
  std::vector<std::vector<float>> early_logits{};
};

/// Runs one Plan over its KV cache.
///
/// Promise: the logits of a row are a function of the ids it sees, their positions and the rotary
/// regime; not of the other rows of the call, of how the prompt was cut into calls, or of the
/// number of threads. Bit for bit, on one ISA level.
///
/// Not for use from two threads at once.
class Executor {
 public:
  virtual ~Executor() = default;

  virtual SequenceId create() = 0;
  /// A new sequence that shares all slots so far. Costs blocks, not bytes.
  virtual SequenceId fork(SequenceId sequence) = 0;
  /// Forgets slots from `length` on.   REQUIRES: length ≤ length(sequence).
  virtual void truncate(SequenceId sequence, std::int32_t length) = 0;
  virtual void drop(SequenceId sequence) noexcept = 0;
  virtual std::int32_t length(SequenceId sequence) const = 0;

  /// The encoder reads a whole text, rows in the order of their slots; what it made of the visible
  /// ones is the memory that cross attention of `sequence` sees from now on. Forks share it.
  /// `sequence`, `logits` and `rotary_length` of the rows mean nothing here.
  /// Throws as forward(). REQUIRES: the plan has an encoder; `sequence` is empty.
  virtual void encode(SequenceId sequence, std::span<const Row> text) = 0;

  /// Computes all rows. Rows of one sequence stand in the order of their slots and begin at its
  /// length; rows of different sequences may be mixed. A bidirectional sequence is given whole: its
  /// rows see all visible ones of the call. Decoders behind an encoder need encode() before.
  /// Throws Error(invalid_argument) for an id ≥ vocabulary or a position that does not exist,
  /// Error(out_of_memory) when the cache cannot grow, what prepare() throws. A throw leaves every
  /// sequence as it was.
  virtual Output forward(std::span<const Row> rows, const Taps& taps = {}) = 0;

  /// Does now what would else wait for the second pass. Throws Error(out_of_memory), Error(io).
  virtual void prepare() {}

  virtual std::int64_t vocabulary() const = 0;
  /// Whether Taps::winners may be asked for: it costs less than logits then.
  virtual bool finds_winners() const { return false; }
  /// "cpu avx512, 2 threads", for `env` and `--verbose`.
  virtual std::string describe() const = 0;
};

/// The oracle: plain loops, obviously right, never fast. The tensors of `plan` are read here and
/// not needed afterwards.
std::unique_ptr<Executor> make_reference_executor(const Plan& plan);

/// Choices for the CPU executor.
struct CpuOptions {
  int threads = 0;  ///< 0: as many as the process may use
  std::string isa;  ///< "": TYPECASE_ISA, else the best this processor has
  /// bfloat16 matrices in twelve bits a weight where the level can: the same bits come out, few
  /// rows at a time sooner, many rows later.
  bool recode = false;
  /// The plan's tensors outlive the executor: a first pass of few rows takes them as they are, and
  /// they are packed at the second. Else they are packed at once and not needed afterwards.
  bool tensors_stay = false;
  /// A copy of the head in eight bits a weight finds winners, where it takes at most this part of
  /// the head's bytes and memory allows. 0: never.
  double screen_head = 0;
  /// Rows of numbers are rounded to eight bits, 32 with a scale, where they meet matrices of Q8_0,
  /// Q4_0 and Q4_1: faster, and coarser.
  bool int8_activations = false;
};

/// The fast one. Throws Error(unsupported) for a plan or ISA level it cannot run,
/// Error(out_of_memory), Error(io).
std::unique_ptr<Executor> make_cpu_executor(const Plan& plan, const CpuOptions& options = {});

/// Names of the ISA levels this build has, best first; and whether this processor can run one.
std::vector<std::string> cpu_isa_levels();
bool cpu_isa_available(const std::string& level);

}  // namespace typecase
