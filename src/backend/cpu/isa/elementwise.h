// Included inside the namespace of an ISA level, after math.h.

template <DType D>
void layer_norm(const NormWords& w, const float* x, float* out) noexcept {
  Vec s = vec(0.0f);
  for (int i = 0; i < w.n; i += kPanel) s = s + load_first(x, i, w.n);
  const float count = static_cast<float>(w.n);
  const float mean = sum(s) / count;
  Vec squares = vec(0.0f);
  for (int i = 0; i < w.n; i += kPanel) {
    // Padding must not add mean² to the variance: it is given the mean's value.
    Vec d = load_floats(x + i) - vec(mean);
    if (w.n - i < kPanel) {
      float lane[kPanel];
      store(lane, d);
      for (int j = w.n - i; j < kPanel; ++j) lane[j] = 0;
      d = load_floats(lane);
    }
    squares = fma(d, d, squares);
  }
  const float scale = 1 / __builtin_sqrtf(sum(squares) / count + w.eps);
  for (int i = 0; i < w.n; i += kPanel) {
    Vec y = (load_floats(x + i) - vec(mean)) * vec(scale);
    if (w.weight != nullptr) y = y * load_floats(w.weight + i);
    if (w.bias != nullptr) y = y + load_floats(w.bias + i);
    store(out + i, rounded<D>(y));
  }
}

template <DType D>
void rms_norm(const NormWords& w, const float* x, float* out) noexcept {
  Vec squares = vec(0.0f);
  for (int i = 0; i < w.n; i += kPanel) {
    const Vec v = load_first(x, i, w.n);
    squares = fma(v, v, squares);
  }
  const float mean = sum(squares) / static_cast<float>(w.n);
  const Vec scale = vec(1 / __builtin_sqrtf(mean + w.eps));
  for (int i = 0; i < w.n; i += kPanel) {
    const Vec y = load_floats(x + i) * scale;
    const Vec g = w.weight != nullptr ? load_floats(w.weight + i) : vec(1.0f);
    switch (w.rounding) {
      case Norm::Rounding::rounded_twice:
        store(out + i, rounded<D>(g * rounded<D>(y)));
        break;
      case Norm::Rounding::rounded_once:
        store(out + i, rounded<D>(g * y));
        break;
      case Norm::Rounding::one_plus_weight:
        store(out + i, rounded<D>(y * (vec(1.0f) + g)));
        break;
    }
  }
}

/// gelu_new and its kind are chains of tensor operations in the reference: every link rounds.
template <DType D>
TYPECASE_INLINE Vec gelu_new(Vec x) {
  Vec a = rounded<D>(rounded<D>(x * x) * x);
  a = rounded<D>(vec(0.044715f) * a);
  a = rounded<D>(x + a);
  a = rounded<D>(vec(0.7978845608028654f) * a);
  a = rounded<D>(tanh(a));
  a = rounded<D>(vec(1.0f) + a);
  return rounded<D>(rounded<D>(vec(0.5f) * x) * a);
}

template <DType D>
TYPECASE_INLINE Vec gelu_fast(Vec x) {
  const Vec cubic = rounded<D>(rounded<D>(x * vec(0.044715f)) * x);
  const Vec inner = rounded<D>(vec(1.0f) + cubic);
  const Vec t = rounded<D>(tanh(rounded<D>(rounded<D>(x * vec(0.7978845608f)) * inner)));
  return rounded<D>(rounded<D>(vec(0.5f) * x) * rounded<D>(vec(1.0f) + t));
}

template <DType D>
TYPECASE_INLINE Vec gelu_pytorch_tanh(Vec x) {
  const Vec inner = vec(0.7978845608028654f) * (x + vec(0.044715f) * (x * x * x));
  return rounded<D>(vec(0.5f) * x * (vec(1.0f) + tanh(inner)));
}

