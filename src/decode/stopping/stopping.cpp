#include "decode/stopping/stopping.h"

#include "base/checked.h"

#include <algorithm>
#include <chrono>

namespace typecase {
namespace {

double steady_seconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

}  // namespace

Stopping::Stopping(const EffectiveConfig& config, const DecodeHooks& hooks)
    : config_(config), hooks_(hooks), clock_(hooks.clock ? hooks.clock : steady_seconds) {
  if (!config.stop_strings.empty()) {
    TYPECASE_CHECK(hooks.stop_text != nullptr);
    stop_strings_.emplace(config.stop_strings, *hooks.stop_text);
  }
  start_ = clock_();
}

void Stopping::start_step() { late_ = config_.max_time && clock_() - start_ > *config_.max_time; }

bool Stopping::finished(std::span<const TokenId> ids) const {
  const auto& eos = config_.eos_token_id;
  return ids.size() >= config_.max_length || late_ ||
         std::find(eos.begin(), eos.end(), ids.back()) != eos.end() ||
         (stop_strings_ && stop_strings_->reached(ids)) ||
         (hooks_.is_finished && hooks_.is_finished(ids));
}

std::string_view Stopping::reason(std::span<const TokenId> ids) const {
  const auto& eos = config_.eos_token_id;
  if (std::find(eos.begin(), eos.end(), ids.back()) != eos.end()) return "eos_token_id";
  if (stop_strings_ && stop_strings_->reached(ids)) return "stop_strings";
  if (ids.size() >= config_.max_length) return "max_length";
  return late_ ? "max_time" : "criterion";
}

}  // namespace typecase
