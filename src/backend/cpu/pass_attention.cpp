/// The attention part of a pass: projections, positions, cache, and who attends in which task.
#include "backend/cpu/pass.h"
#include "tensor/convert.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace typecase::cpu {
namespace {

/// Rows of a sequence whose queries a task takes together in a prefill.
constexpr int kRowsTogether = 32;

/// Numbers that are of the cache's dtype already.
template <DType D>
void put(std::byte* at, float value) noexcept {
  if constexpr (D == DType::float32) {
    std::memcpy(at, &value, 4);
  } else {
    const auto bits = D == DType::bfloat16
                          ? static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16)
                          : float_to_float16(value);
    std::memcpy(at, &bits, 2);
  }
}

/// A head's key and value of one slot.
template <DType D>
void put_head(int dim, const float* k, const float* v, std::byte* keys, std::byte* values,
              int slot) noexcept {
  for (int d = 0; d < dim; ++d) put<D>(keys + key_at(D, d, slot), k[d]);
  if (dim % 2 != 0) put<D>(keys + key_at(D, dim, slot), 0);
  for (int d = 0; d < dim; ++d) put<D>(values + value_at(D, d, slot), v[d]);
  for (int d = dim; d % kPanel != 0; ++d) put<D>(values + value_at(D, d, slot), 0);
}

/// Rows first … last − 1 belong to one sequence.
struct Run {
  int first, last;
};

std::vector<Run> runs_of(std::span<const PlacedRow> rows) {
  std::vector<Run> runs;
  for (int i = 0; i < static_cast<int>(rows.size()); ++i) {
    const bool same = !runs.empty() && runs.back().last - runs.back().first < kRowsTogether &&
                      rows[static_cast<std::size_t>(i)].sequence ==
                          rows[static_cast<std::size_t>(runs.back().first)].sequence;
    if (same) {
      runs.back().last = i + 1;
    } else {
      runs.push_back({i, i + 1});
    }
  }
  return runs;
}

}  // namespace

void Pass::project_qkv(const AttentionOp& op, const Operand& in) const {
  struct Part {
    const LinearOp* linear;
    float* out;
    std::size_t stride;
  };
  const Part parts[] = {{&op.q_proj, work_.q, work_.q_width},
                        {&op.k_proj, work_.k, work_.kv_width},
                        {&op.v_proj, work_.v, work_.kv_width}};
  int panels = 0;
  for (const Part& part : parts) panels += part.linear->weight->panels();
  for_panels(panels, count_, [&](const Piece& piece) {
    int begin = 0;
    for (const Part& part : parts) {
      const int own = part.linear->weight->panels();
      Piece within = piece;
      within.first = std::max(piece.first - begin, 0);
      within.last = std::min(piece.last - begin, own);
      if (within.first < within.last) {
        multiply(*part.linear, in, part.out, part.stride, within);
      }
      begin += own;
    }
  });
}

/// Norms, rotation and scale of one row's query and key; then both go where attention finds them.
void Pass::place(const AttentionOp& op, int row) const noexcept {
  float* q = work_.q + static_cast<std::size_t>(row) * work_.q_width;
  float* k = work_.k + static_cast<std::size_t>(row) * work_.kv_width;
  const auto each = [&](float* x, int heads, const NormOp& shared, const std::vector<NormOp>& own) {
    if (!shared.empty() && op.whole_norm) kernels_.norm(shared.words, program_.dtype, x, x);
    for (int h = 0; h < heads; ++h) {
      const NormOp& norm = own.empty() ? shared : own[static_cast<std::size_t>(h)];
      float* head = x + static_cast<std::size_t>(h) * static_cast<std::size_t>(op.head_dim);
      if (!norm.empty() && !op.whole_norm) {
        // The kernel may write up to the end of its last vector: into a neighbour, when heads are
        // not whole panels. So it works aside.
        float aside[kWidestHead];
        std::memcpy(aside, head, static_cast<std::size_t>(op.head_dim) * sizeof(float));
        kernels_.norm(norm.words, program_.dtype, aside, aside);
        std::memcpy(head, aside, static_cast<std::size_t>(op.head_dim) * sizeof(float));
      }
      if (op.rope >= 0) rotary_[static_cast<std::size_t>(op.rope)].rotate(kernels_, row, head);
    }
  };
  each(q, op.heads, op.q_norm, op.q_norms);
  each(k, op.kv_heads, op.k_norm, op.k_norms);
  if (op.scaled_query) kernels_.scale(program_.dtype, op.scale, q, op.heads * op.head_dim);
  const PlacedRow& placed = rows_[static_cast<std::size_t>(row)];
  if (!placed.row.visible) return;
  store_keys(op, row, sequences_[static_cast<std::size_t>(placed.sequence)].blocks.data());
}

