/// Mixtures of experts in a pass: each expert takes the rows that chose it.
#include "backend/cpu/pass.h"
#include "tensor/convert.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace typecase::cpu {
namespace {

/// p = softmax(logits), then the `op.per_token` largest; of equal ones the lower number stays.
void choose(const ExpertsOp& op, DType dtype, std::span<float> p) {
  const float top = *std::max_element(p.begin(), p.end());
  float mass = 0;
  for (float& v : p) mass += v = std::exp(v - top);
  for (float& v : p) v /= mass;
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return p[a] > p[b]; });
  float kept = 0;
  for (std::size_t n = 0; n < order.size(); ++n) {
    if (n < static_cast<std::size_t>(op.per_token)) {
      kept += p[order[n]];
    } else {
      p[order[n]] = 0;
    }
  }
  for (float& v : p) {
    if (op.normalise) v /= kept;
    if (op.rounded_shares) v = round_to(dtype, v);
  }
}

}  // namespace

/// [rows][experts], 0 where an expert is not chosen.
std::vector<float> Pass::shares(const ExpertsOp& op, const Operand& in) const {
  const auto stride = static_cast<std::size_t>(op.router.weight->panels() * kPanel);
  std::vector<float> out(static_cast<std::size_t>(count_) * stride);
  project(op.router, in, out.data(), stride);
  for_rows([&](int row, int) {
    choose(op, program_.dtype,
           {out.data() + static_cast<std::size_t>(row) * stride, op.experts.size()});
  });
  return out;
}

/// out[row] = r(out[row] + r(share · mlp(in[row]))) for some rows.
void Pass::add_expert(const MlpOp& op, const float* in, const std::vector<int>& rows,
                      const float* shares, std::size_t stride, float* out) const {
  const std::size_t width = work_.hidden;
  const int count = static_cast<int>(rows.size());
  for (std::size_t n = 0; n < rows.size(); ++n) {
    std::memcpy(work_.gathered + n * width, in + static_cast<std::size_t>(rows[n]) * width,
                width * sizeof(float));
  }
  const Operand gathered = operand(work_.gathered, width, op.up_proj.weight->in, count);
  project(op.down_proj, mlp(op, gathered), work_.expert_out, width);
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const auto row = static_cast<std::size_t>(rows[n]);
    kernels_.add(program_.dtype, shares[row * stride], work_.expert_out + n * width,
                 out + row * width, program_.hidden);
  }
}

/// out = Σ p_e · mlp_e(in) over ascending e, then the shared expert. `out` is not `in`.
void Pass::experts(const ExpertsOp& op, const Operand& in, float* out) const {
  const std::vector<float> p = shares(op, in);
  const auto stride = static_cast<std::size_t>(op.router.weight->panels() * kPanel);
  std::memset(out, 0, static_cast<std::size_t>(count_) * work_.hidden * sizeof(float));
  std::vector<int> rows;
  for (std::size_t e = 0; e < op.experts.size(); ++e) {
    rows.clear();
    for (int row = 0; row < count_; ++row) {
      if (p[static_cast<std::size_t>(row) * stride + e] != 0) rows.push_back(row);
    }
    if (!rows.empty()) add_expert(op.experts[e], in.x, rows, p.data() + e, stride, out);
  }
  if (!op.shared) return;
  std::vector<float> gate(static_cast<std::size_t>(count_) * kPanel, 1.0f);
  if (!op.shared_gate.empty()) {
    project(op.shared_gate, in.x, in.stride, gate.data(), kPanel);
    kernels_.activate(Activation::sigmoid, program_.dtype, gate.data(), nullptr, gate.data(),
                      count_ * kPanel);
  }
  rows.resize(static_cast<std::size_t>(count_));
  std::iota(rows.begin(), rows.end(), 0);
  add_expert(*op.shared, in.x, rows, gate.data(), kPanel, out);
}

}  // namespace typecase::cpu
