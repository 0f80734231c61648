#pragma once

#include "backend/cpu/kernels.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

/// Sixteen rows of a file side by side, as panels want them, on registers of 16 bytes: every
/// processor has those, and they are as fast as memory already.
namespace typecase::cpu {

constexpr std::size_t kSideBySide = 16;

using Bytes16 = std::uint8_t __attribute__((vector_size(16)));
using Halves8 = std::uint16_t __attribute__((vector_size(16)));
using Words4 = std::uint32_t __attribute__((vector_size(16)));

/// a0 b0 a1 b1 … of the lower and of the upper halves.
inline Words4 zip_low(Words4 a, Words4 b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
inline Words4 zip_high(Words4 a, Words4 b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }
inline Halves8 zip_low(Halves8 a, Halves8 b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
inline Halves8 zip_high(Halves8 a, Halves8 b) {
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
inline Bytes16 zip_low(Bytes16 a, Bytes16 b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
inline Bytes16 zip_high(Bytes16 a, Bytes16 b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15,
                                 31);
}

/// v[i][j] ↔ v[j][i]. Zipping row i with row i + N / 2 shifts the bits of an element's place (row,
/// column) round by one; log2(N) times exchanges row and column.
template <class V, int N = sizeof(V) / sizeof(V{}[0])>
[[gnu::always_inline]] inline void transpose(V (&v)[N]) {
  for (int step = N; step > 1; step /= 2) {
    V next[N];
    for (int i = 0; i < N / 2; ++i) {
      next[2 * i] = zip_low(v[i], v[i + N / 2]);
      next[2 * i + 1] = zip_high(v[i], v[i + N / 2]);
    }
    for (int i = 0; i < N; ++i) v[i] = next[i];
  }
}

/// to[k][lane] = rows[lane][k] for k < n, elements of V's type; no alignment is asked for.
/// Meanwhile asks for what lies `ahead` bytes behind: sixteen short streams are too many for the
/// processor's own guesses. Into the second cache: two panels are more than the first one holds.
template <class V>
void side_by_side(const std::byte* const (&rows)[kSideBySide], std::size_t n, std::byte* to,
                  std::size_t ahead = 0) {
  constexpr std::size_t kElement = sizeof(V{}[0]), kAtOnce = sizeof(V) / kElement;
  std::size_t k = 0;
  for (; k + kAtOnce <= n; k += kAtOnce) {
    if (ahead > 0 && k * kElement % 64 == 0) {
      for (const std::byte* row : rows)
        __builtin_prefetch(row + k * kElement + ahead, 0, kSecondCache);
    }
    for (std::size_t lane = 0; lane < kSideBySide; lane += kAtOnce) {
      V v[kAtOnce];
      for (std::size_t i = 0; i < kAtOnce; ++i) {
        std::memcpy(&v[i], rows[lane + i] + k * kElement, sizeof(V));
      }
      transpose(v);
      for (std::size_t i = 0; i < kAtOnce; ++i) {
        std::memcpy(to + ((k + i) * kSideBySide + lane) * kElement, &v[i], sizeof(V));
      }
    }
  }
  for (; k < n; ++k) {
    for (std::size_t lane = 0; lane < kSideBySide; ++lane) {
      std::memcpy(to + (k * kSideBySide + lane) * kElement, rows[lane] + k * kElement, kElement);
    }
  }
}

}  // namespace typecase::cpu