void Pass::store_keys(const AttentionOp& op, int row, std::byte* const* blocks) const noexcept {
  const PlacedRow& placed = rows_[static_cast<std::size_t>(row)];
  const int slot = placed.key % kPanel;
  std::byte* block = blocks[placed.key / kPanel] + op.cache_offset;
  const float* k = work_.k + static_cast<std::size_t>(row) * work_.kv_width;
  const float* v = work_.v + static_cast<std::size_t>(row) * work_.kv_width;
  const auto put_head_of = program_.dtype == DType::bfloat16  ? put_head<DType::bfloat16>
                           : program_.dtype == DType::float16 ? put_head<DType::float16>
                                                              : put_head<DType::float32>;
  for (int h = 0; h < op.kv_heads; ++h, block += op.key_bytes + op.value_bytes) {
    put_head_of(op.head_dim, k, v, block, block + op.key_bytes, slot);
    k += op.head_dim;
    v += op.head_dim;
  }
}

/// Behind the last keys and values nobody needs the other rows.
void Pass::keep_asked() {
  for (int row = 0; row < count_; ++row) {
    const PlacedRow& placed = rows_[static_cast<std::size_t>(row)];
    if (!placed.row.logits) continue;
    const auto move = [from = static_cast<std::size_t>(row), to = asked_.size()](
                          float* rows, std::size_t stride) {
      if (from != to) std::memcpy(rows + to * stride, rows + from * stride, 4 * stride);
    };
    move(work_.x, work_.hidden);
    move(work_.normed, work_.hidden);
    move(work_.q, work_.q_width);
    asked_.push_back(placed);
  }
  rows_ = asked_;
  count_ = static_cast<int>(asked_.size());
}

/// What attention makes, for the matrix behind it.
Operand Pass::attend(const BlockOp& block, const Operand& in,
                     std::vector<std::vector<float>>* attentions) {
  const AttentionOp& op = block.attention;
  read_ahead(op.o_proj);
  project_qkv(op, in);
  for_rows([&](int row, int) { place(op, row); });
  if (last_) keep_asked();
  if (attentions != nullptr) {
    for (const PlacedRow& row : rows_) {
      attentions->emplace_back(static_cast<std::size_t>(op.heads) *
                               static_cast<std::size_t>(row.row.slot + 1));
    }
  }
  return attend_all(op, attentions);
}

/// x += W_o · attention over the encoder's memory, queries from `in`.
void Pass::cross_attend(const BlockOp& block, const Operand& in) {
  const AttentionOp& op = *block.cross_attention;
  project(op.q_proj, in, work_.q, work_.q_width);
  if (op.scaled_query) {
    for_rows([&](int row, int) {
      float* q = work_.q + static_cast<std::size_t>(row) * work_.q_width;
      kernels_.scale(program_.dtype, op.scale, q, op.heads * op.head_dim);
    });
  }
  add_sublayer(block, block.attention_sums, {}, op.o_proj, attend_all(op, nullptr));
}

void Pass::remember(const AttentionOp& op, Memory& memory) {
  project(op.k_proj, work_.x, work_.hidden, work_.k, work_.kv_width);
  project(op.v_proj, work_.x, work_.hidden, work_.v, work_.kv_width);
  for_rows([&](int row, int) {
    if (rows_[static_cast<std::size_t>(row)].row.visible) {
      store_keys(op, row, memory.blocks.data());
    }
  });
}

/// Every row attends, in tasks of some rows and the query heads of one key head; each packs its
/// own.
Operand Pass::attend_all(const AttentionOp& op, std::vector<std::vector<float>>* attentions) const {
  const std::vector<Run> runs = runs_of(rows_);
  const int group = op.heads / op.kv_heads;
  // Query heads that share a key head share its loads too, unless that leaves threads idle.
  const bool together = static_cast<int>(runs.size()) * op.kv_heads >= pool_.threads();
  const int heads = together ? group : 1, parts = op.heads / heads, width = heads * op.head_dim;
  const Operand out =
      unpacked(work_.attended, work_.q_width, op.o_proj.weight->in, count_, work_.packed);
  const bool packed_by_task = width % 32 == 0;
  pool_.run(static_cast<int>(runs.size()) * parts, [&](int task, int thread) {
    const Run& run = runs[static_cast<std::size_t>(task / parts)];
    const int part = task % parts;
    attend_rows(op, run.first, run.last, part * heads, heads, thread, attentions);
    for (int row = run.first; row < run.last && packed_by_task; ++row) {
      out.pack_part(row, part * width, (part + 1) * width);
    }
  });
  if (!packed_by_task) for_rows([&](int row, int) { out.pack_part(row, 0, out.width); });
  return out;
}

