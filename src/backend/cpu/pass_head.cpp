/// The head of a pass: logits of the rows that ask.
#include "backend/cpu/pass.h"
#include "tensor/convert.h"

#include <cmath>
#include <cstring>

namespace typecase::cpu {

int Pass::gather_asked() const {
  int asked = 0;
  for (int row = 0; row < count_; ++row) {
    if (!rows_[static_cast<std::size_t>(row)].row.logits) continue;
    std::memcpy(work_.normed + static_cast<std::size_t>(asked) * work_.hidden,
                work_.x + static_cast<std::size_t>(row) * work_.hidden,
                work_.hidden * sizeof(float));
    ++asked;
  }
  return asked;
}

float* Pass::projected_out(int asked) const {
  if (program_.project_out.empty()) return work_.normed;
  project(program_.project_out, work_.normed, work_.hidden, work_.y, work_.hidden, asked);
  return work_.y;
}

/// states = r(m · states), then norm(f(W states + b)) where there is a transform.
float* Pass::transformed(float* states, int asked) const {
  const Program& p = program_;
  for (int row = 0; row < asked && p.hidden_scale != 1; ++row) {
    float* x = states + static_cast<std::size_t>(row) * work_.hidden;
    kernels_.scale(p.dtype, p.hidden_scale, x, p.lm_head.weight->in);
  }
  if (p.transform.empty()) return states;
  project(p.transform, states, work_.hidden, work_.z, work_.hidden, asked);
  for (int row = 0; row < asked; ++row) {
    float* x = work_.z + static_cast<std::size_t>(row) * work_.hidden;
    kernels_.activate(p.transform_activation, p.dtype, x, nullptr, x, p.hidden);
    if (!p.transform_norm.empty()) kernels_.norm(p.transform_norm.words, p.dtype, x, x);
  }
  return work_.z;
}

void Pass::early_logits(float* out) const {
  const int asked = gather_asked();
  if (asked > 0) head_matrix(projected_out(asked), asked, out);
}

void Pass::head_matrix(const float* states, int asked, float* out) const {
  const int vocabulary = program_.lm_head.weight->out;
  const int panels = program_.lm_head.weight->panels();
  const std::size_t stride = static_cast<std::size_t>(panels) * kPanel;
  // A vocabulary that ends inside a panel needs a place for the panel's end.
  std::vector<float> aside;
  float* to = out;
  if (stride != static_cast<std::size_t>(vocabulary)) {
    aside.resize(stride * static_cast<std::size_t>(asked));
    to = aside.data();
  }
  const Operand rows = operand(states, work_.hidden, program_.lm_head.weight->in, asked);
  for_panels(panels, asked,
             [&](const Piece& piece) { multiply(program_.lm_head, rows, to, stride, piece); });
  for (int row = 0; row < asked && to != out; ++row) {
    std::memcpy(out + static_cast<std::size_t>(row) * static_cast<std::size_t>(vocabulary),
                to + static_cast<std::size_t>(row) * stride,
                static_cast<std::size_t>(vocabulary) * sizeof(float));
  }
}

void Pass::logits(float* out) {
  const int asked = gather_asked();
  if (asked == 0) return;
  head_matrix(transformed(projected_out(asked), asked), asked, out);
  if (program_.head_scale == 1 && !(program_.head_softcap > 0)) return;
  const DType r = program_.dtype;
  for (float& y : std::span(out, static_cast<std::size_t>(asked) *
                                     static_cast<std::size_t>(program_.lm_head.weight->out))) {
    if (program_.head_scale != 1) y = round_to(r, y * program_.head_scale);
    if (program_.head_softcap > 0) {
      y = round_to(r, std::tanh(round_to(r, y / program_.head_softcap)));
      y = round_to(r, y * program_.head_softcap);
    }
  }
}

}  // namespace typecase::cpu
