#include "models/words.h"

#include "plan/activation.h"

#include <typecase/error.h>

#include <cmath>
#include <numeric>
#include <utility>

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
  if (whole.empty()) return {};  // already noted as missing
  Linear l = whole;
  l.weight.rows = range(first, count);
  if (!l.bias.empty()) l.bias.rows = range(first, count);
  return l;
}

Linear part_of_groups(const Linear& whole, std::int64_t groups, std::int64_t size,
                      std::int64_t first, std::int64_t count) {
  if (whole.empty()) return {};  // already noted as missing
  std::vector<std::int32_t> rows;
  for (std::int64_t g = 0; g < groups; ++g) {
    const auto own = range(g * size + first, count);
    rows.insert(rows.end(), own.begin(), own.end());
  }
  Linear l = whole;
  l.weight.rows = rows;
  if (!l.bias.empty()) l.bias.rows = rows;
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
  return activation_of(config, key, config.text(key, otherwise));
}

Activation activation_of(const Config& config, std::string_view key, std::string_view name) {
  if (const auto found = activation_named(name)) return *found;
  config.fail_unsupported(key, "unknown activation " + quote(std::string(name)));
}

namespace {

struct Counts {
  std::int64_t heads, kv_heads, hidden, head_dim;  // head_dim: when the config has none; 0: derived
};

Heads checked_heads(const Config& c, const Counts& n, std::string_view heads_key) {
  if (n.heads > kMostHeads) {
    c.fail(heads_key,
           std::to_string(n.heads) + " heads are over the limit of " + std::to_string(kMostHeads));
  }
  if (n.heads % n.kv_heads != 0) {
    c.fail(heads_key, std::to_string(n.kv_heads) + " key/value heads do not divide " +
                          std::to_string(n.heads) + " attention heads");
  }
  const bool derived = n.head_dim == 0 && !c.has("head_dim");
  if (derived && n.hidden % n.heads != 0) {
    c.fail(heads_key, "a hidden size of " + std::to_string(n.hidden) + " is not a multiple of " +
                          std::to_string(n.heads) + " attention heads");
  }
  const auto dim = c.count("head_dim", n.head_dim > 0 ? n.head_dim : n.hidden / n.heads);
  if (dim > 65536) c.fail("head_dim", std::to_string(dim) + " is out of range");
  return {static_cast<int>(n.heads), static_cast<int>(n.kv_heads), static_cast<int>(dim)};
}

}  // namespace

Heads heads(const Config& c, std::string_view heads_key, std::string_view kv_heads_key,
            std::string_view hidden_key) {
  const auto n = c.count(heads_key);
  return checked_heads(c, {n, c.count(kv_heads_key, n), c.count(hidden_key), 0}, heads_key);
}

std::int64_t layers(const Config& c, std::string_view key, std::int64_t otherwise) {
  const auto n = otherwise > 0 ? c.count(key, otherwise) : c.count(key);
  if (n > kMostLayers) {
    c.fail(key, std::to_string(n) + " layers are over the limit of " + std::to_string(kMostLayers));
  }
  return n;
}

Sizes sizes(const Config& c, const Missing& missing) {
  const auto asked = [&](std::string_view key, std::int64_t otherwise) {
    return otherwise > 0 ? c.count(key, otherwise) : c.count(key);
  };
  Sizes s;
  s.hidden = asked("hidden_size", missing.hidden);
  s.inner = asked("intermediate_size", missing.inner);
  s.vocabulary = asked("vocab_size", missing.vocabulary);
  s.layers = missing.layers > 0 && !c.has("num_hidden_layers") ? missing.layers
                                                               : layers(c, "num_hidden_layers");
  const auto n = asked("num_attention_heads", missing.heads);
  const auto kv = c.count("num_key_value_heads", missing.kv_heads > 0 ? missing.kv_heads : n);
  const Heads h = checked_heads(c, {n, kv, s.hidden, missing.head_dim}, "num_attention_heads");
  s.heads = h.heads;
  s.kv_heads = h.kv_heads;
  s.head_dim = h.head_dim;
  return s;
}

int window(const Config& c, std::string_view key, int missing) {
  const bool stated = c.json().find(key) != nullptr;
  if (stated && !c.has(key)) return 0;
  return static_cast<int>(c.has(key) ? c.count(key) : missing);
}

std::vector<bool> windowed_layers(const Config& c, std::int64_t layers,
                                  const std::function<bool(std::int64_t)>& otherwise) {
  std::vector<bool> out;
  const Json* types = c.find("layer_types");
  if (types == nullptr) {
    for (std::int64_t i = 0; i < layers; ++i) out.push_back(otherwise(i));
    return out;
  }
  if (!types->is_array() || static_cast<std::int64_t>(types->size()) < layers) {
    c.fail("layer_types", "a list of " + std::to_string(layers) + " types is needed");
  }
  for (std::int64_t i = 0; i < layers; ++i) {
    const Json& type = types->as_array()[static_cast<std::size_t>(i)];
    const std::string name = type.is_string() ? type.as_string() : type.dump();
    if (name != "full_attention" && name != "sliding_attention") {
      c.fail_unsupported("layer_types", "unknown attention " + quote(name) +
                                            "; known are full_attention and sliding_attention");
    }
    out.push_back(name == "sliding_attention");
  }
  return out;
}

void refuse_flag(const Config& c, std::string_view key, const char* what) {
  if (c.flag(key, false)) c.fail_unsupported(key, std::string(what) + " cannot be run yet");
}

Plan plan_of(const Sizes& s, const Weights& at) {
  Plan plan;
  plan.hidden_size = s.hidden;
  plan.vocabulary = s.vocabulary;
  plan.decoder.embedding.tokens = at.tensor("weight", {s.vocabulary, s.hidden});
  return plan;
}

Attention attention(const Sizes& s, Linear q, Linear k, Linear v, Linear out) {
  return {.q_proj = std::move(q),
          .k_proj = std::move(k),
          .v_proj = std::move(v),
          .o_proj = std::move(out),
          .heads = s.heads,
          .kv_heads = s.kv_heads,
          .head_dim = s.head_dim,
          .scale = static_cast<float>(1 / std::sqrt(double(s.head_dim)))};
}

Attention attention(const Weights& at, const Sizes& s, bool qkv_bias, bool out_bias,
                    std::string_view out) {
  return attention(s, linear(at / "q_proj", s.q(), s.hidden, qkv_bias),
                   linear(at / "k_proj", s.kv(), s.hidden, qkv_bias),
                   linear(at / "v_proj", s.kv(), s.hidden, qkv_bias),
                   linear(at / out, s.hidden, s.q(), out_bias));
}

Mlp gated_mlp(const Weights& at, std::int64_t hidden, std::int64_t inner, Activation activation,
              bool bias) {
  return {.gate_proj = linear(at / "gate_proj", inner, hidden, bias),
          .up_proj = linear(at / "up_proj", inner, hidden, bias),
          .down_proj = linear(at / "down_proj", hidden, inner, bias),
          .activation = activation};
}

Mlp plain_mlp(const Weights& up, const Weights& down, std::int64_t hidden, std::int64_t inner,
              Activation activation, bool bias) {
  return {.up_proj = linear(up, inner, hidden, bias),
          .down_proj = linear(down, hidden, inner, bias),
          .activation = activation};
}

}  // namespace typecase
