#include "backend/reference/block.h"

#include "base/checked.h"

namespace typecase::reference {
namespace {

std::variant<MlpOp, ExpertsOp> make_mlp(const std::variant<Mlp, Experts>& words, Rounding r,
                                        Rounding down) {
  if (const auto* mlp = std::get_if<Mlp>(&words)) return MlpOp(*mlp, r, down);
  return ExpertsOp(std::get<Experts>(words), r);
}

}  // namespace

BlockOp::BlockOp(const Block& b, Rounding r)
    : r_(r),
      attention_sums_{b.attention_sums(r.dtype)},
      mlp_sums_{b.mlp_sums(r.dtype)},
      attention_(b.attention, r),
      mlp_(make_mlp(b.mlp, r, mlp_sums_)),
      attention_norm_(b.attention_norm, r),
      after_attention_norm_(b.after_attention_norm, r),
      cross_attention_norm_(b.cross_attention_norm, r),
      mlp_norm_(b.mlp_norm, r),
      after_mlp_norm_(b.after_mlp_norm, r),
      arrangement_(b.arrangement),
      sum_order_(b.sum_order),
      post_norm_(b.post_norm),
      residual_from_normed_(b.residual_from_normed),
      multiplier_(b.residual_multiplier) {
  if (b.cross_attention) cross_attention_.emplace(*b.cross_attention, r);
}

Table BlockOp::mlp(const Table& x) const {
  return std::visit([&](const auto& op) { return op(x); }, mlp_);
}

Table BlockOp::add(const Table& residual, const Table& sublayer, Rounding r) const {
  Table out = sublayer;
  for (std::size_t i = 0; i < out.values.size(); ++i) {
    const float s = multiplier_ == 1 ? sublayer.values[i] : r(sublayer.values[i] * multiplier_);
    out.values[i] = r(residual.values[i] + s);
  }
  return out;
}

Table BlockOp::parallel(const Table& x, const Table& normed, const Table& attended) const {
  const Table fed = mlp(mlp_norm_.empty() ? normed : mlp_norm_(x));
  Table out = x;
  for (std::size_t i = 0; i < out.values.size(); ++i) {
    const float a = attended.values[i], m = fed.values[i], residual = x.values[i];
    switch (sum_order_) {
      case Block::SumOrder::attention_mlp_residual:
        out.values[i] = r_(r_(a + m) + residual);
        break;
      case Block::SumOrder::mlp_attention_residual:
        out.values[i] = r_(r_(m + a) + residual);
        break;
      case Block::SumOrder::residual_attention_mlp:
        out.values[i] = r_(r_(residual + a) + m);
        break;
    }
  }
  return out;
}

LayerCache BlockOp::remember(const Table& memory) const {
  return cross_attention_ ? cross_attention_->remember(memory) : LayerCache{};
}

/// The encoder's text, between attention and mlp; its norm before or after, as theirs.
Table BlockOp::cross(const Table& x, std::span<const Row> rows, const Seen& seen) const {
  if (!cross_attention_) return x;
  const auto attend = [&](const Table& n) {
    return (*cross_attention_)(n, rows, seen.memory, nullptr);
  };
  if (post_norm_) return cross_attention_norm_(add(x, attend(x), attention_sums_));
  return add(x, attend(cross_attention_norm_(x)), attention_sums_);
}

Table BlockOp::operator()(const Table& x, std::span<const Row> rows, const Seen& seen,
                          std::vector<std::vector<float>>* probabilities) const {
  const auto attend = [&](const Table& n) {
    return after_attention_norm_(attention_(n, rows, seen.own, probabilities));
  };
  if (post_norm_) {
    const Table h = cross(attention_norm_(add(x, attend(x), attention_sums_)), rows, seen);
    return mlp_norm_(add(h, after_mlp_norm_(mlp(h)), mlp_sums_));
  }
  const Table normed = attention_norm_(x);
  const Table attended = attend(normed);
  if (arrangement_ == Block::Arrangement::parallel) return parallel(x, normed, attended);
  const Table h =
      cross(add(residual_from_normed_ ? normed : x, attended, attention_sums_), rows, seen);
  const Table n = mlp_norm_(h);
  return add(residual_from_normed_ ? n : h, after_mlp_norm_(mlp(n)), mlp_sums_);
}

}  // namespace typecase::reference
