#pragma once

#include <sys/resource.h>

#include <chrono>
#include <ctime>
#include <fstream>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TYPECASE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TYPECASE_SANITIZED 1
#endif
#endif
#ifndef TYPECASE_SANITIZED
#define TYPECASE_SANITIZED 0
#endif

/// What a bad file may cost: 100 ms of processor time and 64 MB. (Processor time, because a busy
/// machine must not fail the test; a sanitized build is given ten times that and no memory limit.)
namespace typecase::test {

inline constexpr auto kMostTime = std::chrono::milliseconds(TYPECASE_SANITIZED ? 1000 : 100);
inline constexpr rlim_t kMostMemory = 64u << 20;

/// The processor time this process has spent.
inline std::chrono::nanoseconds processor_time() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// The process may take this much more address space while it lives.
class MemoryLimit {
 public:
  explicit MemoryLimit(rlim_t more = kMostMemory) {
    ::getrlimit(RLIMIT_AS, &before_);
    if (TYPECASE_SANITIZED) return;  // sanitizers want terabytes
    rlimit now = before_;
    now.rlim_cur = address_space() + more;
    ::setrlimit(RLIMIT_AS, &now);
  }
  ~MemoryLimit() { ::setrlimit(RLIMIT_AS, &before_); }
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;

 private:
  static rlim_t address_space() {
    rlim_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    return pages * 4096;
  }
  rlimit before_{};
};

}  // namespace typecase::test
