#include "backend/cpu/packed.h"

#include "backend/cpu/recoded.h"
#include "base/checked.h"
#include "tensor/convert.h"

#include <typecase/error.h>

#include <cstring>
#include <string>

namespace typecase::cpu {
namespace {

bool is_float(DType dtype) {
  return dtype == DType::float32 || dtype == DType::float16 || dtype == DType::bfloat16 ||
         dtype == DType::float64;
}

Format float_format(DType stored, DType plan) {
  if (plan == DType::bfloat16) return Format::bfloat16;
  if (plan == DType::float16) return Format::float16;
  if (stored == DType::bfloat16) return Format::bfloat16;
  if (stored == DType::float16) return Format::float16;
  return Format::float32;
}

Format block_format(DType stored, bool quads) {
  switch (stored) {
    case DType::q8_0:
      return quads ? Format::q8_0_quads : Format::q8_0;
    case DType::q4_0:
      return quads ? Format::q4_0_quads : Format::q4_0;
    case DType::q4_1:
      return quads ? Format::q4_1_quads : Format::q4_1;
    default:
      return Format::blocks;
  }
}

std::size_t panel_bytes(const PackedMatrix& m) {
  const auto in = static_cast<std::size_t>(m.in);
  switch (m.format) {
    case Format::float32:
      return in * kPanel * 4;
    case Format::float16:
      return in * kPanel * 2;
    case Format::bfloat16:
      return (in + 1) / 2 * kPanel * 4;
    case Format::bfloat16_recoded:
      return in / recoded::kInputs * recoded::kRunBytes;
    case Format::q8_0:
    case Format::q8_0_quads:
      return in / kQuantisedBlock * (32 + 32 * kPanel);
    case Format::q4_0:
    case Format::q4_0_quads:
      return in / kQuantisedBlock * (32 + 16 * kPanel);
    case Format::q4_1:
    case Format::q4_1_quads:
      return in / kQuantisedBlock * (64 + 16 * kPanel);
    case Format::blocks:
      break;
  }
  const auto& t = traits(m.stored);
  return (in / t.block_size * t.block_bytes * kPanel + 63) / 64 * 64;
}

[[noreturn]] void refuse(const Tensor& t, DType plan, const char* why) {
  throw Error(Code::unsupported, "tensor " + quote(t.name) + " is stored as " +
                                     std::string(name(t.dtype)) + ", which a " +
                                     std::string(name(plan)) + " plan cannot run" + why);
}

template <class T>
T get(const std::byte* at, std::size_t i) {
  T value;
  std::memcpy(&value, at + i * sizeof(T), sizeof(T));
  return value;
}

/// Input k of lane `lane` in panel `p`, counted in elements of the format.
std::size_t element(Format format, std::size_t k, std::size_t lane) {
  if (format == Format::bfloat16) return (k / 2 * kPanel + lane) * 2 + k % 2;
  return k * kPanel + lane;
}

}  // namespace

PackedMatrix plan_packing(const Matrix& matrix, DType plan, Layouts layouts) {
  const Tensor& t = matrix.stored;
  if (t.shape.size() != 2) refuse(t, plan, ": it is no matrix");
  PackedMatrix m;
  m.stored = t.dtype;
  m.out = checked_cast<int>(matrix.out(), "the number of outputs");
  m.in = checked_cast<int>(matrix.in(), "the number of inputs");
  if (is_float(t.dtype)) {
    m.format = float_format(t.dtype, plan);
  } else if (is_quantised(t.dtype)) {
    if (plan == DType::float16) refuse(t, plan, "; choose float32 or bfloat16");
    if (matrix.in_out != t.transposed) refuse(t, plan, " with its blocks across the outputs");
    if (m.in % static_cast<int>(traits(t.dtype).block_size) != 0) {
      refuse(t, plan, " with rows that end inside a block");
    }
    const bool quads = layouts.eight_bits || (layouts.quads && plan == DType::float32);
    m.format = block_format(t.dtype, quads && m.in >= kShortestQuads);
    m.rounded = plan == DType::bfloat16 && !in_quads(m.format);
  } else {
    refuse(t, plan, "");
  }
  m.panel_bytes = panel_bytes(m);
  return m;
}

PackedMatrix plan_recoding(const Matrix& matrix, const PackedMatrix& plain) {
  PackedMatrix m = plain;
  // Columns come too slowly to be worth it: no model of today keeps bfloat16 so.
  const bool columns = matrix.in_out != matrix.stored.transposed;
  if (m.format != Format::bfloat16 || m.in % recoded::kInputs != 0 || columns) return m;
  m.format = Format::bfloat16_recoded;
  m.panel_bytes = panel_bytes(m);
  return m;
}

void PackedMatrix::expand_blocks(int p, int k, int n, float* to) const noexcept {
  const auto& t = traits(stored);
  const std::size_t row_bytes = static_cast<std::size_t>(in) / t.block_size * t.block_bytes;
  float row[2 * kInputBlock];
  for (int lane = 0; lane < kPanel; ++lane) {
    if (p * kPanel + lane >= out) {
      for (int i = 0; i < n; ++i) to[i * kPanel + lane] = 0;
      continue;
    }
    const std::span bytes{panel(p) + static_cast<std::size_t>(lane) * row_bytes, row_bytes};
    to_float32(stored, bytes, k, {row, static_cast<std::size_t>(n)});
    for (int i = 0; i < n; ++i) {
      to[i * kPanel + lane] = rounded ? round_to(DType::bfloat16, row[i]) : row[i];
    }
  }
}

namespace {

/// One weight of Q8_0, Q4_0 or Q4_1 out of its panel.
float lane_value(const PackedMatrix& m, const std::byte* panel, std::size_t k, std::size_t lane) {
  const bool eight = m.stored == DType::q8_0;
  const bool minimum = m.stored == DType::q4_1;
  const std::size_t header = minimum ? 64 : 32;
  const std::size_t quants = (eight ? 32 : 16) * kPanel;
  const std::byte* block = panel + k / kQuantisedBlock * (header + quants);
  const float d = float16_to_float(get<std::uint16_t>(block, lane));
  const std::size_t i = k % kQuantisedBlock;
  const bool quads = in_quads(m.format);
  if (eight) {
    const std::size_t at = quads ? (i / 4 * kPanel + lane) * 4 + i % 4 : i * kPanel + lane;
    const auto q = get<std::uint8_t>(block + header, at);
    return static_cast<float>(static_cast<std::int8_t>(quads ? q ^ 0x80 : q)) * d;
  }
  const std::size_t at = quads ? (i % 16 / 4 * kPanel + lane) * 4 + i % 4 : i / 2 * kPanel + lane;
  const auto pair = get<std::uint8_t>(block + header, at);
  const bool low = quads ? i < 16 : i % 2 == 0;
  const auto q = static_cast<float>(low ? pair & 15 : pair >> 4);
  if (!minimum) return (q - 8) * d;
  return q * d + float16_to_float(get<std::uint16_t>(block + 32, lane));
}

}  // namespace

void PackedMatrix::row(int o, float* to) const noexcept {
  const std::byte* from = panel(o / kPanel);
  const auto lane = static_cast<std::size_t>(o % kPanel);
  if (format == Format::blocks) {
    const auto& t = traits(stored);
    const std::size_t row_bytes = static_cast<std::size_t>(in) / t.block_size * t.block_bytes;
    to_float32(stored, {from + lane * row_bytes, row_bytes}, 0, {to, static_cast<std::size_t>(in)});
  }
  for (std::size_t k = 0; k < static_cast<std::size_t>(in); ++k) {
    const std::size_t i = element(format, k, lane);
    switch (format) {
      case Format::float32:
        to[k] = get<float>(from, i);
        break;
      case Format::float16:
        to[k] = float16_to_float(get<std::uint16_t>(from, i));
        break;
      case Format::bfloat16:
        to[k] = bfloat16_to_float(get<std::uint16_t>(from, i));
        break;
      case Format::bfloat16_recoded:
        to[k] = bfloat16_to_float(recoded::weight(from, k, lane));
        break;
      case Format::q8_0:
      case Format::q4_0:
      case Format::q4_1:
      case Format::q8_0_quads:
      case Format::q4_0_quads:
      case Format::q4_1_quads:
        to[k] = lane_value(*this, from, k, lane);
        break;
      case Format::blocks:
        break;
    }
    if (rounded) to[k] = round_to(DType::bfloat16, to[k]);
  }
}

std::vector<float> load_vector(const Vector& vector, DType dtype) {
  if (vector.empty()) return {};
  std::vector<float> all = to_float32(vector.stored);
  std::vector<float> out(static_cast<std::size_t>((vector.size() + kPanel - 1) / kPanel * kPanel));
  for (std::size_t i = 0; i < static_cast<std::size_t>(vector.size()); ++i) {
    const std::size_t at = vector.rows.empty() ? i : static_cast<std::size_t>(vector.rows[i]);
    out[i] = round_to(dtype, all[at]);
  }
  return out;
}

}  // namespace typecase::cpu
