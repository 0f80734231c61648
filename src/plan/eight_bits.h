#pragma once

#include "base/thread_pool.h"
#include "plan/plan.h"

#include <deque>

namespace typecase {

/// A plan with its float matrices in eight bits a weight (Q8_0: 32 inputs share a scale, weights
/// are rounded to the nearest of 255), to guess what the plan itself would say. All else is shared
/// with it: whoever owns the plan's bytes must outlive this until an executor has packed them.
struct EightBits {
  Plan plan;                      ///< computes in float32
  std::deque<Storage> storage{};  ///< of its matrices
};

/// Matrices whose inputs are no multiple of 32, and quantised ones, stay as they are.
EightBits in_eight_bits(const Plan& plan, ThreadPool& pool);

}  // namespace typecase
