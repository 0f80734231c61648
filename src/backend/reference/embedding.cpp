#include "backend/reference/embedding.h"

#include "backend/reference/activation.h"

#include <cmath>

namespace typecase::reference {

EmbeddingOp::EmbeddingOp(const Embedding& e, Rounding r)
    : r_(r),
      tokens_(load(e.tokens, r)),
      positions_(load(e.positions, r)),
      token_types_(load(e.token_types, r)),
      offset_(e.position_offset),
      sinusoidal_(e.sinusoids > 0),
      scale_(e.rounded_scale ? r(e.scale) : e.scale),
      norm_(e.norm, r),
      project_in_(e.project_in, r) {}

Table EmbeddingOp::operator()(std::span<const Row> rows) const {
  Table x(rows.size(), tokens_.columns);
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const auto token = tokens_[static_cast<std::size_t>(rows[n].token)];
    for (std::size_t d = 0; d < x.columns; ++d) {
      x[n][d] = scale_ == 1 ? token[d] : r_(token[d] * scale_);
    }
  }
  if (!project_in_.empty()) x = project_in_(x);
  for (std::size_t n = 0; n < rows.size(); ++n) {
    std::vector<float> angles(sinusoidal_ ? x.columns : 0);
    sinusoid(rows[n].position, angles);
    for (std::size_t d = 0; d < x.columns; ++d) {
      if (sinusoidal_) x[n][d] = r_(x[n][d] + r_(angles[d]));
      if (!token_types_.empty()) x[n][d] = r_(x[n][d] + token_types_[0][d]);
      if (positions_.empty()) continue;
      const auto at = static_cast<std::size_t>(rows[n].position + offset_);
      x[n][d] = r_(x[n][d] + positions_[at][d]);
    }
  }
  return norm_(std::move(x));
}

HeadOp::HeadOp(const Head& h, Rounding r)
    : r_(r),
      norm_(h.norm, r),
      transform_norm_(h.transform_norm, r),
      project_out_(h.project_out, r),
      transform_(h.transform, r),
      lm_head_(h.lm_head, r),
      activation_(h.transform_activation),
      hidden_scale_(h.hidden_scale),
      scale_(h.scale),
      softcap_(h.softcap) {}

Table HeadOp::logits(const Table& normed) const {
  Table x = project_out_.empty() ? normed : project_out_(normed);
  if (hidden_scale_ != 1) {
    for (float& v : x.values) v = r_(v * hidden_scale_);
  }
  if (!transform_.empty()) {
    x = transform_(x);
    for (float& v : x.values) v = activate(activation_, v, r_);
    x = transform_norm_(std::move(x));
  }
  if (lm_head_.empty()) return x;
  Table y = lm_head_(x);
  for (float& v : y.values) {
    if (scale_ != 1) v = r_(v * scale_);
    if (softcap_ > 0) v = r_(r_(std::tanh(r_(v / softcap_))) * softcap_);
  }
  return y;
}

}  // namespace typecase::reference
