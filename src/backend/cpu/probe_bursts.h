#pragma once

#include "base/thread_pool.h"

#include <algorithm>
#include <chrono>
#include <vector>

namespace typecase::cpu {

template <class F>
double seconds_of(const F& f) {
  const auto start = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Runs way(w) for w = 0 … ways − 1, in turn, `bursts` times after a warm-up; the least of the
/// ways' lower quartiles in seconds: other load only ever makes a burst longer.
template <class F>
double best_quartile(int ways, int bursts, const F& way) {
  std::vector<std::vector<double>> seconds(static_cast<std::size_t>(ways));
  for (int burst = 0; burst <= bursts; ++burst) {
    for (int w = 0; w < ways; ++w) {
      const double took = seconds_of([&] { way(w); });
      if (burst > 0) seconds[static_cast<std::size_t>(w)].push_back(took);
    }
  }
  double best = 1e30;
  for (auto& s : seconds) {
    std::sort(s.begin(), s.end());
    best = std::min(best, s[s.size() / 4]);
  }
  return best;
}

/// Calls a second of `loop(n)`, which does its work n times, on all threads together: enough of
/// them that starting a burst costs nothing.
template <class F>
double calls_per_second(int threads, int bursts, const F& loop) {
  ThreadPool pool(threads);
  int n = 1;
  while (seconds_of([&] { loop(n); }) < 1e-3 && n < 1 << 28) n *= 2;
  // More pieces than threads: one that loses its core does fewer.
  const int pieces = 4 * pool.threads();
  const double seconds =
      best_quartile(1, bursts, [&](int) { pool.run(pieces, [&](int, int) { loop(n); }); });
  return static_cast<double>(n) * pieces / seconds;
}

}  // namespace typecase::cpu
