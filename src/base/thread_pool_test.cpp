#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <vector>

namespace typecase {
namespace {

TEST(ThreadPool, RunsEveryTaskOnce) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    for (const int tasks : {0, 1, 2, 7, 1000}) {
      std::vector<int> ran(static_cast<std::size_t>(tasks), 0);
      pool.run(tasks, [&](int task, int) { ++ran[static_cast<std::size_t>(task)]; });
      EXPECT_EQ(ran, std::vector<int>(static_cast<std::size_t>(tasks), 1));
    }
  }
}

TEST(ThreadPool, SharesOfAnyNumberOfTasksAreComplete) {
  ThreadPool pool(3);
  for (int tasks = 1; tasks < 20; ++tasks) {
    std::vector<std::atomic<int>> ran(static_cast<std::size_t>(tasks));
    pool.run(tasks, [&](int task, int) { ++ran[static_cast<std::size_t>(task)]; });
    for (const auto& one : ran) EXPECT_EQ(one, 1) << tasks;
  }
}

TEST(ThreadPool, ManyShortJobsInARow) {
  ThreadPool pool(3);
  std::vector<long> sum(3, 0);
  for (int job = 0; job < 3000; ++job) {
    pool.run(5, [&](int task, int thread) { sum[static_cast<std::size_t>(thread)] += task; });
  }
  EXPECT_EQ(sum[0] + sum[1] + sum[2], 3000 * 10);
}

TEST(ThreadPool, WakesAfterSleep) {
  ThreadPool pool(2);
  for (int i = 0; i < 5; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::atomic<int> ran = 0;
    pool.run(4, [&](int, int) { ++ran; });
    EXPECT_EQ(ran, 4);
  }
}

TEST(ThreadPool, AThreadNumberIsNeverSharedByRunningTasks) {
  ThreadPool pool(4);
  std::vector<std::atomic<int>> busy(4);
  std::atomic<bool> shared = false;
  pool.run(200, [&](int, int thread) {
    auto& mine = busy[static_cast<std::size_t>(thread)];
    if (mine.fetch_add(1) != 0) shared = true;
    std::this_thread::yield();
    mine.fetch_sub(1);
  });
  EXPECT_FALSE(shared);
}

/// Neighbours that take every core, and then leave.
TEST(ThreadPool, RunsEveryTaskOnceAmongBusyNeighbours) {
  std::atomic<bool> stop = false;
  std::vector<std::thread> neighbours;
  for (unsigned i = 0; i < 2 * std::thread::hardware_concurrency(); ++i) {
    neighbours.emplace_back([&] {
      while (!stop) {
      }
    });
  }
  ThreadPool pool(3);
  const auto run_for = [&](std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {
      std::vector<int> ran(7, 0);
      pool.run(7, [&](int task, int) { ++ran[static_cast<std::size_t>(task)]; });
      ASSERT_EQ(ran, std::vector<int>(7, 1));
    }
  };
  run_for(std::chrono::milliseconds(200));
  stop = true;
  for (auto& neighbour : neighbours) neighbour.join();
  run_for(std::chrono::milliseconds(400));
}

}  // namespace
}  // namespace typecase
