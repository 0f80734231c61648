#include "backend/memory_need.h"

#include "backend/kv_cache.h"
#include "plan/weight_bytes.h"

#include <typecase/error.h>

#include <algorithm>
#include <initializer_list>

namespace typecase {
namespace {

std::uint64_t product(std::initializer_list<std::uint64_t> factors) {
  std::uint64_t out = 1;
  for (const std::uint64_t factor : factors) {
    if (__builtin_mul_overflow(out, factor, &out)) {
      throw Error(Code::out_of_memory, "what was asked for needs more memory than 64 bits count");
    }
  }
  return out;
}

std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
  if (__builtin_add_overflow(a, b, &a)) {
    throw Error(Code::out_of_memory, "what was asked for needs more memory than 64 bits count");
  }
  return a;
}

std::uint64_t in_blocks(std::uint64_t keys) {
  constexpr std::uint64_t kSlots = KvCache::kSlots;
  return sum(keys, kSlots - 1) / kSlots * kSlots;
}

/// Numbers that one key and its value have, over all layers.
struct PerKey {
  std::uint64_t own = 0, memory = 0;
};

PerKey per_key(const Stack& stack) {
  const auto of = [](const Attention& a) {
    return product(
        {2, static_cast<std::uint64_t>(a.kv_heads), static_cast<std::uint64_t>(a.head_dim)});
  };
  PerKey out;
  for (const Block& block : stack.blocks) {
    out.own = sum(out.own, of(block.attention));
    if (block.cross_attention) out.memory = sum(out.memory, of(*block.cross_attention));
  }
  return out;
}

std::uint64_t width(const Mlp& mlp) { return static_cast<std::uint64_t>(mlp.up_proj.weight.out()); }

/// Floats that one row takes at its widest place: stream, normed stream, two sums; queries and what
/// they saw; keys and values; the MLP's two.
std::uint64_t per_row(const Plan& plan, const Stack& stack) {
  std::uint64_t queries = 0, keys = 0, inner = 0;
  for (const Block& block : stack.blocks) {
    const auto& a = block.attention;
    const auto dim = static_cast<std::uint64_t>(a.head_dim);
    queries = std::max(queries, product({static_cast<std::uint64_t>(a.heads), dim}));
    keys = std::max(keys, product({static_cast<std::uint64_t>(a.kv_heads), dim}));
    if (const auto* mlp = std::get_if<Mlp>(&block.mlp)) inner = std::max(inner, width(*mlp));
    if (const auto* experts = std::get_if<Experts>(&block.mlp)) {
      for (const Mlp& mlp : experts->experts) inner = std::max(inner, width(mlp));
    }
  }
  const auto hidden = static_cast<std::uint64_t>(plan.hidden_size);
  return sum(product({4, hidden}), product({2, sum(queries, sum(keys, inner))}));
}

}  // namespace

MemoryNeed memory_need(const Plan& plan, const Workload& work) {
  const std::uint64_t element = plan.dtype == DType::float32 ? 4 : 2;
  const PerKey key = per_key(plan.decoder);
  MemoryNeed out{.weights = weight_bytes(plan)};
  const std::uint64_t keys = sum(product({work.prompts, in_blocks(work.prompt_tokens)}),
                                 product({work.sequences, in_blocks(work.new_tokens)}));
  out.cache = product({keys, key.own, element});
  std::uint64_t floats = product({work.rows, per_row(plan, plan.decoder)});
  if (plan.encoder) {
    const std::uint64_t memory = product({work.prompts, in_blocks(work.text_tokens)});
    out.cache = sum(out.cache, product({memory, key.memory, element}));
    floats = std::max(floats, product({work.text_tokens, per_row(plan, *plan.encoder)}));
  }
  const auto vocabulary = static_cast<std::uint64_t>(plan.vocabulary);
  out.activations = product({4, sum(floats, product({work.sequences, vocabulary}))});
  return out;
}

}  // namespace typecase
