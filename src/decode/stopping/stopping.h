#pragma once

#include "decode/decode.h"
#include "decode/stopping/stop_strings.h"

#include <typecase/token.h>

#include <functional>
#include <optional>
#include <span>
#include <string_view>

namespace typecase {

/// When a row is finished: at an end token, at max_length, after max_time seconds, at a stop
/// string, or when the caller says so.
class Stopping {
 public:
  /// The clock of max_time starts here. REQUIRES: the arguments outlive this object.
  Stopping(const EffectiveConfig& config, const DecodeHooks& hooks);

  /// Measures the time once for all rows of a step; call before finished().
  void start_step();
  /// Whether the row, whose last token is new, ends with it.
  bool finished(std::span<const TokenId> ids) const;
  /// Which criterion ends it: the field's name, "criterion" for the caller's own.
  std::string_view reason(std::span<const TokenId> ids) const;
  /// Whether one criterion has end tokens: only then are finished rows padded.
  bool pads() const { return !config_.eos_token_id.empty(); }

 private:
  const EffectiveConfig& config_;
  const DecodeHooks& hooks_;
  std::function<double()> clock_;
  double start_ = 0;
  bool late_ = false;
  std::optional<StopStrings> stop_strings_;
};

}  // namespace typecase
