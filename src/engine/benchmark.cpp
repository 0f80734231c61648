/// `typecase bench`: load, prefill, decode and tokenizer beside what the machine can do at most.
#include "backend/backend.h"
#include "backend/cpu/isa/levels.h"
#include "backend/cpu/probe.h"
#include "base/thread_pool.h"
#include "checkpoint/checkpoint.h"
#include "engine/benchmark_figures.h"
#include "engine/loaded_model.h"
#include "models/registry.h"

#include <typecase/benchmark.h>
#include <typecase/error.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>

namespace typecase {
namespace {

using Clock = std::chrono::steady_clock;

/// What one token costs at least, by the plan: every matrix is read once and multiplied once.
struct Cost {
  double bytes = 0;       ///< of the matrices, as the file stores them
  double operations = 0;  ///< of the blocks: two for each weight
  double head_operations = 0;
  std::map<DType, double> weights;  ///< how many of each stored type
};

double stored_bytes(const Matrix& m) {
  const double share =
      static_cast<double>(m.out() * m.in()) / static_cast<double>(m.stored.elements());
  return share * static_cast<double>(m.stored.bytes.size());
}

void add(Cost& cost, const Linear& linear) {
  if (linear.empty()) return;
  cost.bytes += stored_bytes(linear.weight);
  const auto weights = static_cast<double>(linear.weight.out() * linear.weight.in());
  cost.operations += 2.0 * weights;
  cost.weights[linear.weight.stored.dtype] += weights;
}

void add(Cost& cost, const Mlp& mlp) {
  for (const Linear* l : {&mlp.gate_proj, &mlp.up_proj, &mlp.down_proj}) add(cost, *l);
}

void add(Cost& cost, const Attention& a) {
  for (const Linear* l : {&a.q_proj, &a.k_proj, &a.v_proj, &a.o_proj}) add(cost, *l);
}

Cost cost_of_token(const Plan& plan) {
  Cost cost;
  for (const Block& block : plan.decoder.blocks) {
    add(cost, block.attention);
    // Of experts only those a token is sent to are read: not counted until there are such models.
    if (const auto* mlp = std::get_if<Mlp>(&block.mlp)) add(cost, *mlp);
  }
  Cost head;
  add(head, plan.head.lm_head);
  cost.bytes += head.bytes;
  cost.head_operations = head.operations;
  for (const auto& [dtype, weights] : head.weights) cost.weights[dtype] += weights;
  return cost;
}

/// Repeats of one measure.
class Samples {
 public:
  void add(double value) { values_.push_back(value); }

  double median() const {
    auto sorted = values_;
    std::sort(sorted.begin(), sorted.end());
    const std::size_t n = sorted.size();
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }
  bool empty() const { return values_.empty(); }
  double best() const { return *std::max_element(values_.begin(), values_.end()); }
  Json spread() const {
    const auto [least, most] = std::minmax_element(values_.begin(), values_.end());
    return Json::Array{*least, *most};
  }