template <DType D>
TYPECASE_INLINE Vec activated(Activation f, Vec x) {
  const Vec zero = vec(0.0f), one = vec(1.0f);
  switch (f) {
    case Activation::relu:
      return select(x < zero, zero, x);
    case Activation::relu2:
      return select(x < zero, zero, rounded<D>(x * x));
    case Activation::silu:
      return rounded<D>(x / (one + exp(zero - x)));
    case Activation::gelu:
      return rounded<D>(vec(0.5f) * x * (one + erf(x * vec(0.70710678118654752f))));
    case Activation::gelu_new:
      return gelu_new<D>(x);
    case Activation::gelu_pytorch_tanh:
      return gelu_pytorch_tanh<D>(x);
    case Activation::gelu_fast:
    case Activation::bloom_gelu:
      return gelu_fast<D>(x);
    case Activation::quick_gelu:
      return rounded<D>(x * rounded<D>(sigmoid(rounded<D>(vec(1.702f) * x))));
    case Activation::sigmoid:
      return rounded<D>(sigmoid(x));
    case Activation::tanh:
      return rounded<D>(tanh(x));
    case Activation::identity:
      return x;
  }
  return x;
}

template <DType D>
struct Elementwise {
  static void norm(const NormWords& w, const float* x, float* out) noexcept {
    w.kind == Norm::Kind::layer ? layer_norm<D>(w, x, out) : rms_norm<D>(w, x, out);
  }
  static void activate(Activation f, const float* gate, const float* up, float* out,
                       int n) noexcept {
    for (int i = 0; i < n; i += kPanel) {
      Vec y = activated<D>(f, load_floats(gate + i));
      if (up != nullptr) y = rounded<D>(y * load_floats(up + i));
      store(out + i, y);
    }
  }
  static void add(float m, const float* y, float* x, int n) noexcept {
    for (int i = 0; i < n; i += kPanel) {
      Vec term = load_floats(y + i);
      if (m != 1) term = rounded<D>(term * vec(m));
      store(x + i, rounded<D>(load_floats(x + i) + term));
    }
  }
  static void scale(float m, float* x, int n) noexcept {
    for (int i = 0; i < n; i += kPanel) store(x + i, rounded<D>(load_floats(x + i) * vec(m)));
  }
};

inline void rotate(DType dtype, DType inner, const float* cos, const float* sin, int half,
                   float* x) noexcept {
  for (int i = 0; i < half; i += kPanel) {
    const Vec c = load_floats(cos + i), s = load_floats(sin + i);
    const Vec a = load_floats(x + i), b = load_floats(x + half + i);
    store(x + i, rounded_to(dtype, rounded_to(inner, a * c) - rounded_to(inner, b * s)));
    store(x + half + i, rounded_to(dtype, rounded_to(inner, b * c) + rounded_to(inner, a * s)));
  }
}

inline void norm(const NormWords& w, DType dtype, const float* x, float* out) noexcept {
  switch (dtype) {
    case DType::bfloat16:
      return Elementwise<DType::bfloat16>::norm(w, x, out);
    case DType::float16:
      return Elementwise<DType::float16>::norm(w, x, out);
    default:
      return Elementwise<DType::float32>::norm(w, x, out);
  }
}
inline void activate(Activation f, DType dtype, const float* gate, const float* up, float* out,
                     int n) noexcept {
  switch (dtype) {
    case DType::bfloat16:
      return Elementwise<DType::bfloat16>::activate(f, gate, up, out, n);
    case DType::float16:
      return Elementwise<DType::float16>::activate(f, gate, up, out, n);
    default:
      return Elementwise<DType::float32>::activate(f, gate, up, out, n);
  }
}
inline void add(DType dtype, float m, const float* y, float* x, int n) noexcept {
  switch (dtype) {
    case DType::bfloat16:
      return Elementwise<DType::bfloat16>::add(m, y, x, n);
    case DType::float16:
      return Elementwise<DType::float16>::add(m, y, x, n);
    default:
      return Elementwise<DType::float32>::add(m, y, x, n);
  }
}
inline void scale(DType dtype, float m, float* x, int n) noexcept {
  switch (dtype) {
    case DType::bfloat16:
      return Elementwise<DType::bfloat16>::scale(m, x, n);
    case DType::float16:
      return Elementwise<DType::float16>::scale(m, x, n);
    default:
      return Elementwise<DType::float32>::scale(m, x, n);
  }
}
