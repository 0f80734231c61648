#include "base/thread_pool.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace typecase {
namespace {

constexpr std::uint64_t kTaskBits = 24;
constexpr std::uint64_t kTaskMask = (1u << kTaskBits) - 1;
constexpr auto kSpin = std::chrono::microseconds(50);
/// How often to look whether cores are contended, and how many times threads have lost theirs then:
/// a busy neighbour causes that 150 to 2,500 times a second, a quiet system fifty times.
constexpr auto kWindow = std::chrono::milliseconds(20);
constexpr long kCrowded = 3;
/// A process that begins loses its cores to whoever began it, and to what it does in the kernel:
/// that says nothing about neighbours.
constexpr auto kBeginning = std::chrono::milliseconds(100);
constexpr auto kLentFirst = std::chrono::milliseconds(20),
               kLentAtMost = std::chrono::milliseconds(320);

std::uint64_t taken_of(std::uint64_t job) noexcept { return job & kTaskMask; }
std::uint64_t tasks_of(std::uint64_t job) noexcept { return (job >> kTaskBits) & kTaskMask; }
bool open(std::uint64_t job) noexcept { return taken_of(job) < tasks_of(job); }

void pause() noexcept {
#if defined(__x86_64__)
  _mm_pause();
#endif
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
  active_.store(std::max(1, threads));
  shares_ = std::make_unique<Share[]>(static_cast<std::size_t>(active_.load()));
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

/// Spins until `ready()`, for at most kSpin, and asks for what is read next. The clock is read now
/// and then: it costs more than a look at the flag.
template <class Ready>
bool ThreadPool::spin(int thread, const Ready& ready) noexcept {
  constexpr std::uintptr_t kAtOnce = 512, kCacheLine = 64;
  constexpr int kSecondCache = 2;
  Share& own = shares_[static_cast<std::size_t>(thread)];
  const auto end = std::chrono::steady_clock::now() + kSpin;
  do {
    for (int i = 0; i < 64; ++i) {
      if (ready()) return true;
      const std::uintptr_t ahead = ahead_.load(std::memory_order_relaxed);
      if (ahead != own.asked_of) {
        own.asked_of = ahead;
        own.asked = 0;
      }
      if (own.asked >= ahead_each_.load(std::memory_order_relaxed)) {
        pause();
        continue;
      }
      const std::uintptr_t share = ahead_share_.load(std::memory_order_relaxed),
                           first = ahead + static_cast<std::uintptr_t>(thread) * share + own.asked;
      own.asked += kAtOnce;
      for (std::uintptr_t at = first; at < first + kAtOnce; at += kCacheLine) {
        __builtin_prefetch(reinterpret_cast<const void*>(at), 0, kSecondCache);
      }
    }
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

void ThreadPool::start(int tasks, Call call, const void* context) noexcept {
  if (const auto now = Clock::now(); now - looked_ > kWindow) look_around(now);
  call_ = call;
  context_ = context;
  done_.store(0, std::memory_order_relaxed);
  share_out(tasks);
  const std::uint64_t number = (job_.load(std::memory_order_relaxed) >> 48) + 1;
  job_.store(number << 48 | static_cast<std::uint64_t>(tasks) << kTaskBits);
  // Sequentially consistent on both sides: either this thread sees the sleeper, or the sleeper,
  // which counts itself first, sees the job.
  if (active_.load() > 1 && sleepers_.load() > 0) {
    {
      const std::lock_guard lock(mutex_);
    }
    wake_.notify_all();
  }
  while (take(0)) {
  }
  await(tasks);
}

/// Waits for the tasks that other threads have begun.
void ThreadPool::await(int tasks) noexcept {
  if (spin(0, [&] { return done_.load(std::memory_order_acquire) == tasks; })) return;
  std::unique_lock lock(mutex_);
  caller_sleeps_.store(true);
  finished_.wait(lock, [&] { return done_.load() == tasks; });
  caller_sleeps_.store(false);
}

/// Counts how often threads of this process were put off their cores since the last look.
void ThreadPool::look_around(Clock::time_point now) noexcept {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const bool crowded = usage.ru_nivcsw - preempted_ >= kCrowded && now - looked_ < 2 * kWindow &&
                       now - began_ > kBeginning;
  preempted_ = usage.ru_nivcsw;
  looked_ = now;
  if (crowded) {
    const bool again = now - lent_until_ < 2 * kWindow;
    lent_for_ = again ? std::min<Clock::duration>(2 * lent_for_, kLentAtMost) : kLentFirst;
    lent_until_ = now + lent_for_;
    active_.store(std::max(1, active_.load() - 1));
  } else if (now >= lent_until_) {
    active_.store(threads());
  }
}

void ThreadPool::share_out(int tasks) noexcept {
  sharers_ = active_.load();
  std::uint64_t first = 0;
  for (int t = 0; t < sharers_; ++t) {
    const auto last = static_cast<std::uint64_t>(tasks) * static_cast<std::uint64_t>(t + 1) /
                      static_cast<std::uint64_t>(sharers_);
    shares_[static_cast<std::size_t>(t)].tasks.store(last << 32 | first, std::memory_order_relaxed);
    first = last;
  }
}

/// The next task of the thread's own share, or the last of another's. There is one: who asks has
/// counted itself in job_, and nobody does so more often than there are tasks.
int ThreadPool::task_for(int thread) noexcept {
  constexpr std::uint64_t kLast = std::uint64_t{1} << 32, kFirst = kLast - 1;
  for (int t = thread;; ++t) {
    const bool own = t == thread && t < sharers_;
    std::atomic<std::uint64_t>& share = shares_[static_cast<std::size_t>(t % sharers_)].tasks;
    std::uint64_t tasks = share.load(std::memory_order_relaxed);
    while ((tasks & kFirst) < tasks / kLast) {
      if (share.compare_exchange_weak(tasks, own ? tasks + 1 : tasks - kLast)) {
        return static_cast<int>(own ? tasks & kFirst : tasks / kLast - 1);
      }
    }
  }
}

bool ThreadPool::take(int thread) noexcept {
  std::uint64_t job = job_.load(std::memory_order_acquire);
  while (open(job) && thread < active_.load(std::memory_order_relaxed)) {
    if (job_.compare_exchange_weak(job, job + 1, std::memory_order_acq_rel)) {
      call_(context_, task_for(thread), thread);
      // As with the sleepers: the caller says that it sleeps before it looks at done_.
      if (done_.fetch_add(1) + 1 == static_cast<int>(tasks_of(job)) && caller_sleeps_.load()) {
        {
          const std::lock_guard lock(mutex_);
        }
        finished_.notify_one();
      }
      return true;
    }
  }
  return false;
}

void ThreadPool::work(int thread) {
  const auto ready = [&] { return stop_.load() || (thread < active_.load() && open(job_.load())); };
  while (!stop_.load()) {
    if (take(thread)) continue;
    if (spin(thread, ready)) continue;
    std::unique_lock lock(mutex_);
    sleepers_.fetch_add(1);
    wake_.wait(lock, ready);
    sleepers_.fetch_sub(1);
  }
}

}  // namespace typecase
