#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace typecase {

/// Persistent threads that share out numbered tasks; the calling thread works too.
///
/// Every thread has a share of tasks that follow each other, so that what it reads does too, and
/// takes from the end of another's when its own is done. Who computes which task is therefore left
/// to chance, and a task's result must depend on its number alone.
/// A thread that finds nothing to do spins for some microseconds, then sleeps. run() waits for
/// tasks, not for threads: one that another process keeps off its core delays only what it has
/// begun, and the caller, asleep, leaves it a core to go on with. Where threads lose their cores
/// again and again the pool does with one less for some milliseconds, longer each time.
/// Not for use from two threads at once.
class ThreadPool {
 public:
  /// `threads` counts the caller; ≤ 0: as many as this process may use.
  explicit ThreadPool(int threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const noexcept { return static_cast<int>(workers_.size()) + 1; }

  /// What the next tasks will read, in their order: threads that wait for work, or for others to
  /// end theirs, bring the beginning of their own share near, `each` bytes at most. The bytes may
  /// go away meanwhile: nothing is read, only asked for.
  void read_ahead(std::span<const std::byte> bytes, std::size_t each) noexcept {
    const std::size_t share = bytes.size() / static_cast<std::size_t>(threads());
    ahead_each_.store(each < share ? each : share, std::memory_order_relaxed);
    ahead_share_.store(share, std::memory_order_relaxed);
    ahead_.store(reinterpret_cast<std::uintptr_t>(bytes.data()), std::memory_order_relaxed);
  }

  /// Calls f(task, thread) for every task in 0 … tasks − 1 and returns when all are done.
  /// 0 ≤ thread < threads() names a place for scratch that no other running task uses.
  /// REQUIRES: f does not throw and does not call run(); tasks < 2^24.
  template <class F>
  void run(int tasks, const F& f) noexcept {
    if (tasks <= 1 || workers_.empty()) {
      for (int i = 0; i < tasks; ++i) f(i, 0);
      return;
    }
    start(
        tasks,
        [](const void* context, int task, int thread) noexcept {
          (*static_cast<const F*>(context))(task, thread);
        },
        &f);
  }

 private:
  using Call = void (*)(const void*, int, int) noexcept;
  using Clock = std::chrono::steady_clock;

  void start(int tasks, Call call, const void* context) noexcept;
  void work(int thread);
  bool take(int thread) noexcept;
  void share_out(int tasks) noexcept;
  int task_for(int thread) noexcept;
  void await(int tasks) noexcept;
  template <class Ready>
  bool spin(int thread, const Ready& ready) noexcept;
  void look_around(Clock::time_point now) noexcept;

  // One word says everything about the job: which one it is, how many tasks it has and how
  // many are taken. Whoever takes a task by compare-and-swap therefore knows that call_ and
  // context_ belong to it: the job cannot end before the task just taken.
  //   bits 63…48 job number, 47…24 tasks, 23…0 how many are taken
  alignas(64) std::atomic<std::uint64_t> job_{0};
  alignas(64) std::atomic<int> done_{0};
  alignas(64) std::atomic<int> sleepers_{0};
  std::atomic<bool> caller_sleeps_{false};
  std::atomic<std::uintptr_t> ahead_{0}, ahead_share_{0}, ahead_each_{0};  // of read_ahead
  std::atomic<int> active_{1};  // threads that take tasks, the caller first
  const Clock::time_point began_ = Clock::now();
  Clock::time_point looked_ = began_, lent_until_{};
  Clock::duration lent_for_{};
  long preempted_ = 0;  // times until looked_
  /// Tasks first … last − 1, last in the upper half.
  struct alignas(64) Share {
    std::atomic<std::uint64_t> tasks{0};
    std::uintptr_t asked_of = 0, asked = 0;  // ahead_ as this thread saw it, and bytes of it
  };
  std::unique_ptr<Share[]> shares_;
  int sharers_ = 1;  // of this job
  Call call_ = nullptr;
  const void* context_ = nullptr;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable wake_, finished_;
  std::vector<std::thread> workers_;
};

}  // namespace typecase
