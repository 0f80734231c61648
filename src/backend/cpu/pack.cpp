/// From the rows or columns of a file to panels of sixteen outputs, at the speed of memory.
#include "backend/cpu/packed.h"
#include "backend/cpu/recoded.h"
#include "backend/cpu/transpose.h"
#include "tensor/convert.h"

#include <algorithm>
#include <cstring>

namespace typecase::cpu {
namespace {

/// Inputs that are brought into a panel together: sixteen such pieces stay next to the core.
constexpr int kPiece = 256;
/// Panels that are filled together from a file that holds columns: 512 bytes of it in a row.
constexpr int kColumnPanels = 8;

/// How a matrix lies in its bytes, whatever words describe it.
struct Source {
  const Tensor& stored;
  bool columns;  // an output is a column of the bytes: [in][out]
  std::int64_t stored_out, stored_in;
  const std::vector<std::int32_t>& rows;

  explicit Source(const Matrix& m)
      : stored(m.stored),
        columns(m.in_out != m.stored.transposed),
        stored_out(m.stored.shape.at(m.in_out ? 1 : 0)),
        stored_in(m.stored.shape.at(m.in_out ? 0 : 1)),
        rows(m.rows) {}

  /// Where output `o` lies, both row maps applied.
  std::int64_t output(int o) const {
    const std::int64_t at = rows.empty() ? o : rows[static_cast<std::size_t>(o)];
    return stored.rows.empty() || columns ? at : stored.rows[static_cast<std::size_t>(at)];
  }
  std::int64_t input(int k) const {
    return stored.rows.empty() || !columns ? k : stored.rows[static_cast<std::size_t>(k)];
  }
  /// Element number of input k of output o.
  std::int64_t element(int o, int k) const {
    return columns ? input(k) * stored_out + output(o) : output(o) * stored_in + k;
  }
  /// Whether outputs first … last − 1 are neighbours in every stored row of inputs.
  bool neighbours(int first, int last) const {
    if (!columns) return false;
    for (int o = first + 1; o < last; ++o) {
      if (output(o) != output(o - 1) + 1) return false;
    }
    return true;
  }
  const std::byte* at(std::int64_t element) const {
    return stored.bytes.data() +
           static_cast<std::size_t>(element) * traits(stored.dtype).block_bytes;
  }
};

bool same_bits(DType stored, Format format) {
  return (stored == DType::float32 && format == Format::float32) ||
         (stored == DType::float16 && format == Format::float16) ||
         (stored == DType::bfloat16 && format == Format::bfloat16);
}

std::size_t element_bytes(Format format) { return format == Format::float32 ? 4 : 2; }

using Lanes = const std::byte* [kSideBySide];

/// Inputs 0 … n − 1 of sixteen lanes, elements of `format`, into a panel. n is even where inputs
/// come in pairs, unless it is what remains of a row.
void fill(Format format, const Lanes& lanes, std::size_t n, std::byte* to, std::size_t ahead) {
  if (format == Format::float32) return side_by_side<Words4>(lanes, n, to, ahead);
  if (format == Format::float16) return side_by_side<Halves8>(lanes, n, to, ahead);
  side_by_side<Words4>(lanes, n / 2, to, ahead);
  if (n % 2 == 0) return;
  for (std::size_t lane = 0; lane < kSideBySide; ++lane) {
    std::memcpy(to + (n / 2 * kSideBySide + lane) * 4, lanes[lane] + (n - 1) * 2, 2);
  }
}

void narrow(Format format, const float* from, int n, std::byte* to) {
  if (format == Format::float32) {
    std::memcpy(to, from, static_cast<std::size_t>(n) * 4);
    return;
  }
  for (int i = 0; i < n; ++i) {
    const std::uint16_t half =
        format == Format::float16 ? float_to_float16(from[i]) : float_to_bfloat16(from[i]);
    std::memcpy(to + i * 2, &half, 2);
  }
}

/// Lanes whose elements are not in the file as the panel wants them.
class Converted {
 public:
  Converted(const Source& source, Format format) : source_(source), format_(format) {}

  /// Inputs k … k + n − 1 of outputs first … last − 1; other lanes are left alone.
  void read(int first, int last, int k, int n, Lanes& lanes) {
    float row[kPiece];
    for (int o = first; o < last; ++o) {
      if (source_.columns) {
        for (int i = 0; i < n; ++i) value(o, k + i, {row + i, 1});
      } else {
        value(o, k, {row, static_cast<std::size_t>(n)});
      }
      std::byte* lane = buffer_[o - first];
      narrow(format_, row, n, lane);
      lanes[o - first] = lane;
    }
  }

 private:
  void value(int o, int k, std::span<float> to) const {
    to_float32(source_.stored.dtype, source_.stored.bytes, source_.element(o, k), to);
  }

