#include "backend/reference/mlp.h"

#include "backend/reference/activation.h"
#include "backend/reference/softmax.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace typecase::reference {

MlpOp::MlpOp(const Mlp& mlp, Rounding r, Rounding down)
    : r_(r),
      gate_(mlp.gate_proj, r),
      up_(mlp.up_proj, r),
      down_(mlp.down_proj, down),
      activation_(mlp.activation) {}

Table MlpOp::operator()(const Table& x) const {
  Table h = up_(x);
  if (gate_.empty()) {
    for (float& v : h.values) v = activate(activation_, v, r_);
  } else {
    const Table g = gate_(x);
    for (std::size_t i = 0; i < h.values.size(); ++i) {
      h.values[i] = r_(activate(activation_, g.values[i], r_) * h.values[i]);
    }
  }
  return down_(h);
}

ExpertsOp::ExpertsOp(const Experts& e, Rounding r)
    : r_(r),
      router_(e.router, r),
      shared_gate_(e.shared_gate, r),
      per_token_(static_cast<std::size_t>(e.per_token)),
      normalise_(e.normalise_top_k),
      rounded_shares_(e.rounded_shares) {
  for (const Mlp& m : e.experts) experts_.emplace_back(m, r);
  if (e.shared) shared_.emplace(*e.shared, r);
}

std::vector<float> ExpertsOp::shares(std::span<const float> router_logits) const {
  std::vector<float> p = softmax(router_logits, nullptr, Rounding{DType::float32});
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return p[a] > p[b]; });
  for (std::size_t i = per_token_; i < order.size(); ++i) p[order[i]] = 0;
  if (normalise_) {
    const float sum = std::accumulate(p.begin(), p.end(), 0.0f);
    for (float& v : p) v /= sum;
  }
  for (float& v : p) v = rounded_shares_ ? r_(v) : v;
  return p;
}

Table ExpertsOp::operator()(const Table& x) const {
  const Table router_logits = router_(x);
  Table y(x.rows, x.columns);
  for (std::size_t n = 0; n < x.rows; ++n) {
    Table row(1, x.columns);
    std::copy(x[n].begin(), x[n].end(), row.values.begin());
    const auto share = shares(router_logits[n]);
    for (std::size_t e = 0; e < experts_.size(); ++e) {
      if (share[e] == 0) continue;
      const Table out = experts_[e](row);
      for (std::size_t d = 0; d < y.columns; ++d) {
        y[n][d] = r_(y[n][d] + r_(out.values[d] * share[e]));
      }
    }
    if (!shared_) continue;
    const Table out = (*shared_)(row);
    const float gate = shared_gate_.empty()
                           ? 1.0f
                           : activate(Activation::sigmoid, shared_gate_(row).values[0], r_);
    for (std::size_t d = 0; d < y.columns; ++d) {
      y[n][d] = r_(y[n][d] + (shared_gate_.empty() ? out.values[d] : r_(gate * out.values[d])));
    }
  }
  return y;
}

}  // namespace typecase::reference
