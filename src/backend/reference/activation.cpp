#include "backend/reference/activation.h"

#include <cmath>

namespace typecase::reference {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), each operation rounded; the cube has two roundings.
float gelu_new(float x, Rounding r) {
  float a = r(r(x * x) * x);
  a = r(0.044715f * a);
  a = r(x + a);
  a = r(0.7978845608028654f * a);
  a = r(std::tanh(a));
  a = r(1 + a);
  return r(r(0.5f * x) * a);
}

/// 0.5·x·(1 + tanh(0.79788456·x·(1 + 0.044715·x·x))), written in this order.
float gelu_fast(float x, Rounding r) {
  const float inner = r(1 + r(r(x * 0.044715f) * x));
  const float t = r(std::tanh(r(r(x * 0.7978845608f) * inner)));
  return r(r(0.5f * x) * r(1 + t));
}

}  // namespace

float activate(Activation f, float x, Rounding r) noexcept {
  const double d = x;
  switch (f) {
    case Activation::relu:
      return x > 0 ? x : 0;
    case Activation::relu2:
      return x > 0 ? r(x * x) : 0;
    case Activation::silu:
      return r(d * sigmoid(d));
    case Activation::gelu:
      return r(0.5 * d * (1 + std::erf(d * 0.7071067811865476)));
    case Activation::gelu_new:
      return gelu_new(x, r);
    case Activation::gelu_pytorch_tanh:
      return r(0.5 * d * (1 + std::tanh(0.7978845608028654 * (d + 0.044715 * d * d * d))));
    case Activation::gelu_fast:
    case Activation::bloom_gelu:
      return gelu_fast(x, r);
    case Activation::quick_gelu:
      return r(x * r(sigmoid(double{r(1.702f * x)})));
    case Activation::sigmoid:
      return r(sigmoid(d));
    case Activation::tanh:
      return r(std::tanh(d));
    case Activation::identity:
      return x;
  }
  return x;
}

}  // namespace typecase::reference
