// Included inside the namespace of an ISA level that multiplies recoded weights: see recoded.h.

typedef std::uint16_t Words __attribute__((vector_size(64)));
typedef std::uint8_t Half __attribute__((vector_size(32)));

struct Coding {
  unsigned base, zero;  // zero: 0xff where code 0 means exponent 0
};

inline Words words_at(const std::uint8_t* p) noexcept {
  Words out;
  __builtin_memcpy(&out, p, sizeof out);
  return out;
}

TYPECASE_INLINE Words words(unsigned x) noexcept {
  const auto one = static_cast<std::uint16_t>(x);
  return Words{} + one;
}

/// Lanes are all ones where the weight has a code, `code` is 0 elsewhere.
TYPECASE_INLINE Words coded(Words weight, Coding c, Words& code) noexcept {
  const Words exponent = weight >> 7 & 0xff;
  const Words above = exponent - words(c.base);
  const Words zero = (Words)(exponent == 0) & words(c.zero != 0 ? 0xffff : 0);
  const Words first = words(c.zero != 0 ? 1 : 0);
  const Words inside = (Words)(above < 16) & (Words)(above >= first);
  code = above & inside & ~zero;
  return inside | zero;
}

/// Codes a run of 32 pairs; false when more weights than the list holds have no code.
inline bool recode_with(Coding c, const std::uint8_t* pairs, std::uint8_t* to) noexcept {
  unsigned marks = 0, listed = 0;
  __builtin_memset(to, 0, recoded::kHeader);
  for (unsigned s = 0; s < recoded::kSteps; ++s) {
    const Words a = words_at(pairs + s * 128), b = words_at(pairs + s * 128 + 64);
    Words code[2];
    const Words missing[2] = {~coded(a, c, code[0]), ~coded(b, c, code[1])};
    const Words swapped = b << 8 | b >> 8;
    const Words kept = (a & 0x807f) | (swapped & 0x7f80);
    const Half codes = __builtin_convertvector(code[0] | code[1] << 4, Half);
    std::uint8_t* step = to + recoded::kHeader + s * recoded::kStep;
    __builtin_memcpy(step, &kept, sizeof kept);
    __builtin_memcpy(step + 64, &codes, sizeof codes);
    if (!native_any(missing[0] | missing[1])) continue;
    marks |= 1u << s;
    for (unsigned i = 0; i < 64; ++i) {
      if (missing[i / 32][i % 32] == 0) continue;
      if (listed == recoded::kListed) return false;
      const std::uint16_t entry[2] = {static_cast<std::uint16_t>(s * 64 + i),
                                      i < 32 ? a[i % 32] : b[i % 32]};
      __builtin_memcpy(to + 8 + 4 * listed++, entry, sizeof entry);
    }
  }
  to[0] = static_cast<std::uint8_t>(c.base);
  to[1] = static_cast<std::uint8_t>(c.zero);
  const auto bits = static_cast<std::uint16_t>(marks);
  __builtin_memcpy(to + 2, &bits, 2);
  to[4] = static_cast<std::uint8_t>(listed);
  return true;
}

/// The codes that miss the fewest weights, by counting.
inline Coding best_coding(const std::uint8_t* pairs) noexcept {
  unsigned count[256 + 16] = {};
  for (unsigned i = 0; i < 32; ++i) {
    const Words w = words_at(pairs + i * 64);
    for (unsigned j = 0; j < 32; ++j) ++count[w[j] >> 7 & 0xff];
  }
  Coding best{0, 0};
  unsigned most = 0;
  for (unsigned base = 0; base <= 240; ++base) {
    unsigned covered = 0;
    for (unsigned i = 0; i < 16; ++i) covered += count[base + i];
    const bool zero = base > 0 && count[0] > count[base];
    if (zero) covered += count[0] - count[base];
    if (covered > most) {
      most = covered;
      best = {base, zero ? 0xffu : 0u};
    }
  }
  return best;
}

/// 64 inputs of a panel, [k / 2][lane][k % 2] bfloat16, into a run of twelve bits a weight. False
/// when they cannot be.
inline bool recode(const std::byte* from, std::byte* run) noexcept {
  const auto* pairs = reinterpret_cast<const std::uint8_t*>(from);
  auto* to = reinterpret_cast<std::uint8_t*>(run);
  // Most runs: sixteen exponents from the largest down.
  Words most = {}, zeros = {};
  for (unsigned i = 0; i < 32; ++i) {
    const Words exponent = words_at(pairs + i * 64) >> 7 & 0xff;
    most = exponent > most ? exponent : most;
    zeros |= (Words)(exponent == 0);
  }
  unsigned largest = 0;
  for (unsigned j = 0; j < 32; ++j) largest = most[j] > largest ? most[j] : largest;
  const unsigned base = largest > 15 ? largest - 15 : 0;
  const bool zero = base > 0 && native_any(zeros);
  return recode_with({base, zero ? 0xffu : 0u}, pairs, to) ||
         recode_with(best_coding(pairs), pairs, to);
}
