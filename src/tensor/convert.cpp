#include "tensor/convert.h"

#include "base/checked.h"
#include "tensor/blocks.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace typecase {

float bfloat16_to_float(std::uint16_t bits) noexcept {
  return std::bit_cast<float>(std::uint32_t{bits} << 16);
}

std::uint16_t float_to_bfloat16(float value) noexcept {
  if (std::isnan(value)) return 0x7fc0;  // torch's one NaN
  const auto bits = std::bit_cast<std::uint32_t>(value);
  // Half a unit less one, plus one when the kept part is odd: ties go to even.
  return static_cast<std::uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

float float16_to_float(std::uint16_t bits) noexcept {
  const std::uint32_t sign = (bits & 0x8000u) << 16;
  const std::uint32_t exponent = (bits >> 10) & 31u, mantissa = bits & 0x3ffu;
  if (exponent == 0) {  // zero or denormal: mantissa · 2⁻²⁴, exact in float32
    return std::bit_cast<float>(
        sign | std::bit_cast<std::uint32_t>(static_cast<float>(mantissa) * 0x1p-24f));
  }
  const std::uint32_t wide = exponent == 31 ? 255u : exponent + (127 - 15);
  return std::bit_cast<float>(sign | wide << 23 | mantissa << 13);
}

std::uint16_t float_to_float16(float value) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000u, magnitude = bits & 0x7fffffffu;
  std::uint32_t out;
  if (magnitude > 0x7f800000u) {
    out = 0x7e00;  // NaN
  } else if (magnitude >= 0x47800000u) {
    out = 0x7c00;  // ≥ 2¹⁶
  } else if (magnitude < 0x38800000u) {
    // Below 2⁻¹⁴ the result is a multiple of 2⁻²⁴. Adding 2²³ puts the unit there, so that the
    // addition rounds to nearest even.
    const float shifted = std::bit_cast<float>(magnitude) * 0x1p24f + 0x1p23f;
    out = std::bit_cast<std::uint32_t>(shifted) - std::bit_cast<std::uint32_t>(0x1p23f);
  } else {
    // A carry out of the mantissa moves the exponent up, at the end to infinity: as it should.
    out = (magnitude + 0xfff + ((magnitude >> 13) & 1) - ((127u - 15u) << 23)) >> 13;
  }
  return static_cast<std::uint16_t>(sign | out);
}

float round_to(DType dtype, float value) noexcept {
  if (dtype == DType::bfloat16) return bfloat16_to_float(float_to_bfloat16(value));
  if (dtype == DType::float16) return float16_to_float(float_to_float16(value));
  return value;
}

