#include "plan/plan.h"

#include "plan/weight_bytes.h"
#include "tensor/convert.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <unordered_set>

namespace typecase {

std::int64_t Vector::size() const noexcept {
  return rows.empty() ? stored.elements() : static_cast<std::int64_t>(rows.size());
}

std::int64_t Matrix::out() const noexcept {
  if (!rows.empty()) return static_cast<std::int64_t>(rows.size());
  return stored.shape.at(in_out ? 1 : 0);
}

std::int64_t Matrix::in() const noexcept { return stored.shape.at(in_out ? 0 : 1); }

Rope::Table Rope::table_at(std::int64_t length) const {
  if (long_table && length > long_above) return *long_table;
  if (!dynamic || length <= dynamic_above) return table;
  const double d = rotated_dim;
  const double stretch =
      factor * static_cast<double>(length) / static_cast<double>(dynamic_above) - (factor - 1);
  const auto base = static_cast<float>(theta * std::pow(stretch, d / (d - 2)));
  Table out = table;
  for (std::size_t i = 0; i < out.inv_freq.size(); ++i) {
    const float exponent = static_cast<float>(2 * i) / static_cast<float>(rotated_dim);
    out.inv_freq[i] = 1 / std::pow(base, exponent);
  }
  return out;
}

std::vector<float> Alibi::slopes_of(int heads) {
  int power = 1;
  while (2 * power <= heads) power *= 2;
  std::vector<float> out;
  const auto add = [&](int of, int step) {
    const auto base = static_cast<float>(std::pow(2.0, -std::pow(2.0, 3 - std::log2(of))));
    for (int h = 1; static_cast<int>(out.size()) < heads && h <= of; h += step) {
      out.push_back(std::pow(base, static_cast<float>(h)));
    }
  };
  add(power, 1);
  add(2 * power, 2);
  return out;
}

float Alibi::bias(std::size_t h, std::int32_t position, float scale) const {
  const auto r = [&](float v) { return bfloat16 ? round_to(DType::bfloat16, v) : v; };
  const float b = r(r(slopes[h]) * static_cast<float>(position));
  return scaled ? b * scale : b;
}

void sinusoid(std::int64_t position, std::span<float> out) noexcept {
  const std::size_t n = out.size(), half = (n + 1) / 2;
  for (std::size_t i = 0; i < half; ++i) {
    const double angle = static_cast<double>(position) /
                         std::pow(10000.0, 2 * static_cast<double>(i) / static_cast<double>(n));
    out[i] = static_cast<float>(std::sin(angle));
    if (half + i < n) out[half + i] = static_cast<float>(std::cos(angle));
  }
}

int RelativeBias::bucket(std::int32_t distance) const {
  int n = buckets, first = 0;
  if (bidirectional) {
    n /= 2;
    first = distance > 0 ? n : 0;
    distance = std::abs(distance);
  } else {
    distance = -std::min(distance, 0);
  }
  const int exact = n / 2;
  if (distance < exact) return first + distance;
  // In float32, as the reference: the truncation would show another rounding.
  const float wide = std::log(static_cast<float>(distance) / static_cast<float>(exact)) /
                     static_cast<float>(std::log(double(max_distance) / exact));
  const int bucket = exact + static_cast<int>(wide * static_cast<float>(n - exact));
  return first + std::min(bucket, n - 1);
}

namespace {

/// Visits every stored tensor a plan names, tied ones as often as they are named.
template <class Visit>
class TensorWalk {
 public:
  explicit TensorWalk(Visit visit) : visit_(std::move(visit)) {}

  void walk(const Plan& plan) {
    if (plan.encoder) walk(*plan.encoder);
    walk(plan.encoder_norm);
    walk(plan.decoder);
    walk(plan.head.norm);
    walk(plan.head.project_out);
    walk(plan.head.transform);
    walk(plan.head.transform_norm);
    walk(plan.head.lm_head);
  }

 private:
  void walk(const Tensor& t) {
    if (!t.empty()) visit_(t);
  }
  void walk(const Linear& l) {
    walk(l.weight.stored);
    // A bias stored as [1, n] is a buffer in the reference, no parameter.
    if (l.bias.stored.shape.size() < 2) walk(l.bias.stored);
  }
  void walk(const Norm& n) {
    walk(n.weight.stored);
    walk(n.bias.stored);
  }
  void walk(const Mlp& m) {
    walk(m.gate_proj);
    walk(m.up_proj);
    walk(m.down_proj);
  }
  void walk(const Experts& e) {
    walk(e.router);
    for (const Mlp& m : e.experts) walk(m);
    if (e.shared) walk(*e.shared);
    walk(e.shared_gate);
  }
  void walk(const Attention& a) {
    for (const Linear* l : {&a.q_proj, &a.k_proj, &a.v_proj, &a.o_proj}) walk(*l);
    walk(a.q_norm);
    walk(a.k_norm);
    for (const auto* norms : {&a.q_norms, &a.k_norms}) {
      for (const Norm& n : *norms) walk(n);
    }
    walk(a.sinks.stored);
    if (const auto* bias = std::get_if<RelativeBias>(&a.position)) walk(bias->table);
  }
  void walk(const Block& b) {
    for (const Norm* n : {&b.attention_norm, &b.after_attention_norm, &b.cross_attention_norm,
                          &b.mlp_norm, &b.after_mlp_norm}) {
      walk(*n);
    }
    walk(b.attention);
    if (b.cross_attention) walk(*b.cross_attention);
    std::visit([&](const auto& m) { walk(m); }, b.mlp);
  }
  void walk(const Stack& s) {
    walk(s.embedding.tokens);
    walk(s.embedding.positions);
    walk(s.embedding.token_types);
    walk(s.embedding.norm);
    walk(s.embedding.project_in);
    for (const Block& b : s.blocks) walk(b);
  }

  Visit visit_;
};

}  // namespace

DType Block::attention_sums(DType dtype) const noexcept {
  const bool wide = dtype == DType::float16 && float32_sums == Float32Sums::all;
  return wide ? DType::float32 : dtype;
}

DType Block::mlp_sums(DType dtype) const noexcept {
  const bool wide = dtype == DType::float16 && float32_sums != Float32Sums::none;
  return wide ? DType::float32 : dtype;
}

bool is_bidirectional(const Plan& plan) {
  const auto& blocks = plan.decoder.blocks;
  return !blocks.empty() && blocks[0].attention.kind == Attention::Kind::bidirectional;
}

std::int64_t num_parameters(const Plan& plan) {
  std::unordered_set<const std::byte*> seen;
  std::int64_t count = 0;
  TensorWalk walk([&](const Tensor& t) {
    if (seen.insert(t.bytes.data()).second) count += t.elements();
  });
  walk.walk(plan);
  // Computed positions are parameters all the same: frozen ones.
  count += plan.decoder.embedding.sinusoids * plan.hidden_size;
  if (plan.encoder) count += plan.encoder->embedding.sinusoids * plan.hidden_size;
  return count;
}

std::uint64_t weight_bytes(const Plan& plan) {
  const std::uint64_t element = plan.dtype == DType::float32 ? 4 : 2;
  std::unordered_set<const std::byte*> seen;
  std::uint64_t bytes = 0;
  TensorWalk walk([&](const Tensor& t) {
    if (!seen.insert(t.bytes.data()).second) return;
    const auto stored = static_cast<std::uint64_t>(t.bytes.size());
    bytes += std::min(stored, static_cast<std::uint64_t>(t.elements()) * element);
  });
  walk.walk(plan);
  return bytes;
}

}  // namespace typecase
