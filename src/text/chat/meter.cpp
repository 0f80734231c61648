#include "text/chat/meter.h"

#include <typecase/error.h>

#include <algorithm>
#include <ctime>

namespace typecase::chat {
namespace {

constexpr std::uint64_t kStepsPerLookAtTheClock = 100'000;

double processor_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

}  // namespace

Meter::Meter(const TemplateLimits& limits)
    : limits_(limits),
      next_check_(std::min(limits.steps + 1, kStepsPerLookAtTheClock)),
      end_(processor_seconds() + limits.seconds) {}

void Meter::check() {
  if (steps_ > limits_.steps) {
    throw Error(Code::limit,
                "the step limit is reached: more than " + std::to_string(limits_.steps) + " steps");
  }
  if (processor_seconds() > end_) {
    throw Error(Code::limit, "the time limit is reached: more than " +
                                 std::to_string(limits_.seconds) + " seconds");
  }
  next_check_ = std::min(limits_.steps + 1, steps_ + kStepsPerLookAtTheClock);
}

void Meter::fail_size(const char* limit, std::uint64_t size, const char* unit) {
  throw Error(Code::limit, std::string("the ") + limit + " limit is reached: more than " +
                               std::to_string(size) + " " + unit);
}

}  // namespace typecase::chat
