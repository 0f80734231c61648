#pragma once

#include "plan/plan.h"

#include <cstddef>
#include <cstdint>

/// What the executor asks of an ISA level: one table of functions, the same for all.
///
/// Every level computes on vectors of sixteen floats, whatever its registers hold, and every sum
/// has an order that depends on the length of the sum alone. So a result never depends on the
/// number of rows, on the split among threads, or on neighbours.
///
/// All functions are noexcept; pointers marked "padded" may be read and written up to the next
/// multiple of 16 floats.
namespace typecase::cpu {

struct PackedMatrix;

inline constexpr int kPanel = 16;  ///< outputs of a panel, slots of a key block
/// Inputs (or pairs of inputs) summed in one chain; chains are added in order.
inline constexpr int kInputBlock = 256;
/// And of single inputs in a plan's matrices: the error of a sum grows with its chains. With 128 it
/// stays below PyTorch's (matrix_errors_test.cpp), with 256 it does not.
inline constexpr int kChain = 128;
inline constexpr int kBlockChain = 16;  ///< and of quantised blocks, each summed exactly (quads.h)
inline constexpr int kPanelGroup = 6;   ///< panels multiplied together at most
inline constexpr int kScratch = 2 * kPanelGroup * kInputBlock * kPanel;  ///< MultiplyTask::scratch
inline constexpr int kSecondCache = 2;                                   ///< of __builtin_prefetch
inline constexpr int kKeyChunk = 512;  ///< keys that share one running maximum (specs 9.2)

/// out[r][o] = r(Σ_i x[r][i]·W[o][i] + bias[o]) for the outputs of panels first … last − 1.
struct MultiplyTask {
  const PackedMatrix* matrix = nullptr;
  const float* bias = nullptr;  ///< padded, or null
  const float* x = nullptr;     ///< [rows][x_stride]
  std::size_t x_stride = 0;
  int rows = 0;
  float* out = nullptr;  ///< [rows][out_stride], padded: of panel `first` on
  std::size_t out_stride = 0;
  int first = 0, last = 0;   ///< panels
  float* scratch = nullptr;  ///< kScratch floats
  /// x in the form that row_form() names, [rows][row_stride()]; or null.
  const float* packed = nullptr;
  float* row_scratch = nullptr;  ///< else: as many floats to bring it there
  DType dtype = DType::float32;  ///< of the rounding
  bool eight_bits = false;       ///< rows for quads in the coarse form
};

/// Weights and shape of a norm over n elements.
struct NormWords {
  Norm::Kind kind = Norm::Kind::none;
  Norm::Rounding rounding = Norm::Rounding::rounded_twice;
  const float* weight = nullptr;  ///< padded, or null: 1
  const float* bias = nullptr;    ///< padded, or null: 0
  int n = 0;
  float eps = 0;
};

/// A cache block holds kPanel slots of one layer and one key head:
///     keys   [head_dim][slot]                one panel
///     values [head_dim / 16][slot][16]       head_dim padded to whole panels
/// and in bfloat16 two numbers of a sum lie together, as in Format::bfloat16:
///     keys   [head_dim / 2][slot][2]         an odd head_dim padded by a zero
///     values [head_dim / 16][slot / 2][16][2]
struct AttendTask {
  const std::byte* const* blocks = nullptr;      ///< of this sequence; block i holds keys 16 i …
  std::size_t key_offset = 0, value_offset = 0;  ///< of this layer and head, bytes in a block
  const float* q = nullptr;    ///< query i at q + i · query_stride, head_dim floats
  const int* begin = nullptr;  ///< query i sees keys begin[i] … end[i] − 1
  const int* end = nullptr;
  int queries = 0;                        ///< ≤ kQueries; all share the key head
  const std::size_t* query_at = nullptr;  ///< query i and its result lie this far from q and out
  float* out = nullptr;
  int head_dim = 0;
  float scale = 1, softcap = 0;
  const float* const* bias = nullptr;  ///< query i's at [key], padded; or null
  bool fused_bias = false;             ///< r(scale · q·k + bias) with one rounding; no cap then
  bool eager = false;                  ///< else the fused kernel's arithmetic
  bool float32_scores = false;
  DType dtype = DType::float32;    ///< of cache and roundings
  float* scratch = nullptr;        ///< attend_scratch() floats
  float* probabilities = nullptr;  ///< eager: query i's at i · probability_stride, or null
  std::size_t probability_stride = 0;
};
inline constexpr int kQueries = 12;
inline constexpr int kBlockGroup = 4;  ///< key blocks, and panels of values, taken together

/// Floats of AttendTask::scratch when the longest query sees `keys` keys.
inline std::size_t attend_scratch(int head_dim, int keys, bool eager) noexcept {
  const auto padded = [](int n) {
    return static_cast<std::size_t>((n + kPanel - 1) / kPanel * kPanel);
  };
  const std::size_t scores =
      padded(eager && keys > kKeyChunk ? keys : kKeyChunk) + kBlockGroup * kPanel;
  return kQueries * (2 * padded(head_dim) + scores) + 2 * kPanel * padded(head_dim);
}

/// Bytes from the keys of a block, or its values, to element d of slot `slot`.
inline constexpr std::size_t key_at(DType dtype, int d, int slot) noexcept {
  return dtype == DType::bfloat16
             ? static_cast<std::size_t>((d / 2 * kPanel + slot) * 2 + d % 2) * 2
             : static_cast<std::size_t>(d * kPanel + slot) * (dtype == DType::float32 ? 4 : 2);
}
inline constexpr std::size_t value_at(DType dtype, int d, int slot) noexcept {
  const int panel = d / kPanel * kPanel * kPanel, lane = d % kPanel;
  return dtype == DType::bfloat16
             ? static_cast<std::size_t>(panel + (slot / 2 * kPanel + lane) * 2 + slot % 2) * 2
             : static_cast<std::size_t>(panel + slot * kPanel + lane) *
                   (dtype == DType::float32 ? 4 : 2);
}

struct Kernels {
  const char* name;
  void (*multiply)(const MultiplyTask&) noexcept;
  /// One row of bfloat16 numbers in pairs, `in` inputs; null where no kernel wants them so.
  void (*pack)(const float* x, int in, float* to) noexcept;
  void (*attend)(const AttendTask&) noexcept;
  /// out may be x. Both padded.
  void (*norm)(const NormWords&, DType, const float* x, float* out) noexcept;
  /// out_i = r(f(gate_i)), times up_i and rounded again when `up` is given. Padded; out may be
  /// gate.
  void (*activate)(Activation, DType, const float* gate, const float* up, float* out,
                   int n) noexcept;
  /// x_i = r(x_i + r(m·y_i)). Padded.
  void (*add)(DType, float m, const float* y, float* x, int n) noexcept;
  /// x_i = r(x_i · m). Padded.
  void (*scale)(DType, float m, float* x, int n) noexcept;
  /// (x_i, x_{i + half}) turned by the angle of (cos_i, sin_i), i < half, a multiple of kPanel;
  /// products rounded to `inner` before they are added.
  void (*rotate)(DType, DType inner, const float* cos, const float* sin, int half,
                 float* x) noexcept;
  /// 64 inputs of a panel, [k / 2][lane][k % 2] bfloat16, into a run of recoded.h; false when they
  /// do not fit. Null where no kernel multiplies such runs.
  bool (*recode)(const std::byte* pairs, std::byte* run) noexcept = nullptr;
  /// One row of `in` numbers, a multiple of 32, as quads.h wants them. Null where no kernel
  /// multiplies quantised blocks by such rows.
  void (*pack_quads)(const float* x, int in, float* to) noexcept = nullptr;
  /// The coarse form of the same.
  void (*pack_eight_bits)(const float* x, int in, float* to) noexcept = nullptr;
  /// One row of `in` float32 numbers as three bfloat16 numbers each (isa/multiply_tiles.h). Null
  /// where float32 plans are not multiplied so.
  void (*pack_splits)(const float* x, int in, float* to) noexcept = nullptr;
};

}  // namespace typecase::cpu
