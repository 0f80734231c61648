#pragma once

#include "backend/backend.h"
#include "backend/reference/linear.h"
#include "backend/reference/norm.h"

#include <vector>

namespace typecase::reference {

/// What one layer remembers of one sequence.
struct LayerCache {
  std::vector<float> keys, values;  // [slot][kv_heads · head_dim]
};

/// One sequence as the attention sees it.
struct SequenceView {
  LayerCache* cache;
  const std::vector<bool>* visible;      // by slot
  std::vector<std::int32_t>* positions;  // by slot: ALiBi and relative biases ask for the key's
};

/// Projections, positions, cache and softmax of plan.h's Attention, row by row.
class AttentionOp {
 public:
  AttentionOp(const Attention& attention, Rounding r);

  /// y: [rows, hidden]. `of(row)` finds the sequence of a row. Appends each row's key and value.
  /// `probabilities`, when given, receives [row][head · (keys)] .
  Table operator()(const Table& x, std::span<const Row> rows,
                   const std::vector<SequenceView>& sequences,
                   std::vector<std::vector<float>>* probabilities) const;

  /// Cross attention: keys and values of what an encoder made, [slots, hidden].
  LayerCache remember(const Table& memory) const;

 private:
  void append(const Table& x, std::span<const Row> rows,
              const std::vector<SequenceView>& sequences) const;
  void attend(std::span<const float> q, const Row& row, const SequenceView& sequence,
              std::span<float> out, std::vector<float>* probabilities) const;
  std::vector<float> scores(std::span<const float> q, std::size_t head, const Row& row,
                            const SequenceView& sequence) const;
  float bias(std::size_t head, const Row& query, std::size_t key,
             const SequenceView& sequence) const;
  void position_heads(Table& x, std::span<const Row> rows) const;

  Attention words_;
  Rounding r_;
  LinearOp q_proj_, k_proj_, v_proj_, o_proj_;
  NormOp q_norm_, k_norm_;
  std::vector<NormOp> q_norms_, k_norms_;
  Table relative_;
  std::vector<float> sinks_;
};

}  // namespace typecase::reference
