#pragma once

#include "backend/backend.h"

#include <vector>

namespace typecase {

/// Sequences of one call, dropped at its end however it ends.
class CallSequences {
 public:
  explicit CallSequences(Executor& executor) : executor_(executor) {}
  ~CallSequences() {
    for (const SequenceId id : ids_) executor_.drop(id);
  }
  CallSequences(const CallSequences&) = delete;
  CallSequences& operator=(const CallSequences&) = delete;
  SequenceId create() {
    ids_.push_back(executor_.create());
    return ids_.back();
  }

 private:
  Executor& executor_;
  std::vector<SequenceId> ids_;
};

}  // namespace typecase
