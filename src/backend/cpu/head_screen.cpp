#include "backend/cpu/head_screen.h"

#include "base/memory.h"
#include "tensor/convert.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>

namespace typecase::cpu {
namespace {

constexpr double kUnit = 0x1p-24;
constexpr std::size_t kScales = 2 * kPanel, kBlockBytes = kScales + kQuantisedBlock * kPanel;

/// Not below x.
float upwards(double x) {
  return std::nextafter(static_cast<float>(x), std::numeric_limits<float>::infinity());
}

/// Of the sixteen outputs of a panel.
struct PanelErrors {
  double squares[kPanel] = {};  // Σ (W − Ŵ)²
  float largest[kPanel] = {};   // max |W − Ŵ|
  double norm[kPanel] = {};     // Σ W²
};

/// To the nearest integer, for |x| < 2²².
float rounded(float x) {
  constexpr float kShift = 0x1.8p23f;
  return (x + kShift) - kShift;
}

/// 32 inputs of a panel, [k][lane], into a block of a Q8_0 panel. False when they do not suit it.
/// Sums of 32 squares in float: what they lose is within the margin that fill() adds.
bool quantise(const float* w, std::byte* block, PanelErrors& errors) {
  float most[kPanel] = {}, scale[kPanel], per[kPanel], squares[kPanel] = {}, norm[kPanel] = {};
  for (int k = 0; k < kQuantisedBlock; ++k) {
    for (int i = 0; i < kPanel; ++i) {
      const float size = std::abs(w[k * kPanel + i]);
      most[i] = size > most[i] ? size : most[i];
      norm[i] += size * size;
    }
  }
  for (int i = 0; i < kPanel; ++i) {
    const std::uint16_t half = float_to_float16(most[i] / 127);
    scale[i] = float16_to_float(half);
    if (!std::isfinite(scale[i]) || !std::isfinite(norm[i])) return false;  // a NaN: in norm
    std::memcpy(block + 2 * i, &half, sizeof half);
    per[i] = scale[i] > 0 ? 1 / scale[i] : 0;
  }
  for (int k = 0; k < kQuantisedBlock; ++k) {
    std::int8_t q[kPanel];
    for (int i = 0; i < kPanel; ++i) {
      const float x = w[k * kPanel + i], at = x * per[i];
      const float near = rounded(at > 127 ? 127.0f : at < -127 ? -127.0f : at);
      const float off = std::abs(x - near * scale[i]);
      squares[i] += off * off;
      errors.largest[i] = off > errors.largest[i] ? off : errors.largest[i];
      q[i] = static_cast<std::int8_t>(near);
    }
    std::memcpy(block + kScales + k * kPanel, q, sizeof q);
  }
  for (int i = 0; i < kPanel; ++i) {
    errors.squares[i] += static_cast<double>(squares[i]);
    errors.norm[i] += static_cast<double>(norm[i]);
  }
  return true;
}

/// The panel's weights as [k][lane] floats; lanes beyond the last output are zeros.
const float* panel_floats(const PackedMatrix& head, int panel, std::vector<float>& buffer) {
  if (head.format == Format::float32) return reinterpret_cast<const float*>(head.panel(panel));
  const auto in = static_cast<std::size_t>(head.in);
  buffer.assign(in * kPanel, 0.0f);
  std::vector<float> row(in);
  for (int lane = 0; lane < kPanel && panel * kPanel + lane < head.out; ++lane) {
    head.row(panel * kPanel + lane, row.data());
    for (std::size_t k = 0; k < in; ++k)
      buffer[k * kPanel + static_cast<std::size_t>(lane)] = row[k];
  }
  return buffer.data();
}

}  // namespace

bool HeadScreen::fill(const PackedMatrix& head, int panel, std::vector<float>& buffer) {
  const float* weights = panel_floats(head, panel, buffer);
  PanelErrors errors;
  for (int b = 0; b < head.in / kQuantisedBlock; ++b) {
    std::byte* block = copy_.place(panel) + static_cast<std::size_t>(b) * kBlockBytes;
    if (!quantise(weights + b * kQuantisedBlock * kPanel, block, errors)) return false;
  }
  const auto at = static_cast<std::size_t>(panel);
  const double n = head.in;
  for (int i = 0; i < kPanel; ++i) {
    // A little more than all: these sums round too, and squares below 2⁻¹²⁶ may be lost.
    const double off = 1.0001 * std::sqrt(errors.squares[i]) + n * 0x1p-62;
    const double norm = 1.0001 * std::sqrt(errors.norm[i]) + n * 0x1p-62;
    const double rounding = 1.02 * (2 * n + n / 64 + 8) * kUnit * (2 * norm + off);
    Error& worst = errors_[at];
    worst.norm = std::max(worst.norm, upwards(off));
    worst.largest =
        std::max(worst.largest, upwards(1.0001 * static_cast<double>(errors.largest[i])));
    worst.rounding = std::max(worst.rounding, upwards(rounding));
    norms_[at] = std::max(norms_[at], upwards(norm + off));
  }
  return true;
}

bool HeadScreen::worth(const PackedMatrix& head, double most) noexcept {
  const double bytes = static_cast<double>(head.in / kQuantisedBlock) *
                       static_cast<double>(head.panels()) * static_cast<double>(kBlockBytes);
  return head.in % kQuantisedBlock == 0 && bytes <= most * static_cast<double>(head.bytes());
}

std::unique_ptr<const HeadScreen> HeadScreen::of(const PackedMatrix& head, double most,
                                                 ThreadPool& pool) {
  if (!worth(head, most)) return nullptr;
  std::unique_ptr<HeadScreen> out(new HeadScreen);
  PackedMatrix& copy = out->copy_;
  copy.format = Format::q8_0;
  copy.stored = DType::q8_0;
  copy.out = head.out;
  copy.in = head.in;
  copy.panel_bytes = static_cast<std::size_t>(head.in / kQuantisedBlock) * kBlockBytes;
  const std::size_t bytes = copy.bytes();
  // As much again must be left for the cache and what else the process does.
  const auto free = available_memory();
  if (free && *free < 2 * static_cast<std::uint64_t>(bytes)) return nullptr;
  out->arena_ = Arena(bytes);
  copy.data = out->arena_.data();
  const int panels = head.panels();
  out->errors_.resize(static_cast<std::size_t>(panels));
  out->norms_.resize(static_cast<std::size_t>(panels));
  constexpr int kTogether = 64;
  std::atomic<bool> suits{true};
  pool.run((panels + kTogether - 1) / kTogether, [&](int task, int) {
    const int last = std::min(panels, (task + 1) * kTogether);
    std::vector<float> buffer;
    for (int p = task * kTogether; p < last && suits; ++p) {
      if (!out->fill(head, p, buffer)) suits = false;
    }
  });
  if (!suits) return nullptr;
  out->greatest_norm_ = static_cast<double>(*std::ranges::max_element(out->norms_));
  return out;
}

HeadScreen::States HeadScreen::measure(std::span<const float> x) const noexcept {
  States out;
  double squares = 0;
  for (const float v : x) {
    const auto w = static_cast<double>(v);
    out.norm1 += std::abs(w);
    squares += w * w;
  }
  // The sums of n terms below are off by far less than this.
  out.norm1 *= 1.0001;
  out.norm2 = 1.0001 * std::sqrt(squares);
  out.usable = std::isfinite(out.norm1) && out.norm2 * greatest_norm_ < 1e37;
  return out;
}

double HeadScreen::bound(int panel, const States& x) const noexcept {
  const Error& e = errors_[static_cast<std::size_t>(panel)];
  const double copied =
      std::min(static_cast<double>(e.norm) * x.norm2, static_cast<double>(e.largest) * x.norm1);
  const double flushed = copy_.in * 0x1p-122 * (greatest_norm_ + x.norm2 + 1);
  return copied + static_cast<double>(e.rounding) * x.norm2 + flushed;
}

}  // namespace typecase::cpu
