#include "models/families/families.h"
#include "models/words.h"

#include <typecase/error.h>

namespace typecase {
namespace {

/// `attention_types`: [[["global", "local"], 12]] is that pair twelve times.
std::vector<bool> local_layers(const Config& c, std::int64_t layers) {
  const Json* types = c.find("attention_types");
  std::vector<bool> out;
  const auto wrong = [&] {
    c.fail("attention_types",
           "expected [[[\"global\", \"local\"], n], …] for " + std::to_string(layers) + " layers");
  };
  if (types == nullptr) {
    for (std::int64_t i = 0; i < layers; ++i) out.push_back(i % 2 == 1);
    return out;
  }
  if (!types->is_array()) wrong();
  for (const Json& item : types->as_array()) {
    if (!item.is_array() || item.size() != 2) wrong();
    const Json &names = item.as_array()[0], &times = item.as_array()[1];
    if (!names.is_array() || names.size() == 0 || !times.is_number()) wrong();
    const double repeats = times.as_number();
    for (double n = 0; n < repeats && static_cast<std::int64_t>(out.size()) <= layers; ++n) {
      for (const Json& name : names.as_array()) {
        if (!name.is_string() || (name.as_string() != "global" && name.as_string() != "local")) {
          wrong();
        }
        out.push_back(name.as_string() == "local");
      }
    }
  }
  if (static_cast<std::int64_t>(out.size()) != layers) wrong();
  return out;
}

}  // namespace

/// GPT-Neo, TinyStories.  Black et al. 2021, doi:10.5281/zenodo.5297715.
///
///     x      = wte[token] + wpe[position]
///     x     += W_o · attention(W_q n, W_k n, W_v n)              n = layer_norm(x)   ┐ for each
///     x     += c_proj · gelu(c_fc n)                             n = layer_norm(x)   ┘ layer
///     logits = wte · layer_norm(x)
///
/// Scores are q·k in float32, not divided by anything. "local" layers see a window.
Plan gpt_neo(const Config& c, const Weights& root) {
  const auto hidden = c.count("hidden_size");
  const auto vocabulary = c.count("vocab_size");
  const auto n_layers = layers(c, "num_layers");
  const auto inner = c.count("intermediate_size", 4 * hidden);
  const auto [n_heads, kv_heads, head_dim] = heads(c, "num_heads", "num_heads", "hidden_size");
  const double eps = c.positive("layer_norm_epsilon", 1e-5);
  const Activation act = activation(c, "activation_function", "gelu_new");
  const auto local = local_layers(c, n_layers);
  const int width = static_cast<int>(c.count("window_size", 256));
  const Sizes s{hidden, inner, vocabulary, n_layers, n_heads, kv_heads, head_dim};
  const Weights w = root / "transformer";

  Plan plan = plan_of(s, w / "wte");
  plan.max_positions = c.count("max_position_embeddings", 2048);
  plan.decoder.embedding.positions = w.tensor("wpe.weight", {plan.max_positions, hidden});
  for (std::int64_t i = 0; i < n_layers; ++i) {
    const Weights layer = w / "h" / i;
    const Weights mlp = layer / "mlp";
    Attention attend = attention(layer / "attn" / "attention", s, false, true, "out_proj");
    attend.scale = 1;
    attend.implementation = Attention::Implementation::eager;
    attend.float32_scores = true;
    if (local[static_cast<std::size_t>(i)]) attend.window = width;

    plan.decoder.blocks.push_back({
        .attention_norm = layer_norm(layer / "ln_1", hidden, eps),
        .attention = std::move(attend),
        .mlp_norm = layer_norm(layer / "ln_2", hidden, eps),
        .mlp = plain_mlp(mlp / "c_fc", mlp / "c_proj", hidden, inner, act),
    });
  }
  plan.head = {.norm = layer_norm(w / "ln_f", hidden, eps),
               .lm_head = lm_head(root / "lm_head", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", true))};
  return plan;
}

}  // namespace typecase
