#pragma once

#include <typecase/chat.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace typecase::chat {

/// Counts what a render costs. Everything is charged before it is done.
///
/// Throws Error(limit) naming the limit, as "line L, column C: …" when the place is known.
class Meter {
 public:
  explicit Meter(const TemplateLimits& limits);

  void step() {
    if (++steps_ >= next_check_) check();
  }
  /// Work on `bytes` bytes: one step for each 64.
  void work(std::size_t bytes) {
    steps_ += bytes / 64;
    if (++steps_ >= next_check_) check();
  }
  /// Work on `n` elements.
  void elements(std::size_t n) {
    steps_ += n;
    if (steps_ >= next_check_) check();
  }

  void string_size(std::size_t bytes) const {
    if (bytes > limits_.string) fail_size("string", limits_.string, "bytes");
  }
  void list_size(std::size_t n) const {
    if (n > limits_.list) fail_size("list", limits_.list, "elements");
  }
  void output_size(std::size_t bytes) const {
    if (bytes > limits_.output) fail_size("output", limits_.output, "bytes");
  }

  void take(std::size_t bytes) {
    if (bytes > limits_.memory - memory_) fail_size("memory", limits_.memory, "bytes");
    memory_ += bytes;
  }
  void give_back(std::size_t bytes) noexcept { memory_ -= bytes; }

  const TemplateLimits& limits() const noexcept { return limits_; }

 private:
  void check();
  [[noreturn]] static void fail_size(const char* limit, std::uint64_t size, const char* unit);

  TemplateLimits limits_;
  std::uint64_t steps_ = 0;
  std::uint64_t next_check_ = 0;
  std::uint64_t memory_ = 0;
  double end_;
};

}  // namespace typecase::chat
