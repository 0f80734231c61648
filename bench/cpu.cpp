/// Speed of the CPU executor on models of well-known shapes with random weights, beside what the
/// machine can do at most, probed in the same run:
///
///     bench_cpu [smollm2|gpt2|tiny] [threads] [isa] [format …]
///
/// Formats are names of types, and bfloat16_recoded: CpuOptions::recode.
///
/// Bursts are short and interleaved with the probes; medians and best are printed, because other
/// load on the machine only ever makes a burst slower. Where the system allows it, a burst runs
/// before everything else (SCHED_FIFO), so that the figures are the machine's and not the load's.
#include "backend/cpu/made_model.h"
#include "backend/cpu/probe.h"

#include <sched.h>
#include <sys/types.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace typecase {
namespace {

struct NamedShape {
  std::string name;
  MadeShape made;
};

NamedShape shape_named(const std::string& name) {
  if (name == "gpt2") {
    return {name,
            {.hidden = 768,
             .heads = 12,
             .kv_heads = 12,
             .head_dim = 64,
             .inner = 3072,
             .layers = 12,
             .vocabulary = 50257,
             .gpt2 = true,
             .positions = 1024}};
  }
  if (name == "tiny") return {name, {}};
  return {"smollm2",
          {.hidden = 576,
           .heads = 9,
           .kv_heads = 3,
           .head_dim = 64,
           .inner = 1536,
           .layers = 30,
           .vocabulary = 49152}};
}

/// Bytes of weights that one decoded token reads: every matrix once, positions not.
double bytes_per_token(const Plan& plan) {
  double bytes = static_cast<double>(plan.head.lm_head.weight.stored.bytes.size());
  for (const Block& b : plan.decoder.blocks) {
    const Mlp& m = std::get<Mlp>(b.mlp);
    for (const Linear* l : {&b.attention.q_proj, &b.attention.k_proj, &b.attention.v_proj,
                            &b.attention.o_proj, &m.gate_proj, &m.up_proj, &m.down_proj}) {
      if (!l->empty()) bytes += static_cast<double>(l->weight.stored.bytes.size());
    }
  }
  return bytes;
}

/// Multiplications and additions of one prefilled token, the head's and attention's left out.
double operations_per_token(const Plan& plan) {
  double operations = 0;
  for (const Block& b : plan.decoder.blocks) {
    const Mlp& m = std::get<Mlp>(b.mlp);
    for (const Linear* l : {&b.attention.q_proj, &b.attention.k_proj, &b.attention.v_proj,
                            &b.attention.o_proj, &m.gate_proj, &m.up_proj, &m.down_proj}) {
      if (!l->empty()) operations += 2.0 * static_cast<double>(l->weight.out() * l->weight.in());
    }
  }
  return operations;
}

/// While it lives, all threads of this process run before those of others, if that is allowed.
class Burst {
 public:
  Burst() { set(SCHED_FIFO, 10); }
  ~Burst() { set(SCHED_OTHER, 0); }
  Burst(const Burst&) = delete;
  Burst& operator=(const Burst&) = delete;

 private:
  static void set(int policy, int priority) {
    const sched_param how{.sched_priority = priority};
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
      sched_setscheduler(static_cast<pid_t>(std::stol(task.path().filename())), policy, &how);
    }
  }
};

