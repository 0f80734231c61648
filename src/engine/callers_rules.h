#pragma once

#include "decode/decode.h"
#include "decode/processor.h"

#include <typecase/model.h>

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace typecase {

/// The caller's own function as a processor.
class CallersProcessor : public Processor {
 public:
  using Process = std::function<void(const std::vector<Tokens>&, std::span<float>)>;
  explicit CallersProcessor(Process process) : process_(std::move(process)) {}
  std::string_view name() const override { return "logits_processor"; }
  void apply(std::span<float> scores, const ScoreRow& row) override {
    process_({Tokens(row.ids.begin(), row.ids.end())}, scores);
  }
  void apply_all(std::span<float> scores, std::span<const ScoreRow> rows) override {
    std::vector<Tokens> ids;
    for (const ScoreRow& row : rows) ids.emplace_back(row.ids.begin(), row.ids.end());
    process_(ids, scores);
  }

 private:
  Process process_;
};

/// What the caller decides while the loop runs: what may follow, what ends, what scores become.
inline void add_callers_rules(const GenerateRequest& request, DecodeHooks& hooks) {
  hooks.prefix_allowed_tokens = request.prefix_allowed_tokens;
  hooks.is_finished = request.is_finished;
  if (request.process_scores) {
    hooks.processors.push_back(std::make_shared<CallersProcessor>(request.process_scores));
  }
}

}  // namespace typecase
