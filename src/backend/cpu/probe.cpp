#include "backend/cpu/probe.h"

#include "backend/cpu/arena.h"
#include "backend/cpu/isa/levels.h"
#include "backend/cpu/packed.h"
#include "backend/cpu/probe_bursts.h"
#include "backend/cpu/row_forms.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif

namespace typecase::cpu {
namespace {

constexpr std::size_t kLine = 64;  // bytes
using Quarter = unsigned __attribute__((vector_size(kLine / 4)));

/// XORs a part of memory in S streams: nothing but loads limits it, whatever the instruction set.
template <std::size_t S, std::size_t kAhead>
unsigned read(const std::byte* from, std::size_t bytes) noexcept {
  const std::size_t lines = bytes / kLine / S;
  Quarter sum[S] = {};
  for (std::size_t i = 0; i < lines; ++i) {
    for (std::size_t s = 0; s < S; ++s) {
      const std::byte* at = from + (s * lines + i) * kLine;
      if constexpr (kAhead > 0) __builtin_prefetch(at + kAhead);
      const auto* four = reinterpret_cast<const Quarter*>(at);
      sum[s] ^= four[0] ^ four[1] ^ four[2] ^ four[3];
    }
  }
  unsigned all = 0;
  for (const Quarter& one : sum) all ^= one[0] ^ one[1] ^ one[2] ^ one[3];
  return all;
}

/// Processors differ in how many streams their prefetchers follow and in whether asking ahead
/// helps.
constexpr unsigned (*kWays[])(const std::byte*, std::size_t) noexcept = {
    read<1, 0>, read<2, 0>, read<4, 0>, read<4, 512>, read<8, 0>, read<8, 1024>};

/// Puts threads on processors of their own while it lives. The system wakes a thread beside the one
/// that wakes it, and needs longer than a burst to find the processor that is free.
class Apart {
 public:
#if defined(__linux__)
  Apart() { sched_getaffinity(0, sizeof all_, &all_); }
  ~Apart() { sched_setaffinity(0, sizeof all_, &all_); }
  /// The calling thread gets the place `thread` of those allowed.
  void take(int thread) const {
    int left = thread % std::max(1, CPU_COUNT(&all_));
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (!CPU_ISSET(cpu, &all_) || left-- > 0) continue;
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(cpu, &one);
      sched_setaffinity(0, sizeof one, &one);
      return;
    }
  }

 private:
  cpu_set_t all_;
#else
  void take(int) const {}
#endif
};

}  // namespace

double read_bandwidth(std::size_t bytes, int threads, int bursts) {
  ThreadPool pool(threads);
  const int parts = pool.threads();
  // Whole lines for eight streams each.
  const std::size_t part =
      std::max<std::size_t>(bytes / static_cast<std::size_t>(parts), 512) & ~511ul;
  const Arena memory(part * static_cast<std::size_t>(parts));
  for (std::size_t i = 0; i < memory.size(); i += 4096) memory.data()[i] = std::byte{1};
  // What fits the caches is read several times a burst.
  const std::size_t passes = 1 + (64u << 20) / memory.size();
  std::atomic<unsigned> sink = 0;
  const Apart apart;
  const double seconds = best_quartile(static_cast<int>(std::size(kWays)), bursts, [&](int way) {
    pool.run(parts, [&](int task, int thread) {
      apart.take(thread);
      const std::byte* from = memory.data() + static_cast<std::size_t>(task) * part;
      for (std::size_t i = 0; i < passes; ++i) sink += kWays[way](from, part);
    });
  });
  return static_cast<double>(memory.size() * passes) / seconds;
}

double multiply_rate(const std::string& level, int threads, int bursts, DType dtype) {
  const Kernels& kernels = kernels_for(level);
  ThreadPool pool(threads);
  const Arena memory(1 << 20);
  // 64 KiB of weights and 12 KiB of rows stay in the caches next to the core, whatever their type.
  const bool pairs = dtype == DType::bfloat16;
  constexpr int kOut = 128, kRows = 24, kCalls = 200;
  const int in = pairs ? 256 : 128;
  PackedMatrix matrix;
  matrix.format = pairs ? Format::bfloat16 : Format::float32;
  matrix.out = kOut;
  matrix.in = in;
  matrix.panel_bytes = static_cast<std::size_t>(in) * kPanel * (pairs ? 2 : 4);
  matrix.data = memory.data();
  const std::vector<float> x(static_cast<std::size_t>(kRows * in), 1.0f);
  const int tasks = pool.threads() * 4;
  const std::size_t each = kScratch + kRows * (row_stride(RowForm::pairs, in) + kOut);
  std::vector<float> own(each * static_cast<std::size_t>(tasks));
  const double seconds = best_quartile(1, bursts, [&](int) {
    pool.run(tasks, [&](int task, int) {
      MultiplyTask m{.matrix = &matrix, .x = x.data(), .x_stride = static_cast<std::size_t>(in)};
      m.rows = kRows;
      m.scratch = own.data() + each * static_cast<std::size_t>(task);
      m.row_scratch = m.scratch + kScratch;
      m.out = m.row_scratch + kRows * row_stride(RowForm::pairs, in);
      m.out_stride = kOut;
      m.last = matrix.panels();
      m.dtype = dtype;
      for (int i = 0; i < kCalls; ++i) kernels.multiply(m);
    });
  });
  return 2.0 * kOut * in * kRows * kCalls * tasks / seconds;
}

}  // namespace typecase::cpu
