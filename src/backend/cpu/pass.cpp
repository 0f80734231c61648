#include "backend/cpu/pass.h"

#include "tensor/convert.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace typecase::cpu {
namespace {

std::size_t up_to(int n, std::size_t multiple) {
  return (static_cast<std::size_t>(n) + multiple - 1) / multiple * multiple;
}

}  // namespace

Memory::Memory(int n, std::size_t block_bytes)
    : keys(n), arena(static_cast<std::size_t>((n + kPanel - 1) / kPanel) * block_bytes) {
  for (int i = 0; i < n; i += kPanel) {
    blocks.push_back(arena.data() + static_cast<std::size_t>(i / kPanel) * block_bytes);
  }
}

void Workspace::fit_biases(const Program& p, int threads, int keys) {
  const std::size_t needed = up_to(keys + 1, 512) + kBlockGroup * kPanel;
  if ((p.alibis.empty() && p.relatives.empty()) || needed <= bias_keys) return;
  bias_keys = std::max(needed, 2 * bias_keys);
  distances.clear();
  for (const Program::Relative& r : p.relatives) {
    std::vector<float>& table = distances.emplace_back();
    const auto far = static_cast<std::int32_t>(bias_keys);
    std::vector<int> buckets;
    for (std::int32_t d = -far; d < far; ++d) buckets.push_back(r.words.bucket(d));
    for (int h = 0; h < r.heads; ++h) {
      const float* own = r.table.data() + h * r.words.buckets;
      for (const int bucket : buckets) table.push_back(own[bucket]);
    }
  }
  if (!p.relatives.empty()) {
    gathered_bias.assign(static_cast<std::size_t>(threads),
                         std::vector<float>(kQueries * bias_keys));
  }
  biases.clear();
  for (const auto& [alibi, scale] : p.alibis) {
    std::vector<float>& table = biases.emplace_back();
    for (std::size_t h = 0; h < alibi.slopes.size(); ++h) {
      for (std::size_t i = 0; i < bias_keys; ++i) {
        table.push_back(round_to(p.dtype, alibi.bias(h, static_cast<std::int32_t>(i), scale)));
      }
    }
  }
}

void Workspace::fit(const Program& p, const Kernels& kernels, int threads, int asked, int keys) {
  const std::size_t scratch =
      (attend_scratch(std::max(p.widest_head_dim, 1), keys, true) + 15) / 16 * 16;
  fit_biases(p, threads, keys);
  if (asked <= rows && scratch <= attention_floats) return;
  rows = std::max(rows, asked);
  attention_floats = std::max(attention_floats, scratch);
  hidden = up_to(p.widest_stream, 32);
  q_width = up_to(p.widest_q, 32);
  kv_width = up_to(p.widest_kv, 32);
  mlp_width = up_to(p.widest_mlp, 32);
  const std::size_t per_row =
      (p.has_experts ? 6 : 4) * hidden + 2 * q_width + 2 * kv_width + mlp_width;
  const std::size_t panel_floats = kScratch;
  const auto n = static_cast<std::size_t>(rows);
  const int widest = std::max({p.widest_stream, p.widest_q, p.widest_mlp});
  const std::size_t packed_row =
      std::max({p.dtype == DType::bfloat16 ? row_stride(RowForm::pairs, widest) : 0,
                p.quads ? row_stride(RowForm::quads, widest) : 0,
                kernels.pack_splits != nullptr ? row_stride(RowForm::splits, widest) : 0});
  const auto chunk = static_cast<std::size_t>(std::min(rows, kRowChunk));
  const std::size_t scratch_rows = chunk * packed_row;
  aside_floats = std::max(std::min<std::size_t>(chunk, kFewRows) * std::max(mlp_width, hidden),
                          chunk * kPanelGroup * kPanel);
  arena = Arena();
  arena = Arena(4 * ((per_row + 2 * packed_row) * n +
                     static_cast<std::size_t>(threads) *
                         (panel_floats + scratch_rows + 2 * aside_floats + attention_floats)));
  auto* at = reinterpret_cast<float*>(arena.data());
  const auto take = [&](std::size_t floats) { return std::exchange(at, at + floats); };
  for (float** of : {&x, &normed, &y, &z}) *of = take(n * hidden);
  for (float** of : {&q, &attended}) *of = take(n * q_width);
  for (float** of : {&k, &v}) *of = take(n * kv_width);
  gate = take(n * mlp_width);
  if (p.has_experts) {
    for (float** of : {&gathered, &expert_out}) *of = take(n * hidden);
  }
  for (float** of : {&packed, &packed_mlp}) *of = take(n * packed_row);
  panels.clear();
  row_scratch.clear();
  aside.clear();
  attention.clear();
  for (int t = 0; t < threads; ++t) {
    panels.push_back(take(panel_floats));
    row_scratch.push_back(take(scratch_rows));
    aside.push_back(take(2 * aside_floats));
    attention.push_back(take(attention_floats));
  }
}

