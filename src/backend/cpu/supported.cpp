#include "backend/cpu/program.h"

#include <typecase/error.h>

namespace typecase::cpu {
namespace {

/// Refuses when `is_there`; `word` is what the plan says that cannot be run.
void refuse(bool is_there, const char* word) {
  if (is_there) {
    throw Error(Code::unsupported, std::string("the CPU executor cannot run ") + word + " yet");
  }
}

void check(const Attention& a) {
  refuse(!a.sinks.empty(), "attention sinks");
  refuse(a.head_dim > kWidestHead, "heads of more than 1024 dimensions");
}

void check(const Block& b) {
  check(b.attention);
  refuse(b.cross_attention && b.arrangement == Block::Arrangement::parallel,
         "cross attention in a parallel block");
  const bool wide = b.float32_sums != Block::Float32Sums::none;
  refuse(wide && (b.arrangement == Block::Arrangement::parallel ||
                  std::holds_alternative<Experts>(b.mlp)),
         "float32 sums in a parallel block or with experts");
  if (!b.cross_attention) return;
  const Attention& cross = *b.cross_attention;
  check(cross);
  refuse(!std::holds_alternative<std::monostate>(cross.position), "cross attention with positions");
  refuse(!cross.q_norm.empty() || !cross.k_norm.empty(), "cross attention with norms of its own");
}

}  // namespace

void check_supported(const Plan& plan) {
  for (const Block& b : plan.decoder.blocks) check(b);
  if (plan.encoder) {
    for (const Block& b : plan.encoder->blocks) check(b);
  }
  refuse(
      plan.dtype != DType::float32 && plan.dtype != DType::bfloat16 && plan.dtype != DType::float16,
      "arithmetic other than float32, bfloat16 and float16");
}

}  // namespace typecase::cpu