  const Source& source_;
  Format format_;
  std::byte buffer_[kSideBySide][kPiece * 4];
};

alignas(64) constexpr std::byte kZeros[kPiece * 4] = {};

/// Outputs that are rows of the file, or of numbers that are converted on the way. `put` takes the
/// lanes of a piece: first input, number of inputs, lanes, where the next panel's lie.
template <class Put>
void pack_rows(const Source& s, const PackedMatrix& to, int first, int last, const Put& put) {
  const Format format = to.format == Format::bfloat16_recoded ? Format::bfloat16 : to.format;
  const bool as_is = same_bits(to.stored, format) && !s.columns;
  const std::size_t next =
      kSideBySide * static_cast<std::size_t>(s.stored_in) * element_bytes(format);
  Converted converted(s, format);
  for (int k = 0; k < to.in; k += kPiece) {
    const int n = std::min(kPiece, to.in - k);
    Lanes lanes;
    std::fill(std::begin(lanes), std::end(lanes), kZeros);
    if (as_is) {
      for (int o = first; o < last; ++o) lanes[o - first] = s.at(s.element(o, k));
    } else {
      converted.read(first, last, k, n, lanes);
    }
    put(static_cast<std::size_t>(k), static_cast<std::size_t>(n), lanes, as_is ? next : 0);
  }
}

void pack_plain(const Source& s, const PackedMatrix& to, int first, int last, std::byte* panel) {
  const std::size_t input = kPanel * element_bytes(to.format);
  pack_rows(s, to, first, last, [&](std::size_t k, std::size_t n, const Lanes& lanes, auto next) {
    fill(to.format, lanes, n, panel + k * input, next);
  });
}

bool pack_recoded(const Source& s, const PackedMatrix& to, int first, int last, Recode recode,
                  std::byte* panel) {
  alignas(64) std::byte pairs[kPiece * kPanel * 2];
  bool fits = true;
  pack_rows(s, to, first, last, [&](std::size_t k, std::size_t n, const Lanes& lanes, auto next) {
    fill(Format::bfloat16, lanes, n, pairs, next);
    for (std::size_t i = 0; i < n && fits; i += recoded::kInputs) {
      fits =
          recode(pairs + i * kPanel * 2, panel + (k + i) / recoded::kInputs * recoded::kRunBytes);
    }
  });
  return fits;
}

/// One input of outputs that are neighbours in a row of the file: as it is, or every second place.
void pack_input(const PackedMatrix& to, const std::byte* from, std::size_t lanes, std::size_t k,
                std::byte* panel) {
  const std::size_t bytes = element_bytes(to.format);
  if (to.format != Format::bfloat16) {
    std::memcpy(panel + k * kPanel * bytes, from, lanes * bytes);
    return;
  }
  std::byte* pairs = panel + k / 2 * kPanel * 4 + k % 2 * 2;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    std::memcpy(pairs + lane * 4, from + lane * 2, 2);
  }
}

/// Outputs that are columns of the file: a few panels at a time, for the sake of its rows.
void pack_columns(const Source& s, const PackedMatrix& to, int first, int last, std::byte* at) {
  for (int begin = first; begin < last; begin += kColumnPanels) {
    const int end = std::min(last, begin + kColumnPanels);
    for (int k = 0; k < to.in; ++k) {
      for (int p = begin; p < end; ++p) {
        const int lanes = std::min(kPanel, to.out - p * kPanel);
        pack_input(to, s.at(s.element(p * kPanel, k)), static_cast<std::size_t>(lanes),
                   static_cast<std::size_t>(k),
                   at + static_cast<std::size_t>(p - first) * to.panel_bytes);
      }
    }
  }
}

/// Sixteen rows of Q8_0, Q4_0 or Q4_1: scales side by side, quants input by input.
void pack_quants(const PackedMatrix& to, Lanes& rows, const std::size_t (&step)[kSideBySide],
                 std::byte* panel) {
  const bool quads = in_quads(to.format);
  const bool eight = to.stored == DType::q8_0;
  const std::size_t scales = to.stored == DType::q4_1 ? 2 : 1;
  const std::size_t quants = eight ? 32 : 16;
  // Where the next panel's lanes lie: the next rows of the file, unless a map says otherwise.
  const std::size_t next = kSideBySide * static_cast<std::size_t>(to.in / kQuantisedBlock) *
                           traits(to.stored).block_bytes;
  for (int b = 0; b < to.in / kQuantisedBlock; ++b) {
    for (std::size_t i = 0; i < scales; ++i) {
      for (std::size_t lane = 0; lane < kSideBySide; ++lane) {
        std::memcpy(panel + (i * kSideBySide + lane) * 2, rows[lane] + i * 2, 2);
      }
    }
    panel += scales * 2 * kSideBySide;
    Lanes lanes;
    for (std::size_t lane = 0; lane < kSideBySide; ++lane) {
      lanes[lane] = rows[lane] + scales * 2;
      __builtin_prefetch(rows[lane] + next, 0, kSecondCache);
    }
    if (quads) {
      // In the file byte i holds weights i (low) and i + 16 (high): here too.
      side_by_side<Words4>(lanes, quants / 4, panel);
      for (std::size_t i = 0; eight && i < quants * kPanel; i += sizeof(Bytes16)) {
        Bytes16 q;
        std::memcpy(&q, panel + i, sizeof q);
        q ^= 0x80;
        std::memcpy(panel + i, &q, sizeof q);
      }
    } else if (eight) {
      side_by_side<Bytes16>(lanes, quants, panel);
    } else {
      Bytes16 q[kSideBySide];
      for (std::size_t lane = 0; lane < kSideBySide; ++lane) std::memcpy(&q[lane], lanes[lane], 16);
      transpose(q);
      // In the file byte i holds weights i (low) and i + 16 (high); here 2i and 2i + 1.
      for (std::size_t i = 0; i < 8; ++i) {
        const Bytes16 low = (q[2 * i] & 15) | q[2 * i + 1] << 4;
        const Bytes16 high = q[2 * i] >> 4 | (q[2 * i + 1] & 0xf0);
        std::memcpy(panel + i * kPanel, &low, 16);
        std::memcpy(panel + (i + 8) * kPanel, &high, 16);
      }
    }
    panel += quants * kSideBySide;
    for (std::size_t lane = 0; lane < kSideBySide; ++lane) rows[lane] += step[lane];
  }
}

/// Quantised rows.
void pack_blocks(const Source& s, const PackedMatrix& to, int first, int last, std::byte* panel) {
  const auto& t = traits(to.stored);
  const std::size_t row_bytes = static_cast<std::size_t>(to.in) / t.block_size * t.block_bytes;
  Lanes rows;
  std::fill(std::begin(rows), std::end(rows), kZeros);
  std::size_t step[kSideBySide] = {};
  for (int o = first; o < last; ++o) {
    const int lane = o - first;
    rows[lane] = s.stored.bytes.data() + static_cast<std::size_t>(s.output(o)) * row_bytes;
    step[lane] = t.block_bytes;
    if (to.format == Format::blocks) {
      std::memcpy(panel + static_cast<std::size_t>(lane) * row_bytes, rows[lane], row_bytes);
    }
  }
  if (to.format != Format::blocks) pack_quants(to, rows, step, panel);
}

/// pack_panels() to `at`, panel after panel.
bool pack_at(const Source& s, const PackedMatrix& to, int first, int last, Recode recode,
             std::byte* at) {
  const int outputs = std::min(to.out, last * kPanel);
  if (same_bits(to.stored, to.format) && s.neighbours(first * kPanel, outputs)) {
    pack_columns(s, to, first, last, at);
    return true;
  }
  for (int p = first; p < last; ++p, at += to.panel_bytes) {
    const int begin = p * kPanel, end = std::min(outputs, begin + kPanel);
    if (traits(to.stored).block_size != 1) {
      pack_blocks(s, to, begin, end, at);
    } else if (to.format != Format::bfloat16_recoded) {
      pack_plain(s, to, begin, end, at);
    } else if (!pack_recoded(s, to, begin, end, recode, at)) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::span<const std::byte> bytes_of(const Matrix& matrix, const PackedMatrix& to, int first,
                                    int last) {
  const Source s(matrix);
  if (s.columns || !s.rows.empty() || !s.stored.rows.empty()) return {};
  const auto& t = traits(to.stored);
  const std::size_t row = static_cast<std::size_t>(to.in) / t.block_size * t.block_bytes;
  const auto outputs = static_cast<std::size_t>(std::min(to.out, last * kPanel) - first * kPanel);
  return s.stored.bytes.subspan(static_cast<std::size_t>(first * kPanel) * row, outputs * row);
}

bool pack_panels(const Matrix& matrix, const PackedMatrix& to, int first, int last, Recode recode) {
  return pack_at(Source(matrix), to, first, last, recode, to.place(first));
}

PackedMatrix unpacked_panels(const PackedMatrix& matrix, int first, int last,
                             std::byte* to) noexcept {
  PackedMatrix out = matrix;
  out.out = std::min(matrix.out, last * kPanel) - first * kPanel;
  out.data = to;
  // Places that no weight fills: whole panels of even length have none.
  if (out.out % kPanel != 0 || out.in % 2 != 0) std::memset(to, 0, out.bytes());
  pack_at(Source(*matrix.source), matrix, first, last, nullptr, to);
  return out;
}

}  // namespace typecase::cpu