int PlacedSequence::keys_below(std::int32_t slot) const {
  const auto hidden = std::lower_bound(masked.begin(), masked.end(), slot) - masked.begin();
  return slot - static_cast<int>(hidden);
}

Pass::Pass(const Program& program, const Kernels& kernels, ThreadPool& pool, Workspace& work,
           std::span<const PlacedRow> rows, std::span<const PlacedSequence> sequences)
    : program_(program),
      kernels_(kernels),
      pool_(pool),
      work_(work),
      rows_(rows),
      sequences_(sequences),
      count_(static_cast<int>(rows.size())) {
  std::vector<Row> plain;
  for (const PlacedRow& row : rows) plain.push_back(row.row);
  for (const Rope& rope : program.ropes) rotary_.emplace_back(rope, program.dtype, plain);
}

/// Rows that are to be packed at `packed`, once for all the tasks that multiply them. A few rows of
/// pairs are packed faster by every task than handed on. Forms that the level does not take have no
/// packer.
Operand Pass::unpacked(const float* in, std::size_t stride, int width, int rows,
                       float* packed) const {
  constexpr int kSeveral = 5;
  Operand out{in, stride, rows, width};
  if (program_.quads && width % kQuantisedBlock == 0) {
    out.form = program_.eight_bits ? RowForm::eight_bits : RowForm::quads;
  } else if (program_.dtype == DType::bfloat16 && rows >= kSeveral) {
    out.form = RowForm::pairs;
  } else if (program_.dtype == DType::float32 && rows >= kSeveral) {
    out.form = RowForm::splits;
  }
  out.pack = row_packer(kernels_, out.form);
  out.packed_stride = row_stride(out.form, width);
  if (out.pack != nullptr) out.packed = packed;
  return out;
}

Operand Pass::operand(const float* in, std::size_t stride, int width, int rows) const {
  const Operand out = unpacked(in, stride, width, rows, work_.packed);
  if (out.packed != nullptr) for_rows(rows, [&](int row, int) { out.pack_part(row, 0, width); });
  return out;
}

/// work_.normed = norm(x), ready for the matrices behind it.
Operand Pass::normed(const NormOp& norm) const {
  const Operand out = unpacked(work_.normed, work_.hidden, program_.hidden, count_, work_.packed);
  for_rows([&](int row, int) {
    const std::size_t at = static_cast<std::size_t>(row) * work_.hidden;
    norm_row(norm, work_.x + at, work_.normed + at);
    out.pack_part(row, 0, out.width);
  });
  return out;
}

/// Steps of few rows wait for memory: while norms, attention or the last pieces of a matrix keep
/// one thread busy, the others ask for the next matrix.
void Pass::read_ahead(const LinearOp& next) const {
  constexpr int kFew = 4;
  constexpr std::size_t kAtMost = 192 << 10;  // well within a core's second cache
  if (count_ > kFew || next.empty()) return;
  const PackedMatrix& m = *next.weight;
  if (m.data == nullptr) return;
  pool_.read_ahead({m.panel(0), m.panel_bytes * static_cast<std::size_t>(m.panels())}, kAtMost);
}

/// What the product takes in place of the rows, which it never looks at then; or null.
const float* Pass::packed_for(const Operand& in, const LinearOp& op) const noexcept {
  const RowForm wanted = row_form(kernels_, *op.weight, op.dtype, program_.eight_bits);
  return wanted == in.form ? in.packed : nullptr;
}

