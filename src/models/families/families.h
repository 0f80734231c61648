#pragma once

#include "models/config.h"
#include "plan/plan.h"

/// One function a family: config and weights → plan. The formulas stand in the families' files.
namespace typecase {

class Weights;

Plan bart(const Config& config, const Weights& weights);
Plan bert(const Config& config, const Weights& weights);
Plan bloom(const Config& config, const Weights& weights);
Plan cohere(const Config& config, const Weights& weights);
Plan distilbert(const Config& config, const Weights& weights);
Plan falcon(const Config& config, const Weights& weights);
Plan gemma(const Config& config, const Weights& weights);
Plan gemma2(const Config& config, const Weights& weights);
Plan gemma3(const Config& config, const Weights& weights);
Plan gemma3_text(const Config& config, const Weights& weights);
Plan gpt2(const Config& config, const Weights& weights);
Plan gpt_neo(const Config& config, const Weights& weights);
Plan gpt_neox(const Config& config, const Weights& weights);
Plan gptj(const Config& config, const Weights& weights);
Plan granite(const Config& config, const Weights& weights);
Plan llama(const Config& config, const Weights& weights);
Plan marian(const Config& config, const Weights& weights);
Plan mistral(const Config& config, const Weights& weights);
Plan mixtral(const Config& config, const Weights& weights);
Plan mpnet(const Config& config, const Weights& weights);
Plan mt5(const Config& config, const Weights& weights);
Plan olmo2(const Config& config, const Weights& weights);
Plan opt(const Config& config, const Weights& weights);
Plan phi(const Config& config, const Weights& weights);
Plan phi3(const Config& config, const Weights& weights);
Plan qwen2(const Config& config, const Weights& weights);
Plan qwen2_moe(const Config& config, const Weights& weights);
Plan qwen3(const Config& config, const Weights& weights);
Plan qwen3_moe(const Config& config, const Weights& weights);
Plan roberta(const Config& config, const Weights& weights);
Plan smollm3(const Config& config, const Weights& weights);
Plan stablelm(const Config& config, const Weights& weights);
Plan starcoder2(const Config& config, const Weights& weights);
Plan t5(const Config& config, const Weights& weights);
Plan umt5(const Config& config, const Weights& weights);

}  // namespace typecase