template <class F>
double seconds(const F& f) {
  const auto start = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

void prefill(Executor& executor, const NamedShape& shape, const Plan& plan,
             const CpuOptions& options, int length) {
  std::vector<double> times, rates;
  for (int i = 0; i < 4; ++i) {
    const SequenceId s = executor.create();
    auto rows = made_rows(s, made_tokens(length, shape.made.vocabulary));
    for (std::size_t r = 0; r + 1 < rows.size(); ++r) rows[r].logits = false;
    {
      const Burst burst;
      times.push_back(seconds([&] { executor.forward(rows); }));
      rates.push_back(cpu::multiply_rate(options.isa, options.threads, 2, plan.dtype));
    }
    executor.drop(s);
  }
  const double best = *std::min_element(times.begin(), times.end());
  const double rate = *std::max_element(rates.begin(), rates.end());
  std::printf("  prefill %4d: %7.0f tok/s median, %7.0f best; %.0f %% of probed %.0f Gop/s\n",
              length, length / median(times), length / best,
              100 * operations_per_token(plan) * length / best / rate, rate / 1e9);
}

void decode(Executor& executor, const NamedShape& shape, double bytes, int past, int threads) {
  const SequenceId s = executor.create();
  auto rows = made_rows(s, made_tokens(past, shape.made.vocabulary));
  for (auto& row : rows) row.logits = false;
  executor.forward(rows);
  std::vector<double> times, bandwidth;
  for (int burst = 0; burst < 6; ++burst) {
    const Burst first;
    for (int i = 0; i < 8; ++i) {
      const auto row = made_rows(s, {17}, executor.length(s));
      times.push_back(seconds([&] { executor.forward(row); }));
    }
    bandwidth.push_back(cpu::read_bandwidth(static_cast<std::size_t>(bytes), threads, 2));
  }
  const double best = *std::min_element(times.begin(), times.end());
  const double probe = *std::max_element(bandwidth.begin(), bandwidth.end());
  std::printf(
      "  decode @%-4d: %7.1f tok/s median, %7.1f best; %5.1f GB/s best = %.0f %% of probed %.1f"
      " (medians %.0f %%)\n",
      past, 1 / median(times), 1 / best, bytes / best / 1e9, 100 * bytes / best / probe,
      probe / 1e9, 100 * bytes / median(times) / median(bandwidth));
  executor.drop(s);
}

/// Steps of `count` sequences together, each with its own past; or, as beams, with one past that
/// all share.
void together(Executor& executor, const NamedShape& shape, int count, int past, bool beams) {
  std::vector<SequenceId> sequences;
  for (int i = 0; i < count; ++i) {
    if (beams && i > 0) {
      sequences.push_back(executor.fork(sequences[0]));
      continue;
    }
    sequences.push_back(executor.create());
    auto rows = made_rows(sequences.back(), made_tokens(past, shape.made.vocabulary));
    for (auto& row : rows) row.logits = false;
    executor.forward(rows);
  }
  std::vector<double> times;
  for (int burst = 0; burst < 4; ++burst) {
    const Burst first;
    for (int i = 0; i < 6; ++i) {
      std::vector<Row> step;
      for (const SequenceId s : sequences) {
        step.push_back(made_rows(s, {17}, executor.length(s))[0]);
      }
      times.push_back(seconds([&] { executor.forward(step); }));
    }
  }
  const double best = *std::min_element(times.begin(), times.end());
  std::printf("  %2d %-9s @%-3d: %6.1f steps/s median, %6.1f best; %6.0f tok/s best\n", count,
              beams ? "beams" : "sequences", past, 1 / median(times), 1 / best, count / best);
  for (const SequenceId s : sequences) executor.drop(s);
}

void measure(NamedShape shape, DType stored, DType dtype, const CpuOptions& options) {
  shape.made.stored = stored;
  shape.made.dtype = dtype;
  const MadeModel model(shape.made);
  std::unique_ptr<Executor> executor;
  const double load = seconds([&] { executor = make_cpu_executor(model.plan, options); });
  const double bytes = bytes_per_token(model.plan);
  std::printf("%s %s (plan %s), %s, packed in %.0f ms, %.0f MB read a token\n", shape.name.c_str(),
              std::string(name(stored)).c_str(), std::string(name(dtype)).c_str(),
              executor->describe().c_str(), load * 1e3, bytes / 1e6);
  decode(*executor, shape, bytes, 8, options.threads);
  decode(*executor, shape, bytes, 500, options.threads);
  together(*executor, shape, 4, 100, true);
  together(*executor, shape, 16, 100, false);
  prefill(*executor, shape, model.plan, options, 128);
  prefill(*executor, shape, model.plan, options, 512);
  std::fflush(stdout);
}

}  // namespace
}  // namespace typecase

int main(int argc, char** argv) {
  using namespace typecase;
  const NamedShape shape = shape_named(argc > 1 ? argv[1] : "smollm2");
  const CpuOptions options{.threads = argc > 2 ? std::atoi(argv[2]) : 2,
                           .isa = argc > 3 ? argv[3] : ""};
  std::vector<std::string> formats(argv + std::min(argc, 4), argv + argc);
  if (formats.empty()) formats = {"float32", "bfloat16", "q8_0", "q4_1"};
  for (const auto& format : formats) {
    if (format == "float32") measure(shape, DType::float32, DType::float32, options);
    if (format == "bfloat16") measure(shape, DType::bfloat16, DType::bfloat16, options);
    if (format == "bfloat16_recoded") {
      CpuOptions recoded = options;
      recoded.recode = true;
      measure(shape, DType::bfloat16, DType::bfloat16, recoded);
    }
    if (format == "q8_0") measure(shape, DType::q8_0, DType::float32, options);
    if (format == "q4_0") measure(shape, DType::q4_0, DType::float32, options);
    if (format == "q4_1") measure(shape, DType::q4_1, DType::float32, options);
    if (format == "q5_0") measure(shape, DType::q5_0, DType::float32, options);
  }
}
