#include "models/words.h"

#include "plan/activation.h"

#include <typecase/error.h>

#include <numeric>

namespace typecase {
namespace {

/// A tensor's own row order (a GGUF file's permuted heads) belongs to reading it; what is added
/// here are views of the logical rows.
std::vector<std::int32_t> range(std::int64_t first, std::int64_t count) {
  std::vector<std::int32_t> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), static_cast<std::int32_t>(first));
  return rows;
}

}  // namespace

Vector vector(const Weights& at, std::string_view name, std::int64_t size) {
  return {.stored = at.tensor(name, {size})};
}

Linear linear(const Weights& at, std::int64_t out, std::int64_t in, bool bias) {
  Linear l{.weight = {.stored = at.tensor("weight", {out, in})}};
  if (bias) l.bias = vector(at, "bias", out);
  return l;
}

Linear conv1d(const Weights& at, std::int64_t out, std::int64_t in, bool bias) {
  Linear l{.weight = {.stored = at.tensor("weight", {in, out}), .in_out = true}};
  if (bias) l.bias = vector(at, "bias", out);
  return l;
}

Linear part(const Linear& whole, std::int64_t first, std::int64_t count) {
  Linear l = whole;
  l.weight.rows = range(first, count);
  if (!l.bias.empty()) l.bias.rows = range(first, count);
  return l;
}

Norm rms_norm(const Weights& at, std::int64_t size, double eps, Norm::Rounding rounding) {
  return {.kind = Norm::Kind::rms,
          .weight = vector(at, "weight", size),
          .eps = static_cast<float>(eps),
          .rounding = rounding};
}

Norm layer_norm(const Weights& at, std::int64_t size, double eps, bool bias) {
  Norm n{.kind = Norm::Kind::layer,
         .weight = vector(at, "weight", size),
         .eps = static_cast<float>(eps)};
  if (bias) n.bias = vector(at, "bias", size);
  return n;
}

Linear lm_head(const Weights& at, const Tensor& embedding, bool tied) {
  if (embedding.empty()) return {};  // already noted as missing
  if (at.has("weight") || !tied) {
    return {.weight = {.stored = at.tensor("weight", embedding.shape)}};
  }
  return {.weight = {.stored = embedding}};
}

Activation activation(const Config& config, std::string_view key, std::string_view otherwise) {
  const std::string text = config.text(key, otherwise);
  if (const auto found = activation_named(text)) return *found;
  config.fail_unsupported(key, "unknown activation " + quote(text));
}

Heads heads(const Config& c, std::string_view heads_key, std::string_view kv_heads_key,
            std::string_view hidden_key) {
  const auto n = c.count(heads_key);
  const auto kv = c.count(kv_heads_key, n);
  const auto hidden = c.count(hidden_key);
  if (n % kv != 0) {
    c.fail(kv_heads_key, std::to_string(kv) + " key/value heads do not divide " +
                             std::to_string(n) + " attention heads");
  }
  if (!c.has("head_dim") && hidden % n != 0) {
    c.fail(hidden_key, std::to_string(hidden) + " is not a multiple of " + std::to_string(n) +
                           " attention heads");
  }
  const auto dim = c.count("head_dim", hidden / n);
  if (dim > 65536) c.fail("head_dim", std::to_string(dim) + " is out of range");
  return {static_cast<int>(n), static_cast<int>(kv), static_cast<int>(dim)};
}

std::int64_t layers(const Config& c, std::string_view key) {
  const auto n = c.count(key);
  if (n > kMostLayers) {
    c.fail(key, std::to_string(n) + " layers are over the limit of " + std::to_string(kMostLayers));
  }
  return n;
}

}  // namespace typecase