/// The piece's part of out, [rows][out_stride].
void Pass::multiply(const LinearOp& op, const Operand& in, float* out, std::size_t out_stride,
                    const Piece& piece) const noexcept {
  multiply_to(op, in, out + piece.at(out_stride), out_stride, piece);
}

/// The same as [rows][width], kept aside for the task.
float* Pass::multiply_aside(const LinearOp& op, const Operand& in, std::size_t place,
                            const Piece& part) const noexcept {
  float* out = work_.aside[static_cast<std::size_t>(part.thread)] + place * work_.aside_floats;
  multiply_to(op, in, out, static_cast<std::size_t>(part.width()), part);
  return out;
}

void Pass::multiply_to(const LinearOp& op, const Operand& in, float* out, std::size_t out_stride,
                       const Piece& piece) const noexcept {
  const auto r = static_cast<std::size_t>(piece.row);
  const auto thread = static_cast<std::size_t>(piece.thread);
  const float* packed = packed_for(in, op);
  const MultiplyTask task{.matrix = op.weight,
                          .bias = op.bias_data(),
                          .x = in.x + r * in.stride,
                          .x_stride = in.stride,
                          .rows = piece.rows,
                          .out = out,
                          .out_stride = out_stride,
                          .first = piece.first,
                          .last = piece.last,
                          .scratch = work_.panels[thread],
                          .packed = packed != nullptr ? packed + r * in.packed_stride : nullptr,
                          .row_scratch = work_.row_scratch[thread],
                          .dtype = op.dtype,
                          .eight_bits = program_.eight_bits};
  if (op.weight->data != nullptr) return kernels_.multiply(task);
  multiply_unpacked(task, program_.packer->near(piece.thread));
}

/// A few panels at a time are packed into `near`, which stays in the second cache, and multiplied.
void Pass::multiply_unpacked(const MultiplyTask& task, std::byte* near) const noexcept {
  const PackedMatrix& whole = *task.matrix;
  const int end = task.last;
  for (int first = task.first; first < end; first += kPanelGroup) {
    const int last = std::min(end, first + kPanelGroup);
    const PackedMatrix group = unpacked_panels(whole, first, last, near);
    MultiplyTask part = task;
    part.matrix = &group;
    part.first = 0;
    part.last = last - first;
    if (part.bias != nullptr) part.bias += first * kPanel;
    part.out += (first - task.first) * kPanel;
    kernels_.multiply(part);
  }
}

/// Output o of a matrix: its weights as floats.
void Pass::weight_row(const PackedMatrix& m, int o, int thread, float* to) const noexcept {
  if (m.data != nullptr) return m.row(o, to);
  const int panel = o / kPanel;
  unpacked_panels(m, panel, panel + 1, program_.packer->near(thread)).row(o % kPanel, to);
}

void Pass::token_row(int row, int thread, float* to) const noexcept {
  const EmbeddingOp& e = program_.embedding;
  const Row& r = rows_[static_cast<std::size_t>(row)].row;
  float* x = to + static_cast<std::size_t>(row) * work_.hidden;
  weight_row(*e.tokens, r.token, thread, x);
  std::fill(x + e.tokens->in, x + work_.hidden, 0.0f);
  if (e.tokens->format != Format::float32 || program_.dtype != DType::float32) {
    for (int i = 0; i < e.tokens->in; ++i) x[i] = round_to(program_.dtype, x[i]);
  }
  if (e.scale != 1) kernels_.scale(program_.dtype, e.scale, x, e.tokens->in);
}

void Pass::finish_embedding(int row, int thread) const noexcept {
  const EmbeddingOp& e = program_.embedding;
  const Row& r = rows_[static_cast<std::size_t>(row)].row;
  float* x = work_.x + static_cast<std::size_t>(row) * work_.hidden;
  if (!e.token_type.empty()) {
    kernels_.add(program_.dtype, 1, e.token_type.data(), x, program_.hidden);
  }
  if (e.sinusoidal) {
    float* position = work_.y + static_cast<std::size_t>(row) * work_.hidden;
    sinusoid(r.position, {position, static_cast<std::size_t>(program_.hidden)});
    for (int i = 0; i < program_.hidden; ++i) position[i] = round_to(program_.dtype, position[i]);
    kernels_.add(program_.dtype, 1, position, x, program_.hidden);
  }
  if (e.positions != nullptr) {
    float* position = work_.y + static_cast<std::size_t>(row) * work_.hidden;
    weight_row(*e.positions, r.position + e.position_offset, thread, position);
    kernels_.add(program_.dtype, 1, position, x, program_.hidden);
  }
  if (!e.norm.empty()) kernels_.norm(e.norm.words, program_.dtype, x, x);
}

