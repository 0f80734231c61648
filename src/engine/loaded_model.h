#pragma once

#include "backend/backend.h"
#include "checkpoint/checkpoint.h"
#include "engine/self_drafter.h"
#include "plan/plan.h"

#include <typecase/model.h>
#include <typecase/prompt_cache.h>

#include <memory>
#include <optional>

namespace typecase {

/// A Model's parts: files, plan, and (from the first computation on) an executor.
struct Model::Parts {
  std::string path;
  ModelOptions options;
  Checkpoint checkpoint;
  Plan plan;
  GenerationConfig generation_config;
  std::vector<std::string> warnings;
  std::unique_ptr<Executor> executor{};
  std::optional<Tokenizer> tokenizer{};
  std::unique_ptr<DraftCopy> draft_copy{};
  bool draft_copy_made = false;  ///< or found too large

  /// Packs the weights at the first call.
  Executor& ready();
  /// What self-speculation drafts with, made at the first call; nullptr where memory is short.
  DraftCopy* draft_with();
  /// Model::max_length().
  std::optional<std::size_t> max_length() const noexcept;
};

/// generate() on the parts: src/engine/generate.cpp, the way of a prompt on one page.
/// `assistant` and `kept` are those of the request, or nullptr.
GenerateResult generate(Model::Parts& model, const Tokenizer* tokenizer,
                        const GenerateRequest& request, Model::Parts* assistant,
                        PromptCache::Parts* kept);

/// The executor that the options ask for. `tensors_stay`: CpuOptions::tensors_stay.
std::unique_ptr<Executor> make_executor(const Plan& plan, const ModelOptions& options,
                                        bool tensors_stay);

/// What `show` prints.
Json summarise(const Model::Parts& model, const Tokenizer* tokenizer);

}  // namespace typecase
