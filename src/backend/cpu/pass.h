#pragma once

#include "backend/cpu/head_screen.h"
#include "backend/cpu/program.h"
#include "backend/cpu/rotary.h"
#include "backend/cpu/row_forms.h"

#include <algorithm>
#include <span>
#include <vector>

namespace typecase::cpu {

/// A row together with what the cache says about it.
struct PlacedRow {
  Row row;
  int sequence = 0;  ///< index among the sequences of the call
  int key = 0;       ///< visible keys before it: where its own goes, if it is visible
};

/// Keys and values of cross attention, of all layers: what an encoder made of a text.
struct Memory {
  /// Room for `keys` keys in blocks of `block_bytes`.
  Memory(int keys, std::size_t block_bytes);
  int keys;
  Arena arena;
  std::vector<std::byte*> blocks;  ///< block i holds keys 16 i … 16 i + 15
};

/// Rows that matrices are multiplied with.
struct Operand {
  const float* x;  // [rows][stride]
  std::size_t stride;
  int rows;
  int width;                // numbers of a row
  float* packed = nullptr;  // as `pack` brings them into `form`, or null
  std::size_t packed_stride = 0;
  RowForm form = RowForm::plain;
  PackRow pack = nullptr;

  /// Packs numbers first … last − 1 of a row, which lie at `from` (in x, if nowhere else).
  /// REQUIRES: first is a multiple of 32, last too or `width`.
  void pack_part(int row, int first, int last, const float* from = nullptr) const noexcept {
    if (packed == nullptr) return;
    const auto r = static_cast<std::size_t>(row), at = static_cast<std::size_t>(first);
    if (from == nullptr) from = x + r * stride + at;
    pack(from, last - first, packed + r * packed_stride + at / 32 * floats_per_32(form));
  }
};

/// Rows so few that a task waits for weights and not for them.
inline constexpr int kFewRows = 4;

/// What one task computes: panels first … last − 1 for `rows` rows from `row` on.
struct Piece {
  int first, last, row, rows, thread;

  int width() const noexcept { return (last - first) * kPanel; }
  /// Where its first number lies among rows of `stride`.
  std::size_t at(std::size_t stride) const noexcept {
    return static_cast<std::size_t>(row) * stride + static_cast<std::size_t>(first * kPanel);
  }
  /// f(Piece) for parts whose results are still near when something is made of them: of many rows
  /// a group of panels.
  template <class F>
  void for_parts(const F& f) const {
    Piece part = *this;
    for (; part.first < last; part.first = part.last) {
      part.last = rows <= kFewRows ? last : std::min(last, part.first + kPanelGroup);
      f(part);
    }
  }
};

/// One sequence of the call.
struct PlacedSequence {
  std::vector<std::byte*> blocks;
  std::vector<std::int32_t> masked;  ///< slots, ascending
  int keys = 0;                      ///< visible slots, those of this call included
  std::vector<std::int32_t> slots;   ///< of every key, where some slot is masked
  const Memory* memory = nullptr;    ///< of an encoder
  /// Visible slots below `slot`.
  int keys_below(std::int32_t slot) const;
};

/// Rows that a task multiplies with a group of panels: eleven of the tallest tiles.
inline constexpr int kRowChunk = 132;

/// Memory that a pass works in, for up to `rows` rows; kept between passes.
struct Workspace {
  Arena arena;
  int rows = 0;
  std::size_t hidden = 0, q_width = 0, kv_width = 0, mlp_width = 0;   // strides, in floats
  float *x = nullptr, *normed = nullptr, *y = nullptr, *z = nullptr;  // [rows][hidden]
  float *q = nullptr, *attended = nullptr;                            // [rows][q_width]
  float *k = nullptr, *v = nullptr;                                   // [rows][kv_width]
  float* gate = nullptr;                                              // [rows][mlp_width]
  float *gathered = nullptr, *expert_out = nullptr;                   // [rows][hidden]
  float *packed = nullptr, *packed_mlp = nullptr;                     // Operand::packed
  std::vector<float*> panels;       // per thread: MultiplyTask::scratch
  std::vector<float*> row_scratch;  // per thread: MultiplyTask::row_scratch
  std::vector<float*> aside;        // per thread: two results of pieces that for_parts() makes
  std::size_t aside_floats = 0;     // of each of the two
  std::vector<float*> attention;    // per thread: AttendTask::scratch
  std::size_t attention_floats = 0;
  /// Program::alibis[a]: the bias of head h for key i at [a][h · bias_keys + i].
  std::vector<std::vector<float>> biases;
  std::size_t bias_keys = 0;
  /// Program::relatives[r]: the bias of head h at distance d at [r][(2 h + 1) · bias_keys + d].
  std::vector<std::vector<float>> distances;
  std::vector<float> scores;                      ///< Pass::winners: a head's outputs, padded
  std::vector<std::vector<float>> gathered_bias;  ///< per thread, [kQueries][bias_keys]

