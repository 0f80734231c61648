/// The head of a pass: logits of the rows that ask.
#include "backend/cpu/pass.h"
#include "tensor/convert.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

namespace typecase::cpu {

bool can_screen(const Program& p) noexcept {
  return !p.lm_head.empty() && p.lm_head.bias.empty() && p.head_scale == 1 &&
         !(p.head_softcap > 0) && p.lm_head.dtype == p.dtype &&
         (p.dtype == DType::float32 || p.dtype == DType::bfloat16);
}

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

namespace {

/// More rows than this use a head's weights often enough.
constexpr int kScreenedRows = 4;

float greatest(const float* panel, int lanes) noexcept {
  float out = panel[0];
  for (int i = 1; i < lanes; ++i) out = panel[i] > out ? panel[i] : out;
  return out;
}

/// The first greatest of `best` and scores first … last − 1, a NaN being greater than any number.
int greater_of(int best, const float* scores, int first, int last) noexcept {
  for (int i = first; i < last && !std::isnan(scores[best]); ++i) {
    if (scores[i] > scores[best] || std::isnan(scores[i])) best = i;
  }
  return best;
}

}  // namespace

/// Panels with an output that may be the greatest, by the copy's scores.
std::vector<int> Pass::survivors(const HeadScreen& screen, const float* state,
                                 const float* scores) const {
  const PackedMatrix& head = *program_.lm_head.weight;
  const auto panels = static_cast<std::size_t>(head.panels());
  const auto states = screen.measure({state, static_cast<std::size_t>(head.in)});
  std::vector<int> out(panels);
  std::iota(out.begin(), out.end(), 0);
  if (!states.usable) return out;
  std::vector<double> top(panels), bound(panels);
  double least = -std::numeric_limits<double>::infinity();  // that the greatest can be
  for (std::size_t p = 0; p < panels; ++p) {
    const int first = static_cast<int>(p) * kPanel;
    top[p] = static_cast<double>(greatest(scores + first, std::min(kPanel, head.out - first)));
    bound[p] = screen.bound(static_cast<int>(p), states);
    least = std::max(least, top[p] - bound[p]);
  }
  // Rounded to float outwards, then as the plan rounds.
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const DType r = program_.dtype;
  const float floor = round_to(r, std::nextafter(static_cast<float>(least), -kInf));
  std::erase_if(out, [&](int panel) {
    const auto p = static_cast<std::size_t>(panel);
    return round_to(r, std::nextafter(static_cast<float>(top[p] + bound[p]), kInf)) < floor;
  });
  return out;
}

/// `scores` are the copy's; those that count become the matrix's own.
TokenId Pass::winner(const HeadScreen& screen, const float* state, float* scores) const {
  const PackedMatrix& head = *program_.lm_head.weight;
  const std::vector<int> again = survivors(screen, state, scores);
  const std::size_t stride = static_cast<std::size_t>(head.panels()) * kPanel;
  const Operand one = operand(state, work_.hidden, head.in, 1);
  const auto compute = [&](std::size_t first, std::size_t last, int thread) {
    for (std::size_t i = first; i < std::min(last, again.size()); ++i) {
      multiply(program_.lm_head, one, scores, stride, {again[i], again[i] + 1, 0, 1, thread});
    }
  };
  constexpr std::size_t kFew = 16;
  if (again.size() <= kFew) {
    compute(0, kFew, 0);
  } else {
    pool_.run(static_cast<int>((again.size() + kFew - 1) / kFew), [&](int task, int thread) {
      compute(static_cast<std::size_t>(task) * kFew, static_cast<std::size_t>(task + 1) * kFew,
              thread);
    });
  }
  int best = again.front() * kPanel;
  for (const int p : again) {
    best = greater_of(best, scores, p * kPanel, std::min(head.out, (p + 1) * kPanel));
  }
  return best;
}

void Pass::winners(const HeadScreen* screen, std::vector<TokenId>& out) {
  const int asked = gather_asked();
  if (asked == 0) return;
  const float* states = transformed(projected_out(asked), asked);
  const PackedMatrix& head = *program_.lm_head.weight;
  const std::size_t stride = static_cast<std::size_t>(head.panels()) * kPanel;
  std::vector<float>& scores = work_.scores;
  scores.resize(std::max(scores.size(), stride * static_cast<std::size_t>(asked)));
  const bool all = screen == nullptr || asked > kScreenedRows;
  const LinearOp copy{
      .weight = all ? nullptr : &screen->copy(), .bias = {}, .dtype = DType::float32};
  const LinearOp& matrix = all ? program_.lm_head : copy;
  const Operand rows = all ? operand(states, work_.hidden, head.in, asked)
                           : Operand{states, work_.hidden, asked, head.in};
  for_panels(head.panels(), asked,
             [&](const Piece& piece) { multiply(matrix, rows, scores.data(), stride, piece); });
  for (int row = 0; row < asked; ++row) {
    const auto r = static_cast<std::size_t>(row);
    float* own = scores.data() + r * stride;
    out.push_back(all ? greater_of(0, own, 1, head.out)
                      : winner(*screen, states + r * work_.hidden, own));
  }
}

}  // namespace typecase::cpu
