#pragma once

#include "plan/plan.h"

#include <cstdint>

namespace typecase {

/// What running a plan takes, in bytes. The layouts of executors pad some of it a little more.
struct MemoryNeed {
  std::uint64_t weights = 0;  ///< each stored matrix once, in the dtype or the file's if smaller
  std::uint64_t cache = 0;    ///< keys and values of all layers, and of an encoder's memory
  std::uint64_t activations = 0;  ///< of one pass, and its logits
};

/// What is to be computed.
struct Workload {
  std::uint64_t prompts = 1;
  std::uint64_t prompt_tokens = 0;  ///< of each; all sequences that continue it share them
  std::uint64_t sequences = 1;      ///< of all prompts: beams and returned sequences counted
  std::uint64_t new_tokens = 0;     ///< of each sequence
  std::uint64_t rows = 1;           ///< computed in one pass
  std::uint64_t text_tokens = 0;    ///< that an encoder reads for each prompt
};

/// Throws Error(out_of_memory) for what does not fit 64 bits.
MemoryNeed memory_need(const Plan& plan, const Workload& work);

}  // namespace typecase