  /// Grows to hold `rows` rows and eager attention to `keys` keys. Throws Error(out_of_memory).
  void fit(const Program& program, const Kernels& kernels, int threads, int rows, int keys);

 private:
  void fit_biases(const Program& program, int threads, int keys);
};

/// Carries some rows through the whole program. The keys they see must be in the cache already, or
/// belong to rows of the same pass.
class Pass {
 public:
  Pass(const Program& program, const Kernels& kernels, ThreadPool& pool, Workspace& work,
       std::span<const PlacedRow> rows, std::span<const PlacedSequence> sequences);

  /// `attentions`, when given, receives [layer][row][head · (slot + 1)].
  void embed();
  void block(std::size_t layer, std::vector<std::vector<float>>* attentions);
  /// As block(), for the last layer: of rows that do not ask for logits only keys and values are
  /// made. What follows speaks of the rows that ask, in their order.
  void last_block(std::size_t layer);
  void final_norm();
  /// Logits of the rows that ask, [asked][vocabulary], after final_norm().
  void logits(float* out);
  /// In place of logits(): of each row that asks the first id of the greatest, appended. `screen`
  /// may be null.   REQUIRES: can_screen(program).
  void winners(const HeadScreen* screen, std::vector<TokenId>& out);
  /// The same before final_norm(): the head's matrix on the hidden states as they are.
  void early_logits(float* out) const;

  /// An encoder's pass, after final_norm(): keys and values of a decoder's cross attention.
  void remember(const AttentionOp& op, Memory& memory);

  std::span<const float> hidden(int row) const {
    return {work_.x + static_cast<std::size_t>(row) * work_.hidden,
            static_cast<std::size_t>(program_.hidden)};
  }