void Pass::embed() {
  const LinearOp& project_in = program_.embedding.project_in;
  if (project_in.empty()) {
    return for_rows([&](int row, int thread) {
      token_row(row, thread, work_.x);
      finish_embedding(row, thread);
    });
  }
  for_rows([&](int row, int thread) { token_row(row, thread, work_.normed); });
  project(project_in, work_.normed, work_.hidden, work_.x, work_.hidden);
  for_rows([&](int row, int thread) { finish_embedding(row, thread); });
}

void Pass::norm_row(const NormOp& norm, const float* x, float* out) const noexcept {
  if (!norm.empty()) {
    kernels_.norm(norm.words, program_.dtype, x, out);
  } else if (x != out) {
    std::memcpy(out, x, work_.hidden * sizeof(float));
  }
}

void Pass::norm_rows(const NormOp& norm, const float* x, float* out) const {
  for_rows([&](int row, int) {
    const std::size_t at = static_cast<std::size_t>(row) * work_.hidden;
    norm_row(norm, x + at, out + at);
  });
}

void Pass::last_block(std::size_t layer) {
  last_ = true;
  block(layer, nullptr);
}

void Pass::block(std::size_t layer, std::vector<std::vector<float>>* attentions) {
  const BlockOp& op = program_.blocks[layer];
  if (op.post_norm) return post_norm_block(op, attentions);
  const auto norm = [&](const NormOp& words) {
    const Operand rows = normed(words);
    if (op.residual_from_normed) norm_rows({}, work_.normed, work_.x);
    return rows;
  };
  const Operand attended = attend(op, norm(op.attention_norm), attentions);
  if (count_ == 0) return;
  if (op.parallel) return parallel_sum(op, attended);
  read_ahead(op.mlp.gate_proj.empty() ? op.mlp.up_proj : op.mlp.gate_proj);
  add_sublayer(op, op.attention_sums, op.after_attention_norm, op.attention.o_proj, attended);
  if (op.cross_attention) cross_attend(op, norm(op.cross_attention_norm));
  feed_forward(op, norm(op.mlp_norm));
}

/// x = attention_norm(r(x + attention(x))), the same for cross attention and the mlp.
void Pass::post_norm_block(const BlockOp& op, std::vector<std::vector<float>>* attentions) {
  const Operand attended = attend(op, normed({}), attentions);
  if (count_ == 0) return;
  add_sublayer(op, op.attention_sums, op.after_attention_norm, op.attention.o_proj, attended);
  norm_rows(op.attention_norm, work_.x, work_.x);
  if (op.cross_attention) {
    cross_attend(op, normed({}));
    norm_rows(op.cross_attention_norm, work_.x, work_.x);
  }
  feed_forward(op, normed({}));
  norm_rows(op.mlp_norm, work_.x, work_.x);
}

/// x = r(x + m · after_mlp_norm(mlp(normed))).
void Pass::feed_forward(const BlockOp& op, const Operand& in) {
  if (op.experts.experts.empty()) {
    read_ahead(op.mlp.down_proj);
    const Operand inner = mlp(op.mlp, in);
    const bool last = &op == &program_.blocks.back();
    read_ahead(last ? program_.lm_head : (&op)[1].attention.q_proj);
    return add_sublayer(op, op.mlp_sums, op.after_mlp_norm, op.mlp.down_proj, inner);
  }
  experts(op.experts, in, work_.y);
  norm_rows(op.after_mlp_norm, work_.y, work_.y);
  add_rows(op.multiplier, work_.y, work_.x);
}

