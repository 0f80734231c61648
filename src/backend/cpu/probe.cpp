#include "backend/cpu/probe.h"

#include "backend/cpu/arena.h"
#include "backend/cpu/isa/levels.h"
#include "backend/cpu/packed.h"
#include "base/thread_pool.h"

#include <atomic>
#include <chrono>
#include <vector>

namespace typecase::cpu {
namespace {

/// Seconds of the fastest of `repeats` calls.
template <class F>
double fastest(int repeats, const F& f) {
  double best = 1e30;
  for (int i = 0; i <= repeats; ++i) {  // the first warms up
    const auto start = std::chrono::steady_clock::now();
    f();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    if (i > 0 && took.count() < best) best = took.count();
  }
  return best;
}

/// Sixteen integers: in as many registers as the compiler has.
using Line = unsigned __attribute__((vector_size(64)));

/// XORs a part of memory: nothing but loads limits it, whatever the instruction set.
unsigned read(const std::byte* from, std::size_t bytes) noexcept {
  constexpr std::size_t kStreams = 4;
  const std::size_t lines = bytes / sizeof(Line) / kStreams;
  Line sum[kStreams] = {};
  for (std::size_t i = 0; i < lines; ++i) {
    for (std::size_t s = 0; s < kStreams; ++s) {
      const std::byte* at = from + (s * lines + i) * sizeof(Line);
      __builtin_prefetch(at + 1024);
      sum[s] ^= *reinterpret_cast<const Line*>(at);
    }
  }
  const Line all = sum[0] ^ sum[1] ^ sum[2] ^ sum[3];
  return all[0] ^ all[15];
}

}  // namespace

double read_bandwidth(std::size_t bytes, int threads, int repeats) {
  ThreadPool pool(threads);
  const Arena memory(bytes);
  for (std::size_t i = 0; i < bytes; i += 4096) memory.data()[i] = std::byte{1};
  // More parts than threads: one that loses its core does fewer.
  const int parts = pool.threads() * 8;
  const std::size_t part = bytes / static_cast<std::size_t>(parts) / 256 * 256;
  std::atomic<unsigned> sink = 0;
  const double seconds = fastest(repeats, [&] {
    pool.run(parts, [&](int task, int) {
      sink += read(memory.data() + static_cast<std::size_t>(task) * part, part);
    });
  });
  return static_cast<double>(part) * parts / seconds;
}

double multiply_rate(const std::string& level, int threads, int repeats, DType dtype) {
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
  const std::size_t each = kScratch + kRows * (pair_stride(in) + kOut);
  std::vector<float> own(each * static_cast<std::size_t>(tasks));
  const double seconds = fastest(repeats, [&] {
    pool.run(tasks, [&](int task, int) {
      MultiplyTask m{.matrix = &matrix, .x = x.data(), .x_stride = static_cast<std::size_t>(in)};
      m.rows = kRows;
      m.scratch = own.data() + each * static_cast<std::size_t>(task);
      m.pairs = m.scratch + kScratch;
      m.out = m.pairs + kRows * pair_stride(in);
      m.out_stride = kOut;
      m.last = matrix.panels();
      m.dtype = dtype;
      for (int i = 0; i < kCalls; ++i) kernels.multiply(m);
    });
  });
  return 2.0 * kOut * in * kRows * kCalls * tasks / seconds;
}

}  // namespace typecase::cpu