/// What query `query` of a task adds to its scores: by key. Keys follow each other slot by slot, so
/// it is a piece of the table by distance, unless masked slots lie between them.
const float* Pass::distance_bias(const AttentionOp& op, const PlacedRow& placed, int head,
                                 int query, int thread) const noexcept {
  const PlacedSequence& sequence = sequences_[static_cast<std::size_t>(placed.sequence)];
  const float* table = work_.distances[static_cast<std::size_t>(op.relative)].data() +
                       (2 * static_cast<std::size_t>(head) + 1) * work_.bias_keys - placed.row.slot;
  if (sequence.masked.empty()) return table;
  float* out = work_.gathered_bias[static_cast<std::size_t>(thread)].data() +
               static_cast<std::size_t>(query) * work_.bias_keys;
  for (std::size_t key = 0; key < sequence.slots.size(); ++key)
    out[key] = table[sequence.slots[key]];
  return out;
}

/// Queries of rows first … last − 1 and `heads` heads from `head` on, which share a key head.
void Pass::attend_rows(const AttentionOp& op, int first, int last, int head, int heads, int thread,
                       std::vector<std::vector<float>>* attentions) const noexcept {
  const PlacedSequence& sequence =
      sequences_[static_cast<std::size_t>(rows_[static_cast<std::size_t>(first)].sequence)];
  const int kv_head = head / (op.heads / op.kv_heads);
  const bool taken = attentions != nullptr;
  AttendTask task;
  const bool cross = op.kind == Attention::Kind::cross;
  task.blocks = cross ? sequence.memory->blocks.data() : sequence.blocks.data();
  task.key_offset =
      op.cache_offset + static_cast<std::size_t>(kv_head) * (op.key_bytes + op.value_bytes);
  task.value_offset = task.key_offset + op.key_bytes;
  task.q = work_.q;
  task.out = work_.attended;
  task.head_dim = op.head_dim;
  task.scale = op.scaled_query ? 1 : op.scale;
  task.softcap = op.softcap;
  task.eager = op.eager || taken;
  task.float32_scores = op.float32_scores || !op.eager;
  task.dtype = program_.dtype;
  task.scratch = work_.attention[static_cast<std::size_t>(thread)];

  int begin[kQueries], end[kQueries];
  std::size_t at[kQueries];
  const float* bias[kQueries];
  if (op.alibi >= 0 || op.relative >= 0) task.bias = bias;
  task.fused_bias = op.alibi >= 0;
  task.begin = begin;
  task.end = end;
  task.query_at = at;
  const int queries = (last - first) * heads, together = taken ? 1 : kQueries;
  for (int q = 0; q < queries; q += together) {
    task.queries = std::min(together, queries - q);
    for (int i = 0; i < task.queries; ++i) {
      const int row = first + (q + i) / heads, h = head + (q + i) % heads;
      const PlacedRow& placed = rows_[static_cast<std::size_t>(row)];
      begin[i] =
          op.window > 0 ? sequence.keys_below(std::max(0, placed.row.slot - op.window + 1)) : 0;
      end[i] = cross                                       ? sequence.memory->keys
               : op.kind == Attention::Kind::bidirectional ? sequence.keys
                                                           : placed.key + placed.row.visible;
      if (op.relative >= 0) bias[i] = distance_bias(op, placed, h, i, thread);
      if (op.alibi >= 0) {
        const std::vector<float>& table = work_.biases[static_cast<std::size_t>(op.alibi)];
        bias[i] = table.data() + static_cast<std::size_t>(h) * work_.bias_keys;
      }
      at[i] = static_cast<std::size_t>(row) * work_.q_width +
              static_cast<std::size_t>(h) * static_cast<std::size_t>(op.head_dim);
    }
    if (!taken) {
      kernels_.attend(task);
      continue;
    }
    // One query at a time; key numbers become slots again.
    const int row = first + q / heads, h = head + q % heads;
    const auto slots = static_cast<std::size_t>(rows_[static_cast<std::size_t>(row)].row.slot + 1);
    float* to =
        (*attentions)[static_cast<std::size_t>(row)].data() + static_cast<std::size_t>(h) * slots;
    task.probabilities = to;
    kernels_.attend(task);
    for (int slot = static_cast<int>(slots) - 1; slot >= 0; --slot) {
      const bool masked = std::binary_search(sequence.masked.begin(), sequence.masked.end(), slot);
      to[slot] = masked ? 0.0f : to[sequence.keys_below(slot)];
    }
  }
}

}  // namespace typecase::cpu