namespace {

template <class Stored, class Convert>
void plain(const std::byte* from, std::span<float> out, Convert convert) {
  for (float& value : out) {
    Stored stored;
    std::memcpy(&stored, from, sizeof stored);
    from += sizeof stored;
    value = convert(stored);
  }
}

template <class Stored>
void cast(const std::byte* from, std::span<float> out) {
  plain<Stored>(from, out, [](Stored v) { return static_cast<float>(v); });
}

DequantiseBlock dequantiser(DType dtype) noexcept {
  switch (dtype) {
    case DType::q4_0:
      return dequantise_q4_0;
    case DType::q4_1:
      return dequantise_q4_1;
    case DType::q5_0:
      return dequantise_q5_0;
    case DType::q5_1:
      return dequantise_q5_1;
    case DType::q8_0:
      return dequantise_q8_0;
    case DType::q2_k:
      return dequantise_q2_k;
    case DType::q3_k:
      return dequantise_q3_k;
    case DType::q4_k:
      return dequantise_q4_k;
    case DType::q5_k:
      return dequantise_q5_k;
    case DType::q6_k:
      return dequantise_q6_k;
    case DType::iq4_nl:
      return dequantise_iq4_nl;
    case DType::iq4_xs:
      return dequantise_iq4_xs;
    default:
      return nullptr;
  }
}

/// REQUIRES: `from` holds out.size() weights.
void convert(DType dtype, const std::byte* from, std::span<float> out) {
  switch (dtype) {
    case DType::float32:
      cast<float>(from, out);
      return;
    case DType::float64:
      cast<double>(from, out);
      return;
    case DType::float16:
      plain<std::uint16_t>(from, out, float16_to_float);
      return;
    case DType::bfloat16:
      plain<std::uint16_t>(from, out, bfloat16_to_float);
      return;
    case DType::int8:
      cast<std::int8_t>(from, out);
      return;
    case DType::int16:
      cast<std::int16_t>(from, out);
      return;
    case DType::int32:
      cast<std::int32_t>(from, out);
      return;
    case DType::int64:
      cast<std::int64_t>(from, out);
      return;
    case DType::uint8:
      cast<std::uint8_t>(from, out);
      return;
    case DType::uint16:
      cast<std::uint16_t>(from, out);
      return;
    case DType::uint32:
      cast<std::uint32_t>(from, out);
      return;
    case DType::uint64:
      cast<std::uint64_t>(from, out);
      return;
    case DType::boolean:
      plain<std::uint8_t>(from, out, [](std::uint8_t v) { return v == 0 ? 0.0f : 1.0f; });
      return;
    default:
      break;
  }
  const DequantiseBlock one = dequantiser(dtype);
  if (one == nullptr) {
    throw Error(Code::unsupported, "numbers of type " + std::string(name(dtype)) +
                                       " cannot be converted to float32 yet");
  }
  const DTypeTraits& d = traits(dtype);
  const auto* block = reinterpret_cast<const std::uint8_t*>(from);
  for (std::size_t i = 0; i < out.size(); i += d.block_size, block += d.block_bytes) {
    one(block, out.data() + i);
  }
}

/// Row i of the tensor from stored row rows[i].
void convert_rows(const Tensor& tensor, std::span<float> out) {
  const std::size_t rows = tensor.rows.size();
  const std::size_t width = out.size() / rows;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto stored = static_cast<std::size_t>(tensor.rows[i]);
    to_float32(tensor.dtype, tensor.bytes, static_cast<std::int64_t>(stored * width),
               out.subspan(i * width, width));
  }
}

std::vector<float> transposed(const std::vector<float>& in, std::size_t rows, std::size_t columns) {
  std::vector<float> out(in.size());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) out[r * columns + c] = in[c * rows + r];
  }
  return out;
}

}  // namespace

void to_float32(DType dtype, std::span<const std::byte> bytes, std::int64_t first,
                std::span<float> out) {
  if (out.empty()) return;
  const DTypeTraits& d = traits(dtype);
  const auto start = static_cast<std::size_t>(first);
  TYPECASE_CHECK(first >= 0 && start % d.block_size == 0 && out.size() % d.block_size == 0);
  const std::size_t stored = bytes.size() / d.block_bytes * d.block_size;
  TYPECASE_CHECK(start <= stored && out.size() <= stored - start);
  convert(dtype, bytes.data() + start / d.block_size * d.block_bytes, out);
}

std::vector<float> to_float32(const Tensor& tensor) {
  std::vector<float> out(static_cast<std::size_t>(tensor.elements()));
  TYPECASE_CHECK(!tensor.transposed || (tensor.shape.size() == 2 && tensor.rows.empty()));
  if (tensor.rows.empty() || out.empty()) {
    to_float32(tensor.dtype, tensor.bytes, 0, out);
  } else {
    TYPECASE_CHECK(static_cast<std::int64_t>(tensor.rows.size()) == tensor.shape[0]);
    convert_rows(tensor, out);
  }
  if (!tensor.transposed) return out;
  return transposed(out, static_cast<std::size_t>(tensor.shape[0]),
                    static_cast<std::size_t>(tensor.shape[1]));
}

}  // namespace typecase
