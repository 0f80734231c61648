#include "plan/activation.h"

#include <utility>

namespace typecase {
namespace {

constexpr std::pair<std::string_view, Activation> kNames[] = {
    {"relu", Activation::relu},
    {"relu2", Activation::relu2},
    {"silu", Activation::silu},
    {"swish", Activation::silu},
    {"gelu", Activation::gelu},
    {"gelu_new", Activation::gelu_new},
    {"gelu_pytorch_tanh", Activation::gelu_pytorch_tanh},
    {"gelu_python_tanh", Activation::gelu_new},
    {"gelu_fast", Activation::gelu_fast},
    {"quick_gelu", Activation::quick_gelu},
    {"bloom_gelu", Activation::bloom_gelu},
    {"sigmoid", Activation::sigmoid},
    {"tanh", Activation::tanh},
    {"linear", Activation::identity},
};

}  // namespace

std::optional<Activation> activation_named(std::string_view name) noexcept {
  for (const auto& [text, activation] : kNames) {
    if (text == name) return activation;
  }
  return std::nullopt;
}

std::string_view name(Activation activation) noexcept {
  for (const auto& [text, value] : kNames) {
    if (value == activation) return text;
  }
  return "";
}

}  // namespace typecase
