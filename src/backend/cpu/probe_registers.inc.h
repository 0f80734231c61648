// Included inside a target region and namespace of probe_rates.cpp.

/// kStep on twelve registers at once, kSteps times each a call: no memory, no waiting for a result.
template <class T, T (*kStep)(T x, T acc) noexcept>
void registers(Operands& o, int times) noexcept {
  T x, acc[kRegisters];
  __builtin_memcpy(&x, o.x, sizeof x);
  for (T& a : acc) a = x;
  for (int t = 0; t < times; ++t) {
    for (int i = 0; i < kSteps; ++i) {
      for (T& a : acc) a = kStep(x, a);
    }
  }
  for (int i = 0; i < kRegisters; ++i) __builtin_memcpy(o.out + i * kPanel, &acc[i], sizeof x);
  __asm__ volatile("" : : "r"(&o) : "memory");
}