 private:
  void weight_row(const PackedMatrix& matrix, int o, int thread, float* to) const noexcept;
  void token_row(int row, int thread, float* to) const noexcept;
  void finish_embedding(int row, int thread) const noexcept;
  void norm_row(const NormOp& norm, const float* x, float* out) const noexcept;
  void norm_rows(const NormOp& norm, const float* x, float* out) const;
  Operand normed(const NormOp& norm) const;
  Operand attend(const BlockOp& op, const Operand& in, std::vector<std::vector<float>>* attentions);
  void keep_asked();
  void project_qkv(const AttentionOp& op, const Operand& in) const;
  void place(const AttentionOp& op, int row) const noexcept;
  void store_keys(const AttentionOp& op, int row, std::byte* const* blocks) const noexcept;
  Operand attend_all(const AttentionOp& op, std::vector<std::vector<float>>* attentions) const;
  void cross_attend(const BlockOp& op, const Operand& in);
  const float* distance_bias(const AttentionOp& op, const PlacedRow& placed, int head, int query,
                             int thread) const noexcept;
  int gather_asked() const;
  float* projected_out(int asked) const;
  float* transformed(float* states, int asked) const;
  std::vector<int> survivors(const HeadScreen& screen, const float* state,
                             const float* scores) const;
  TokenId winner(const HeadScreen& screen, const float* state, float* scores) const;
  void head_matrix(const float* states, int asked, float* out) const;
  void attend_rows(const AttentionOp& op, int first, int last, int head, int heads, int thread,
                   std::vector<std::vector<float>>* attentions) const noexcept;
  Operand mlp(const MlpOp& op, const Operand& in) const;
  void mlp_part(const MlpOp& op, const Operand& in, const Operand& out,
                const Piece& part) const noexcept;
  void experts(const ExpertsOp& op, const Operand& in, float* out) const;
  std::vector<float> shares(const ExpertsOp& op, const Operand& in) const;
  void add_expert(const MlpOp& op, const float* in, const std::vector<int>& rows,
                  const float* shares, std::size_t stride, float* out) const;
  void feed_forward(const BlockOp& op, const Operand& in);
  void post_norm_block(const BlockOp& op, std::vector<std::vector<float>>* attentions);
  void project(const LinearOp& op, const float* in, std::size_t in_stride, float* out,
               std::size_t out_stride) const;
  void project(const LinearOp& op, const float* in, std::size_t in_stride, float* out,
               std::size_t out_stride, int rows) const;
  void project(const LinearOp& op, const Operand& in, float* out, std::size_t out_stride) const;
  void add_sublayer(const BlockOp& op, DType sums, const NormOp& after, const LinearOp& linear,
                    const Operand& in);
  void add_rows(float multiplier, const float* y, float* x) const {
    add_rows(multiplier, y, x, program_.dtype);
  }
  void add_rows(float multiplier, const float* y, float* x, DType sums) const;
  void parallel_sum(const BlockOp& op, const Operand& attended);
  Operand unpacked(const float* in, std::size_t stride, int width, int rows, float* packed) const;
  Operand operand(const float* in, std::size_t stride, int width, int rows) const;
  const float* packed_for(const Operand& in, const LinearOp& op) const noexcept;
  void multiply(const LinearOp& op, const Operand& in, float* out, std::size_t out_stride,
                const Piece& piece) const noexcept;
  float* multiply_aside(const LinearOp& op, const Operand& in, std::size_t place,
                        const Piece& part) const noexcept;
  void multiply_to(const LinearOp& op, const Operand& in, float* out, std::size_t out_stride,
                   const Piece& piece) const noexcept;
  void multiply_unpacked(const MultiplyTask& task, std::byte* near) const noexcept;
  void read_ahead(const LinearOp& next) const;
  int panels_of_piece(int panels, int chunks) const;
  template <class F>
  void for_rows(const F& f) const {
    for_rows(count_, f);
  }
  template <class F>
  void for_rows(int rows, const F& f) const;
  template <class F>
  void for_panels(int panels, int rows, const F& f) const;

  const Program& program_;
  const Kernels& kernels_;
  ThreadPool& pool_;
  Workspace& work_;
  std::span<const PlacedRow> rows_;
  bool last_ = false;             // in last_block()
  std::vector<PlacedRow> asked_;  // rows_ from there on
  std::span<const PlacedSequence> sequences_;
  std::vector<RotaryTable> rotary_;
  int count_;
};

/// Whether a HeadScreen's bound speaks of this plan's logits: plain sums, rounded once.
bool can_screen(const Program& program) noexcept;

/// f(row, thread) for every row; few rows are not worth waking anyone.
template <class F>
void Pass::for_rows(int rows, const F& f) const {
  constexpr int kTogether = 8;
  if (rows < 2 * kTogether) {
    for (int row = 0; row < rows; ++row) f(row, 0);
    return;
  }
  pool_.run((rows + kTogether - 1) / kTogether, [&](int task, int thread) {
    const int last = std::min(rows, (task + 1) * kTogether);
    for (int row = task * kTogether; row < last; ++row) f(row, thread);
  });
}

/// Pieces are many, where there are enough panels, so that the threads end together.
inline int Pass::panels_of_piece(int panels, int chunks) const {
  const int wanted = std::max(1, 16 * pool_.threads() / chunks);
  return std::max(kPanelGroup, panels / wanted / kPanelGroup * kPanelGroup);
}

/// f(Piece), cut so that every thread finds several pieces: who has a core to itself then does more
/// of them.
template <class F>
void Pass::for_panels(int panels, int rows, const F& f) const {
  const int chunks = (rows + kRowChunk - 1) / kRowChunk;
  const int step = panels_of_piece(panels, chunks);
  const int pieces = (panels + step - 1) / step;
  pool_.run(pieces * chunks, [&](int task, int thread) {
    const int first = task / chunks * step, row = task % chunks * kRowChunk;
    f(Piece{first, std::min(panels, first + step), row, std::min(kRowChunk, rows - row), thread});
  });
}

}  // namespace typecase::cpu
