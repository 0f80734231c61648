#pragma once

#include "models/config.h"
#include "plan/plan.h"

namespace typecase {

class Weights;

Plan gpt2(const Config& config, const Weights& weights);
Plan llama(const Config& config, const Weights& weights);

}  // namespace typecase
