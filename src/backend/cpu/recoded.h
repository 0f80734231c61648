#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

/// bfloat16 weights in twelve bits each, without loss (after DFloat11, arXiv:2504.11651, with codes
/// of one length).
///
/// The exponents of neighbouring weights crowd within a few powers of two. So a weight keeps its
/// sign and mantissa, eight bits, and a code of four bits for its exponent:
///     exponent = base + code,   or 0 for code 0 of a run that holds zeros.
/// The few weights of other exponents stand in a list.
///
/// A run of 64 inputs of a panel, 1568 bytes:
///     header   base, 0xff where code 0 means exponent 0 (else 0); two bytes of marks: bit s, step
///              s has weights in the list; length of the list; 3 bytes of nothing; the list: six
///              times two bytes of place (pair · 32 + lane · 2 + input % 2) and the weight's bits
///     16 steps of two pairs of inputs, a (inputs 4s, 4s + 1) and b (4s + 2, 4s + 3):
///              [lane][input % 2] two bytes: a's bits 0 … 6, b's sign, b's bits 0 … 6, a's sign
///              [lane][input % 2] a byte: the code of a, and of b above it
namespace typecase::cpu::recoded {

inline constexpr int kInputs = 64;  ///< of a run
inline constexpr int kListed = 6;
inline constexpr std::size_t kHeader = 8 + 4 * kListed;
inline constexpr std::size_t kStep = 96, kSteps = 16;
inline constexpr std::size_t kRunBytes = kHeader + kSteps * kStep;
inline constexpr unsigned kKept = 0x807f;  ///< sign and mantissa

inline std::uint16_t swapped(std::uint16_t x) noexcept {
  return static_cast<std::uint16_t>(x << 8 | x >> 8);
}

/// Bits of input k of a lane.
inline std::uint16_t weight(const std::byte* panel, std::size_t k, std::size_t lane) noexcept {
  const std::byte* run = panel + k / kInputs * kRunBytes;
  const std::size_t pair = k % kInputs / 2, at = lane * 2 + k % 2;
  for (std::size_t i = 0; i < static_cast<std::size_t>(run[4]); ++i) {
    std::uint16_t entry[2];
    std::memcpy(entry, run + 8 + 4 * i, sizeof entry);
    if (entry[0] == pair * 32 + at) return entry[1];
  }
  const std::byte* step = run + kHeader + pair / 2 * kStep;
  std::uint16_t kept;
  std::memcpy(&kept, step + at * 2, 2);
  const auto codes = static_cast<unsigned>(step[64 + at]);
  const unsigned code = pair % 2 == 0 ? codes & 15 : codes >> 4;
  const bool zero = code == 0 && run[1] != std::byte{0};
  const unsigned exponent = zero ? 0 : static_cast<unsigned>(run[0]) + code;
  if (pair % 2 == 1) kept = swapped(kept);
  return static_cast<std::uint16_t>((kept & kKept) | exponent << 7);
}

}  // namespace typecase::cpu::recoded