/// x = r(x + m · after(linear(in))), r to `sums`, the sum taken on the columns just computed.
void Pass::add_sublayer(const BlockOp& op, DType sums, const NormOp& after, const LinearOp& linear,
                        const Operand& in) {
  if (!after.empty()) {
    project(linear, in, work_.y, work_.hidden);
    norm_rows(after, work_.y, work_.y);
    return add_rows(op.multiplier, work_.y, work_.x, sums);
  }
  for_panels(linear.weight->panels(), count_, [&](const Piece& piece) {
    piece.for_parts([&](const Piece& part) {
      const int n = part.width();
      const float* y = multiply_aside(linear, in, 0, part);
      float* x = work_.x + part.at(work_.hidden);
      for (int r = 0; r < part.rows; ++r, y += n, x += work_.hidden) {
        kernels_.add(sums, op.multiplier, y, x, n);
      }
    });
  });
}

void Pass::add_rows(float multiplier, const float* y, float* x, DType sums) const {
  for_rows([&](int row, int) {
    const std::size_t at = static_cast<std::size_t>(row) * work_.hidden;
    kernels_.add(sums, multiplier, y + at, x + at, program_.hidden);
  });
}

void Pass::project(const LinearOp& op, const float* in, std::size_t in_stride, float* out,
                   std::size_t out_stride) const {
  project(op, in, in_stride, out, out_stride, count_);
}

void Pass::project(const LinearOp& op, const float* in, std::size_t in_stride, float* out,
                   std::size_t out_stride, int some) const {
  project(op, operand(in, in_stride, op.weight->in, some), out, out_stride);
}

void Pass::project(const LinearOp& op, const Operand& in, float* out,
                   std::size_t out_stride) const {
  for_panels(op.weight->panels(), in.rows,
             [&](const Piece& piece) { multiply(op, in, out, out_stride, piece); });
}

/// x = r(x + r(attention + mlp)) in the block's order, both from one normed stream.
void Pass::parallel_sum(const BlockOp& op, const Operand& attended) {
  project(op.attention.o_proj, attended, work_.y, work_.hidden);
  norm_rows(op.after_attention_norm, work_.y, work_.y);
  // Without a norm of its own the mlp takes what attention took; `packed` holds other rows by now.
  const Operand in = op.mlp_norm.empty()
                         ? operand(work_.normed, work_.hidden, program_.hidden, count_)
                         : normed(op.mlp_norm);
  if (op.experts.experts.empty()) {
    project(op.mlp.down_proj, mlp(op.mlp, in), work_.z, work_.hidden);
  } else {
    experts(op.experts, in, work_.z);
  }
  if (op.sum_order == Block::SumOrder::residual_attention_mlp) {
    add_rows(1, work_.y, work_.x);
    return add_rows(1, work_.z, work_.x);
  }
  add_rows(1, work_.z, work_.y);  // a + m and m + a are the same
  add_rows(1, work_.y, work_.x);
}

/// gate = f(gate(in)) · up(in), or f(up(in)) without a gate; packed as it is made.
Operand Pass::mlp(const MlpOp& op, const Operand& in) const {
  const Operand out =
      unpacked(work_.gate, work_.mlp_width, op.down_proj.weight->in, in.rows, work_.packed_mlp);
  const LinearOp& driver = op.gate_proj.empty() ? op.up_proj : op.gate_proj;
  for_panels(driver.weight->panels(), in.rows, [&](const Piece& piece) {
    piece.for_parts([&](const Piece& part) { mlp_part(op, in, out, part); });
  });
  return out;
}

void Pass::mlp_part(const MlpOp& op, const Operand& in, const Operand& out,
                    const Piece& part) const noexcept {
  const bool gated = !op.gate_proj.empty();
  float* gate = multiply_aside(gated ? op.gate_proj : op.up_proj, in, 0, part);
  const float* up = gated ? multiply_aside(op.up_proj, in, 1, part) : nullptr;
  const bool packed_alone = packed_for(out, op.down_proj) != nullptr;
  const int first = part.first * kPanel, n = part.width();
  float* whole = work_.gate + part.at(work_.mlp_width);
  for (int r = 0; r < part.rows; ++r, gate += n, whole += work_.mlp_width) {
    float* to = packed_alone ? gate : whole;
    kernels_.activate(op.activation, program_.dtype, gate, up, to, n);
    out.pack_part(part.row + r, first, std::min(first + n, out.width), to);
    if (gated) up += n;
  }
}

void Pass::final_norm() { norm_rows(program_.head_norm, work_.x, work_.x); }

}  // namespace typecase::cpu