 private:
  std::vector<double> values_;
};

template <class F>
double seconds(const F& f) {
  const auto start = Clock::now();
  f();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Some token: speed does not depend on which.
TokenId some_token(int i, std::int64_t vocabulary) {
  return static_cast<TokenId>((7919LL * (i + 1)) % vocabulary);
}

void prefill(Executor& executor, SequenceId sequence, int tokens) {
  std::vector<Row> rows;
  for (int i = 0; i < tokens; ++i) {
    rows.push_back({.sequence = sequence,
                    .token = some_token(i, executor.vocabulary()),
                    .slot = i,
                    .position = i,
                    .logits = i + 1 == tokens,
                    .rotary_length = tokens});
  }
  executor.forward(rows);
}

void decode(Executor& executor, SequenceId sequence, int from, int tokens) {
  for (int i = from; i < from + tokens; ++i) {
    const Row row{.sequence = sequence,
                  .token = some_token(i, executor.vocabulary()),
                  .slot = i,
                  .position = i,
                  .logits = true,
                  .rotary_length = i + 1};
    executor.forward(std::span(&row, 1), {.winners = executor.finds_winners()});
  }
}

std::string isa_level(const ModelOptions& options) {
  return cpu::kernels_for(options.isa == "reference" ? "" : options.isa).name;
}

/// Tokens per second that dequantising and multiplying every weight once allows; nullopt where a
/// format's rate is not known. Only for arithmetic in float32, and bfloat16's dot products.
std::optional<double> dequantise_ceiling(const Cost& cost, const Plan& plan,
                                         const std::string& level, int threads) {
  const bool dots = plan.dtype == DType::bfloat16 && level == "avx512_bf16";
  double seconds = 0;
  for (const auto& [stored, weights] : cost.weights) {
    if (plan.dtype != DType::float32 && !(dots && stored == DType::bfloat16)) return std::nullopt;
    const auto rate = cpu::dequantise_rate(stored, level, threads, dots);
    if (!rate) return std::nullopt;
    seconds += weights / *rate;
  }
  return 1 / seconds;
}

/// About 64 KiB of made words, numbers and punctuation, few of them twice: a tokenizer that
/// remembers words gains little here.
std::string sample_text() {
  constexpr const char* kSyllables[] = {"the", "ca", "ré",  "ing", "pos", "ti", "on", "let",
                                        "ter", "ty", "pes", "et",  "com", "ma", "ß",  "un"};
  constexpr const char* kBetween[] = {" ", " ", " ", " ", " ", ", ", ". ", "\n", " 1450 ", "'s "};
  std::string text;
  std::uint32_t random = 1;
  const auto next = [&random](std::size_t n) {
    random = random * 1664525u + 1013904223u;
    return (random >> 16) % n;
  };
  while (text.size() < 64 << 10) {
    for (std::size_t i = next(4) + 1; i > 0; --i) text += kSyllables[next(std::size(kSyllables))];
    text += kBetween[next(std::size(kBetween))];
  }
  return text;
}

class Benchmark {
 public:
  Benchmark(const std::string& path, const ModelOptions& model, const BenchmarkOptions& options)
      : path_(path), model_(model), options_(options), level_(isa_level(model)) {}

  Json run();

 private:
  void repeat();
  void probe_units();
  void measure_tokenizer();
  void fit_lengths(const Plan& plan);
  Json limits() const;
  Json decode_result() const;
  Json result() const;

  const std::string& path_;
  const ModelOptions& model_;
  const BenchmarkOptions& options_;
  std::string level_;
  int prompt_ = 0, fresh_ = 0;
  Json about_ = Json::object();
  Cost cost_;
  Samples load_, prefill_, decode_, bandwidth_, multiply_, dequantise_, tokenizer_;
  std::map<cpu::Unit, Samples> units_;
};

// A model with few learned positions gets shorter runs.
void Benchmark::fit_lengths(const Plan& plan) {
  if (plan.encoder || is_bidirectional(plan)) {
    throw Error(Code::unsupported, plan.architecture +
                                       " does not continue prompts: bench has no "
                                       "measure for it yet");
  }
  prompt_ = options_.prompt_tokens;
  fresh_ = options_.new_tokens;
  const auto room = static_cast<int>(std::min<std::int64_t>(plan.max_positions, 1 << 30));
  if (room == 0 || prompt_ + fresh_ <= room) return;
  fresh_ = std::max(1, std::min(fresh_, room / 4));
  prompt_ = std::max(1, room - fresh_);
}

// All measures once, so that what disturbs the machine disturbs each of them.
void Benchmark::repeat() {
  std::optional<Checkpoint> checkpoint;
  Plan plan;
  std::unique_ptr<Executor> executor;
  load_.add(seconds([&] {
    checkpoint.emplace(Checkpoint::open(path_));
    plan = make_plan(*checkpoint,
                     {.dtype = model_.dtype, .attn_implementation = model_.attn_implementation});
    executor = make_executor(plan, model_, false);
  }));
  cost_ = cost_of_token(plan);
  fit_lengths(plan);
  about_.set("architecture", plan.architecture);
  about_.set("dtype", name(plan.dtype));
  about_.set("backend", executor->describe());

  const SequenceId sequence = executor->create();
  bandwidth_.add(cpu::read_bandwidth(static_cast<std::size_t>(cost_.bytes), model_.threads));
  prefill_.add(prompt_ / seconds([&] { prefill(*executor, sequence, prompt_); }));
  multiply_.add(cpu::multiply_rate(level_, model_.threads, 3, plan.dtype));
  decode_.add(fresh_ / seconds([&] { decode(*executor, sequence, prompt_, fresh_); }));
  if (const auto ceiling = dequantise_ceiling(cost_, plan, level_, model_.threads)) {
    dequantise_.add(*ceiling);
  }
  probe_units();
}

void Benchmark::probe_units() {
  for (const cpu::Unit unit : cpu::kUnits) {
    if (const auto rate = cpu::unit_rate(unit, model_.threads, 3)) units_[unit].add(*rate);
  }
}

void Benchmark::measure_tokenizer() {
  const Model model = Model::open(path_, model_);
  try {
    const Tokenizer& tokenizer = model.tokenizer();
    const std::string text = sample_text();
    for (int i = 0; i < options_.repeats; ++i) {
      const double took = seconds([&] { tokenizer.encode_ids(text); });
      tokenizer_.add(static_cast<double>(text.size()) / took);
    }
  } catch (const Error&) {
    // A model without a tokenizer has no tokenizer speed.
  }
}

Json Benchmark::run() {
  for (int i = 0; i < options_.repeats; ++i) {
    if (options_.on_progress) {
      options_.on_progress("repeat " + std::to_string(i + 1) + " of " +
                           std::to_string(options_.repeats));
    }
    repeat();
  }
  measure_tokenizer();
  return result();
}

Json measure(const Samples& samples, const char* unit, double work, const Samples& limit) {
  Json out = Json::object();
  out.set(unit, samples.median());
  out.set("spread", samples.spread());
  out.set("share_of_limit", samples.median() * work / limit.best());
  return out;
}

Json Benchmark::limits() const {
  Json out = Json::object();
  out.set("read_bytes_per_second", bandwidth_.best());
  out.set("multiply_add_operations_per_second", multiply_.best());
  if (!dequantise_.empty()) out.set("dequantise_tokens_per_second", dequantise_.best());
  Json units = Json::object();
  for (const auto& [unit, samples] : units_) units.set(cpu::name(unit), samples.best());
  out.set("units", std::move(units));
  return out;
}

// What decoding should reach: 85 % of what reading the weights allows or 75 % of what dequantising
// and multiplying them allows, whichever is lower.
Json Benchmark::decode_result() const {
  Json out = measure(decode_, "tokens_per_second", cost_.bytes, bandwidth_);
  double goal = 0.85 * bandwidth_.best() / cost_.bytes;
  if (!dequantise_.empty()) {
    out.set("share_of_dequantise", decode_.median() / dequantise_.best());
    goal = std::min(goal, 0.75 * dequantise_.best());
  }
  out.set("goal_tokens_per_second", goal);
  out.set("share_of_goal", decode_.median() / goal);
  return out;
}

Json Benchmark::result() const {
  Json out = Json::object();
  out.set("model", path_);
  for (const auto& [key, value] : about_.as_object()) out.set(key, value);
  out.set("prompt_tokens", prompt_);
  out.set("new_tokens", fresh_);
  out.set("repeats", options_.repeats);
  out.set("machine", machine_class(level_, ThreadPool(model_.threads).threads()));
  out.set("bytes_per_token", cost_.bytes);
  out.set("operations_per_token", cost_.operations + cost_.head_operations);

  out.set("limits", limits());

  Json load = Json::object();
  load.set("seconds", load_.median());
  load.set("spread", load_.spread());
  load.set("share_of_limit", cost_.bytes / load_.median() / bandwidth_.best());
  out.set("load", std::move(load));
  // The head computes one row of a whole prefill.
  const double prefill_work = cost_.operations + cost_.head_operations / prompt_;
  out.set("prefill", measure(prefill_, "tokens_per_second", prefill_work, multiply_));
  out.set("decode", decode_result());
  if (!tokenizer_.empty()) {
    Json tokenizer = Json::object();
    tokenizer.set("bytes_per_second", tokenizer_.median());
    tokenizer.set("spread", tokenizer_.spread());
    out.set("tokenizer", std::move(tokenizer));
  }
  return out;
}

}  // namespace

Json benchmark(const std::string& model_path, const ModelOptions& model_options,
               const BenchmarkOptions& options) {
  if (options.prompt_tokens < 1 || options.new_tokens < 1 || options.repeats < 1) {
    throw Error(Code::invalid_argument, "prompt_tokens, new_tokens and repeats must be positive");
  }
  if (options.record && options.figures.empty()) {
    throw Error(Code::invalid_argument, "record: figures says into which file");
  }
  if (model_options.device != "auto" && model_options.device != "cpu") {
    throw Error(Code::unsupported,
                "device: this build has auto and cpu, not " + quote(model_options.device));
  }
  Json result = Benchmark(model_path, model_options, options).run();
  if (!options.figures.empty()) compare_with_figures(options.figures, options.record, result);
  return result;
}

}  // namespace typecase
