#include "base/thread_pool.h"

#include <sched.h>

#include <chrono>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace typecase {
namespace {

constexpr std::uint64_t kTaskBits = 24;
constexpr std::uint64_t kTaskMask = (1u << kTaskBits) - 1;
constexpr auto kSpin = std::chrono::microseconds(50);

std::uint64_t next_of(std::uint64_t job) noexcept { return job & kTaskMask; }
std::uint64_t tasks_of(std::uint64_t job) noexcept { return (job >> kTaskBits) & kTaskMask; }
bool open(std::uint64_t job) noexcept { return next_of(job) < tasks_of(job); }

void pause() noexcept {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

/// Spins until `ready()`, for at most kSpin. The clock is read now and then: it costs more than a
/// look at the flag.
template <class Ready>
bool spin(const Ready& ready) noexcept {
  const auto end = std::chrono::steady_clock::now() + kSpin;
  do {
    for (int i = 0; i < 64; ++i) {
      if (ready()) return true;
      pause();
    }
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

int usable_processors() noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  return static_cast<int>(std::thread::hardware_concurrency());
}

}  // namespace

ThreadPool::ThreadPool(int threads) {
  if (threads <= 0) threads = usable_processors();
  for (int i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void ThreadPool::start(int tasks, Call call, const void* context) noexcept {
  call_ = call;
  context_ = context;
  done_.store(0, std::memory_order_relaxed);
  const std::uint64_t number = (job_.load(std::memory_order_relaxed) >> 48) + 1;
  job_.store(number << 48 | static_cast<std::uint64_t>(tasks) << kTaskBits);
  // Sequentially consistent on both sides: either this thread sees the sleeper, or the sleeper,
  // which counts itself first, sees the job.
  if (sleepers_.load() > 0) {
    {
      const std::lock_guard lock(mutex_);
    }
    wake_.notify_all();
  }
  while (take(0)) {
  }
  const auto finished = [&] { return done_.load(std::memory_order_acquire) == tasks; };
  while (!spin(finished)) std::this_thread::yield();
}

bool ThreadPool::take(int thread) noexcept {
  std::uint64_t job = job_.load(std::memory_order_acquire);
  while (open(job)) {
    if (job_.compare_exchange_weak(job, job + 1, std::memory_order_acq_rel)) {
      call_(context_, static_cast<int>(next_of(job)), thread);
      done_.fetch_add(1, std::memory_order_release);
      return true;
    }
  }
  return false;
}

void ThreadPool::work(int thread) {
  const auto ready = [&] { return open(job_.load(std::memory_order_relaxed)) || stop_.load(); };
  while (!stop_.load()) {
    if (take(thread)) continue;
    if (spin(ready)) continue;
    std::unique_lock lock(mutex_);
    sleepers_.fetch_add(1);
    wake_.wait(lock, [&] { return stop_.load() || open(job_.load()); });
    sleepers_.fetch_sub(1);
  }
}

}  // namespace typecase
