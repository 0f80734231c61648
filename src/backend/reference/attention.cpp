#include "backend/reference/attention.h"

#include "backend/reference/rope.h"
#include "backend/reference/softmax.h"
#include "base/checked.h"

#include <cmath>
#include <limits>

namespace typecase::reference {
namespace {

constexpr float kMinusInf = -std::numeric_limits<float>::infinity();

std::vector<NormOp> norms_of(const std::vector<Norm>& words, Rounding r) {
  std::vector<NormOp> out;
  for (const Norm& n : words) out.emplace_back(n, r);
  return out;
}

/// Head h of every row through norm h.
void norm_heads(Table& x, const std::vector<NormOp>& norms, std::size_t dim) {
  for (std::size_t n = 0; n < x.rows; ++n) {
    for (std::size_t h = 0; h < norms.size(); ++h) norms[h].apply(x[n].subspan(h * dim, dim));
  }
}

}  // namespace

AttentionOp::AttentionOp(const Attention& a, Rounding r)
    : words_(a),
      r_(r),
      q_proj_(a.q_proj, r),
      k_proj_(a.k_proj, r),
      v_proj_(a.v_proj, r),
      o_proj_(a.o_proj, r),
      q_norm_(a.q_norm, r),
      k_norm_(a.k_norm, r),
      q_norms_(norms_of(a.q_norms, r)),
      k_norms_(norms_of(a.k_norms, r)),
      sinks_(load(a.sinks, r)) {
  if (const auto* b = std::get_if<RelativeBias>(&a.position)) relative_ = load(b->table, r);
}

void AttentionOp::position_heads(Table& x, std::span<const Row> rows) const {
  const auto* rope = std::get_if<Rope>(&words_.position);
  if (rope == nullptr) return;
  const auto dim = static_cast<std::size_t>(words_.head_dim);
  for (std::size_t n = 0; n < rows.size(); ++n) {
    for (std::size_t at = 0; at < x.columns; at += dim) {
      rotate(x[n].subspan(at, dim), *rope, rows[n].position, rows[n].rotary_length, r_);
    }
  }
}

Table AttentionOp::operator()(const Table& x, std::span<const Row> rows,
                              const std::vector<SequenceView>& sequences,
                              std::vector<std::vector<float>>* probabilities) const {
  Table q = q_norm_(q_proj_(x));
  norm_heads(q, q_norms_, static_cast<std::size_t>(words_.head_dim));
  position_heads(q, rows);
  if (words_.scaled_query) {
    for (float& value : q.values) value = r_(value * words_.scale);
  }
  if (words_.kind != Attention::Kind::cross) append(x, rows, sequences);
  Table out(x.rows, q.columns);
  for (std::size_t n = 0; n < rows.size(); ++n) {
    std::vector<float>* p = nullptr;
    if (probabilities != nullptr) p = &probabilities->emplace_back();
    attend(q[n], rows[n], sequences[n], out[n], p);
  }
  return o_proj_(out);
}

void AttentionOp::append(const Table& x, std::span<const Row> rows,
                         const std::vector<SequenceView>& sequences) const {
  Table k = k_norm_(k_proj_(x));
  const Table v = v_proj_(x);
  norm_heads(k, k_norms_, static_cast<std::size_t>(words_.head_dim));
  position_heads(k, rows);
  for (std::size_t n = 0; n < rows.size(); ++n) {
    LayerCache& cache = *sequences[n].cache;
    cache.keys.insert(cache.keys.end(), k[n].begin(), k[n].end());
    cache.values.insert(cache.values.end(), v[n].begin(), v[n].end());
  }
}

LayerCache AttentionOp::remember(const Table& memory) const {
  return {k_norm_(k_proj_(memory)).values, v_proj_(memory).values};
}

float AttentionOp::bias(std::size_t head, const Row& query, std::size_t key,
                        const SequenceView& sequence) const {
  if (const auto* alibi = std::get_if<Alibi>(&words_.position)) {
    return r_(alibi->bias(head, (*sequence.positions)[key], words_.scale));
  }
  if (const auto* relative = std::get_if<RelativeBias>(&words_.position)) {
    const int bucket = relative->bucket(static_cast<std::int32_t>(key) - query.slot);
    return relative_[static_cast<std::size_t>(bucket)][head];
  }
  return 0;
}

std::vector<float> AttentionOp::scores(std::span<const float> q, std::size_t head, const Row& row,
                                       const SequenceView& sequence) const {
  const bool eager = words_.implementation == Attention::Implementation::eager;
  const Rounding exact{DType::float32};
  const Rounding r = eager && !words_.float32_scores ? r_ : exact;
  const auto dim = static_cast<std::size_t>(words_.head_dim);
  const auto stride = dim * static_cast<std::size_t>(words_.kv_heads);
  const auto kv_head = head / static_cast<std::size_t>(words_.heads / words_.kv_heads);
  const bool causal = words_.kind == Attention::Kind::causal;
  const std::size_t keys =
      causal ? static_cast<std::size_t>(row.slot) + 1 : sequence.visible->size();

  std::vector<float> out(keys, kMinusInf);
  for (std::size_t s = 0; s < keys; ++s) {
    const auto slot = static_cast<std::int32_t>(s);
    if (!(*sequence.visible)[s]) continue;
    if (words_.window > 0 && slot <= row.slot - words_.window) continue;
    double dot = 0;
    const float* key = sequence.cache->keys.data() + s * stride + kv_head * dim;
    for (std::size_t d = 0; d < dim; ++d) dot += double{q[d]} * double{key[d]};
    const float added = bias(head, row, s, sequence);
    if (std::holds_alternative<Alibi>(words_.position)) {
      out[s] = r(dot * double{words_.scale} + double{added});  // one operation, rounded once
      continue;
    }
    float w = r(dot);
    if (!words_.scaled_query) w = r(w * words_.scale);
    if (words_.softcap > 0) w = r(r(std::tanh(r(w / words_.softcap))) * words_.softcap);
    out[s] = r(w + added);
  }
  return out;
}

void AttentionOp::attend(std::span<const float> q, const Row& row, const SequenceView& sequence,
                         std::span<float> out, std::vector<float>* probabilities) const {
  const auto dim = static_cast<std::size_t>(words_.head_dim);
  const auto stride = dim * static_cast<std::size_t>(words_.kv_heads);
  const auto group = static_cast<std::size_t>(words_.heads / words_.kv_heads);
  for (std::size_t head = 0; head < static_cast<std::size_t>(words_.heads); ++head) {
    const auto s = scores(q.subspan(head * dim, dim), head, row, sequence);
    const float* sink = sinks_.empty() ? nullptr : &sinks_[head];
    const float* values = sequence.cache->values.data() + head / group * dim;
    const auto o = out.subspan(head * dim, dim);
    if (probabilities == nullptr && words_.implementation == Attention::Implementation::sdpa) {
      fused_attention({s, values, stride}, o, sink, r_);
      continue;
    }
    const auto p = softmax(s, sink, r_);
    for (std::size_t d = 0; d < dim; ++d) {
      double sum = 0;
      for (std::size_t i = 0; i < p.size(); ++i)
        sum += double{p[i]} * double{values[i * stride + d]};
      o[d] = r_(sum);
    }
    if (probabilities != nullptr) {
      probabilities->insert(probabilities->end(), p.begin(), p.end());
    }
  }
}

}  // namespace typecase::reference
