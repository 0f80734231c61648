#include "decode/strategies/dola.h"

#include "base/checked.h"
#include "decode/softmax.h"
#include "decode/strategies/rows.h"
#include "decode/strategies/sample.h"

#include <typecase/error.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace typecase {
namespace {

/// Σ_v A(ln A − ln F) + A(ln A − ln E)
double divergence(std::span<const float> f, std::span<const float> e, std::span<const float> log_f,
                  std::span<const float> log_e) {
  double sum = 0;
  for (std::size_t v = 0; v < f.size(); ++v) {
    const float a = 0.5f * (f[v] + e[v]);
    if (a == 0) continue;
    const float log_a = std::log(a);
    sum += static_cast<double>(a * log_a - a * log_f[v]) +
           static_cast<double>(a * log_a - a * log_e[v]);
  }
  return sum;
}

/// A model whose logits are the contrast.
class Contrast final : public Stepper {
 public:
  Contrast(Stepper& model, std::size_t layers) : model_(model), layers_(layers) {}

  std::size_t vocabulary() const override { return model_.vocabulary(); }
  std::span<const float> prefill() override { return contrast(model_.prefill()); }
  void select(std::span<const std::size_t> parents) override {
    if (steps_.size() == 1) first_rows_.assign(parents.begin(), parents.end());
    model_.select(parents);
  }
  std::span<float> step(std::span<const TokenId> tokens) override {
    return contrast(model_.step(tokens));
  }
  /// [step][row][V]: what the model itself gave.
  std::vector<std::vector<std::vector<float>>> steps() const {
    auto out = steps_;
    if (first_rows_.empty()) return out;
    out[0].clear();
    for (const std::size_t row : first_rows_) out[0].push_back(steps_[0][row]);
    return out;
  }

 private:
  std::span<float> contrast(std::span<const float> logits) {
    const std::size_t v = vocabulary();
    auto& kept = steps_.emplace_back();
    for (std::size_t at = 0; at < logits.size(); at += v) {
      kept.emplace_back(logits.begin() + static_cast<std::ptrdiff_t>(at),
                        logits.begin() + static_cast<std::ptrdiff_t>(at + v));
    }
    final_.assign(logits.begin(), logits.end());
    const auto base = model_.early(farthest());
    out_.resize(final_.size());
    std::vector<float> log_e(v);
    for (std::size_t at = 0; at < final_.size(); at += v) {
      const auto row = std::span(out_).subspan(at, v);
      log_softmax(std::span(final_).subspan(at, v), row);
      log_softmax(base.subspan(at, v), log_e);
      const float best = *std::max_element(row.begin(), row.end());
      const float least = best + static_cast<float>(std::log(0.1));
      for (std::size_t i = 0; i < v; ++i) {
        row[i] = row[i] < least ? -std::numeric_limits<float>::infinity() : row[i] - log_e[i];
      }
    }
    return out_;
  }

  /// The candidate layer whose distribution is farthest from the final one, over all rows.
  std::size_t farthest() const {
    if (layers_ == 1) return 0;
    const std::size_t v = vocabulary();
    std::vector<float> f(v), e(v), log_f(v), log_e(v);
    std::size_t best = 0;
    double largest = -1;
    for (std::size_t n = 0; n < layers_; ++n) {
      double sum = 0;
      for (std::size_t at = 0; at < final_.size(); at += v) {
        const auto final_row = std::span(final_).subspan(at, v);
        const auto early_row = model_.early(n).subspan(at, v);
        softmax(final_row, f);
        softmax(early_row, e);
        log_softmax(final_row, log_f);
        log_softmax(early_row, log_e);
        sum += divergence(f, e, log_f, log_e);
      }
      if (sum > largest) {
        largest = sum;
        best = n;
      }
    }
    return best;
  }

  Stepper& model_;
  std::size_t layers_;
  std::vector<float> final_, out_;  // [row, V]
  std::vector<std::vector<std::vector<float>>> steps_;
  std::vector<std::size_t> first_rows_;
};

std::vector<int> every_second(std::size_t from, std::size_t to) {
  std::vector<int> out;
  for (std::size_t i = from; i < to; i += 2) out.push_back(static_cast<int>(i));
  return out;
}

}  // namespace

std::vector<int> dola_candidates(const EffectiveConfig& config, std::size_t layers, bool tied) {
  std::vector<int> out;
  const std::size_t half = layers / 2;
  if (config.dola_preset == "low") {
    const std::size_t start = !tied ? 0 : layers > 2 ? 2 : layers == 2 ? 1 : 0;
    out = start == half ? std::vector{static_cast<int>(start)}
                        : every_second(start, layers <= 40 ? half : 20);
  } else if (config.dola_preset == "high") {
    out = every_second(layers <= 40 ? half : layers - 20, layers);
  } else {
    for (const std::size_t layer : config.dola_layers) {
      if (layer < layers) out.push_back(static_cast<int>(layer));
    }
  }
  if (out.empty()) {
    throw Error(Code::invalid_argument,
                "dola_layers: names no layer below the model's last, " + std::to_string(layers));
  }
  return out;
}

DecodeOutput dola(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
                  Generator& random, const DecodeHooks& hooks) {
  const auto layers = dola_candidates(config, hooks.layers, hooks.tied_embeddings);
  model.watch({.hidden = false, .early_layers = layers});
  Contrast contrast(model, layers.size());
  DecodeOutput out = sample(contrast, config, input, random, hooks);
  if (!out.logits.empty()) out.logits = contrast.steps();
  return out;
}

}  // namespace typecase
