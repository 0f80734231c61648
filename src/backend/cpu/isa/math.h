// Included inside the namespace of an ISA level, after vec.h.

/// eˣ within 2 units in the last place, subnormal results included; e^−∞ = 0, NaN stays.
/// x = n·ln 2 + r with |r| ≤ ln 2 / 2; ln 2 in two parts, the first of so few bits that n times it
/// is exact without FMA too. 2ⁿ in two factors, so that neither overflows nor underflows alone.
TYPECASE_INLINE Vec exp(Vec x) {
  x = at_most(at_least(x, vec(-104.0f)), vec(89.0f));
  const Vec magic = vec(12582912.0f);  // 1.5 · 2²³: adding it rounds to an integer
  const Vec shifted = fma(x, vec(1.44269504088896341f), magic);
  const Vec n = shifted - magic;
  const Vec r = fma(n, vec(2.12194440e-4f), fma(n, vec(-0.693359375f), x));
  Vec p = vec(1.9875691500e-4f);
  p = fma(p, r, vec(1.3981999507e-3f));
  p = fma(p, r, vec(8.3334519073e-3f));
  p = fma(p, r, vec(4.1665795894e-2f));
  p = fma(p, r, vec(1.6666665459e-1f));
  p = fma(p, r, vec(5.0000001201e-1f));
  p = fma(p, r * r, r) + vec(1.0f);
  const Ints k = bits(shifted) - bits(magic);
  const Ints half = k >> 1;
  const Vec a = from_bits((half + ints(127)) << 23);
  const Vec b = from_bits((k - half + ints(127)) << 23);
  return p * a * b;
}

/// The fused attention kernel's exponential of x ≤ 0 in bfloat16 and float16 plans, 20 bits
/// accurate: constants and order are the reference's (specs/generation.md 9.2).
TYPECASE_INLINE Vec approximate_exp(Vec x) {
  const Vec log2e = from_bits(ints(0x3fb8aa3b));
  const Vec t = x * log2e;
  const Vec magic = vec(12582912.0f);
  const Vec nearest = (t + magic) - magic;
  const Vec floor = select(t < nearest, nearest - vec(1.0f), nearest);
  const Vec f = t - floor;
  Vec c = fma(f, vec(-0.079204240219773236f), vec(-0.22433836478672356f));
  c = fma(f, c, vec(0.30354260500649682f));
  c = fma(f, c, vec(0.00010703434948458272f));
  const Vec two23 = vec(8388608.0f);
  const Ints result = to_int(fma(two23, t - c, vec(127.0f * 8388608.0f)));
  const Vec low = from_bits(ints(static_cast<int>(0xc2aeac50u)));  // ln of the smallest normal
  return select(x < low, vec(0.0f), from_bits(result));
}

/// tanh x. Near 0 an odd polynomial, elsewhere 1 − 2 / (e^{2|x|} + 1) with x's sign.
TYPECASE_INLINE Vec tanh(Vec x) {
  const Ints sign = bits(x) & ints(static_cast<int>(0x80000000u));
  const Vec a = from_bits(bits(x) & ints(0x7fffffff));
  const Vec z = x * x;
  Vec p = vec(-5.70498872745e-3f);
  p = fma(p, z, vec(2.06390887954e-2f));
  p = fma(p, z, vec(-5.37397155531e-2f));
  p = fma(p, z, vec(1.33314422036e-1f));
  p = fma(p, z, vec(-3.33332819422e-1f));
  const Vec near = fma(p * z, x, x);
  const Vec far = vec(1.0f) - vec(2.0f) / (exp(a + a) + vec(1.0f));
  return select(a < vec(0.625f), near, from_bits(bits(far) | sign));
}

TYPECASE_INLINE Vec sigmoid(Vec x) { return vec(1.0f) / (vec(1.0f) + exp(vec(0.0f) - x)); }

/// The error function, lane by lane: the C library's is accurate and its users are few.
inline Vec erf(Vec x) {
  float lane[kPanel];
  store(lane, x);
  for (int i = 0; i < kPanel; ++i) lane[i] = __builtin_erff(lane[i]);
  return load_floats(lane);
}
