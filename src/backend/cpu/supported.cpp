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
  refuse(a.kind != Attention::Kind::causal, "bidirectional or cross attention");
  refuse(std::holds_alternative<RelativeBias>(a.position), "relative position biases");
  refuse(!a.sinks.empty(), "attention sinks");
  refuse(a.head_dim > kWidestHead, "heads of more than 1024 dimensions");
}

void check(const Block& b) {
  check(b.attention);
  refuse(b.cross_attention.has_value(), "cross attention");
}

}  // namespace

void check_supported(const Plan& plan) {
  refuse(plan.encoder.has_value(), "encoder-decoder plans");
  for (const Block& b : plan.decoder.blocks) check(b);
  refuse(!plan.head.transform.empty(), "a transform before the head");
  refuse(
      plan.dtype != DType::float32 && plan.dtype != DType::bfloat16 && plan.dtype != DType::float16,
      "arithmetic other than float32, bfloat16 and float16");
}

}  // namespace typecase::cpu
