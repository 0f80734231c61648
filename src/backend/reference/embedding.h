#pragma once

#include "backend/backend.h"
#include "backend/reference/linear.h"
#include "backend/reference/norm.h"

namespace typecase::reference {

/// Token rows, with positions, types, scale, norm and projection as plan.h's Embedding says.
class EmbeddingOp {
 public:
  EmbeddingOp() = default;
  EmbeddingOp(const Embedding& embedding, Rounding r);
  Table operator()(std::span<const Row> rows) const;

 private:
  Rounding r_;
  Table tokens_, positions_, token_types_;
  int offset_ = 0;
  bool sinusoidal_ = false;
  float scale_ = 1;
  NormOp norm_;
  LinearOp project_in_;
};

/// logits = cap(scale · (W · norm(x) + b)).
class HeadOp {
 public:
  HeadOp() = default;
  HeadOp(const Head& head, Rounding r);
  Table norm(Table x) const { return norm_(std::move(x)); }
  Table logits(const Table& normed) const;
  Table matrix(const Table& x) const { return lm_head_(x); }  ///< W · x + b alone

 private:
  Rounding r_;
  NormOp norm_, transform_norm_;
  LinearOp project_out_, transform_, lm_head_;
  Activation activation_ = Activation::gelu;
  float hidden_scale_ = 1, scale_ = 1, softcap_ = 0;
};

}  // namespace typecase::reference
