#pragma once

#include "backend/reference/attention.h"
#include "backend/reference/mlp.h"

#include <optional>
#include <variant>

namespace typecase::reference {

/// What a pass needs beside the hidden vectors: whose keys the rows see.
struct Seen {
  std::vector<SequenceView> own;     ///< by row
  std::vector<SequenceView> memory;  ///< by row, of the encoder; empty without cross attention
};

/// One layer: how attention and mlp meet the residual stream (formulas at plan.h's Block).
class BlockOp {
 public:
  BlockOp(const Block& block, Rounding r);

  Table operator()(const Table& x, std::span<const Row> rows, const Seen& seen,
                   std::vector<std::vector<float>>* probabilities) const;

  /// What cross attention keeps of an encoder's output; nothing where there is none.
  LayerCache remember(const Table& memory) const;

 private:
  Table cross(const Table& x, std::span<const Row> rows, const Seen& seen) const;
  Table mlp(const Table& x) const;
  Table parallel(const Table& x, const Table& normed, const Table& attended) const;
  Table add(const Table& residual, const Table& sublayer, Rounding r) const;

  Rounding r_, attention_sums_, mlp_sums_;
  AttentionOp attention_;
  std::variant<MlpOp, ExpertsOp> mlp_;
  std::optional<AttentionOp> cross_attention_;
  NormOp attention_norm_, after_attention_norm_, cross_attention_norm_, mlp_norm_, after_mlp_norm_;
  Block::Arrangement arrangement_;
  Block::SumOrder sum_order_;
  bool post_norm_, residual_from_normed_;
  float multiplier_;
};

}  // namespace typecase::reference
