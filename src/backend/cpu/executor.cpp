/// The fast executor: sequences, cache and calls; one pass at a time does the arithmetic.
#include "backend/backend.h"
#include "backend/cpu/head_screen.h"
#include "backend/cpu/isa/levels.h"
#include "backend/cpu/pass.h"
#include "backend/kv_cache.h"
#include "backend/rows.h"
#include "base/checked.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace typecase {
namespace cpu {
namespace {

/// Rows carried through all layers together: enough to use every weight many times while it is in
/// cache, few enough that their activations stay there too.
constexpr int kPassRows = 528;

const Kernels& kernels_of(const CpuOptions& options) {
  const Kernels& kernels = kernels_for(options.isa);
  if (options.int8_activations && kernels.pack_eight_bits == nullptr) {
    throw Error(Code::unsupported, "activations: int8 needs AVX-512 with VNNI, and computes with " +
                                       std::string(kernels.name) + " here");
  }
  return kernels;
}

class CpuExecutor final : public Executor {
 public:
  CpuExecutor(const Plan& plan, const CpuOptions& options)
      : kernels_(kernels_of(options)),
        pool_(options.threads),
        program_(plan, pool_.threads(),
                 {.recode = options.recode ? kernels_.recode : nullptr,
                  .quads = kernels_.pack_quads != nullptr,
                  .eight_bits = options.int8_activations}),
        limits_(RowLimits::of(plan)),
        cache_(program_.cache_block_bytes) {
    if (options.screen_head > 0 && can_screen(program_) &&
        HeadScreen::worth(*program_.lm_head.weight, options.screen_head)) {
      screen_head_ = options.screen_head;
    }
    if (options.tensors_stay) {
      program_.packer->map(pool_);
    } else {
      prepare();
    }
  }

  void prepare() override {
    if (program_.packer->packed()) return;
    program_.packer->pack(pool_);
    if (screen_head_ > 0) screen_ = HeadScreen::of(*program_.lm_head.weight, screen_head_, pool_);
  }

  SequenceId create() override { return cache_.create(); }
  SequenceId fork(SequenceId sequence) override {
    const SequenceId id = cache_.fork(sequence);
    const auto memory = memories_.find(sequence);
    if (memory != memories_.end()) memories_.emplace(id, memory->second);
    return id;
  }
  void truncate(SequenceId sequence, std::int32_t length) override {
    cache_.truncate(sequence, length);
  }
  void drop(SequenceId sequence) noexcept override {
    cache_.drop(sequence);
    memories_.erase(sequence);
  }
  std::int32_t length(SequenceId sequence) const override { return cache_.length(sequence); }
  std::int64_t vocabulary() const override { return limits_.vocabulary; }
  bool finds_winners() const override {
    return screen_ != nullptr || (screen_head_ > 0 && !program_.packer->packed());
  }
  std::string describe() const override {
    return std::string("cpu ") + kernels_.name + ", " + std::to_string(pool_.threads()) +
           (pool_.threads() == 1 ? " thread" : " threads");
  }

  void encode(SequenceId id, std::span<const Row> text) override {
    TYPECASE_CHECK(program_.encoder != nullptr && cache_.length(id) == 0);
    check_text(text, limits_);
    prepare_unless_first(text.size(), read_);
    try {
      memories_[id] = read(text);
    } catch (const std::bad_alloc&) {
      throw Error(Code::out_of_memory,
                  "no memory to read a text of " + std::to_string(text.size()) + " tokens");
    }
  }

  Output forward(std::span<const Row> rows, const Taps& taps) override {
    check_rows(rows, limits_, [&](SequenceId id) { return cache_.length(id); });
    if (program_.bidirectional && taps.attentions) {
      throw Error(Code::unsupported, "attentions of a bidirectional model cannot be shown");
    }
    std::vector<SequenceId> touched;
    for (const Row& row : rows) {
      if (std::find(touched.begin(), touched.end(), row.sequence) == touched.end()) {
        touched.push_back(row.sequence);
      }
    }
    prepare_unless_first(rows.size(), computed_);
    try {
      Output out = run(rows, taps, touched);
      for (const Row& row : rows) cache_.append(row.sequence, row.visible);
      return out;
    } catch (const std::bad_alloc&) {
      for (const SequenceId id : touched) cache_.trim(id);
      throw Error(Code::out_of_memory,
                  "no memory for a pass of " + std::to_string(rows.size()) + " rows");
    } catch (...) {
      for (const SequenceId id : touched) cache_.trim(id);
      throw;
    }
  }

 private:
  /// The first pass takes the matrices from their files, unless it would do so for several chunks
  /// of rows; `done` says whether it has been.
  void prepare_unless_first(std::size_t rows, bool& done) {
    if (rows > kRowChunk || std::exchange(done, true)) return prepare();
    if (!program_.packer->packed()) program_.packer->check_sizes();
  }

  Output run(std::span<const Row> rows, const Taps& taps, const std::vector<SequenceId>& touched) {
    std::vector<PlacedSequence> sequences;
    const std::vector<PlacedRow> placed = place(cache_, program_, rows, touched, sequences);
    for (std::size_t i = 0; i < touched.size() && program_.encoder; ++i) {
      const auto memory = memories_.find(touched[i]);
      TYPECASE_CHECK(memory != memories_.end());
      sequences[i].memory = memory->second.get();
    }
    // Who sees later keys needs them computed: then everything goes in one pass.
    const std::size_t step =
        program_.bidirectional ? std::max<std::size_t>(rows.size(), 1) : std::size_t{kPassRows};
    work_.fit(program_, kernels_, pool_.threads(), static_cast<int>(std::min(rows.size(), step)),
              longest(rows));

    Output out;
    const auto asked =
        std::count_if(rows.begin(), rows.end(), [](const Row& r) { return r.logits; });
    const bool head = !program_.lm_head.empty();
    const std::size_t width = head ? static_cast<std::size_t>(program_.lm_head.weight->out)
                                   : static_cast<std::size_t>(program_.hidden);
    out.logits.resize(static_cast<std::size_t>(taps.winners ? 0 : asked) * width);
    float* logits = out.logits.data();
    for (std::size_t first = 0; first < placed.size(); first += step) {
      const auto part = std::span(placed).subspan(first, std::min(step, placed.size() - first));
      logits = pass(part, sequences, taps, out, logits, width);
    }
    return out;
  }

  /// What the encoder makes of a text, in one pass that keeps no cache.
  std::shared_ptr<const Memory> read(std::span<const Row> text) {
    const Program& encoder = *program_.encoder;
    KvCache cache(encoder.cache_block_bytes);
    const SequenceId id = cache.create();
    std::vector<Row> rows(text.begin(), text.end());
    for (Row& row : rows) row.sequence = id;
    std::vector<PlacedSequence> sequences;
    const auto placed = place(cache, encoder, rows, {id}, sequences);
    auto memory = std::make_shared<Memory>(sequences[0].keys, program_.memory_block_bytes);
    if (rows.empty()) return memory;
    encoder_work_.fit(encoder, kernels_, pool_.threads(), static_cast<int>(rows.size()),
                      longest(rows));
    Pass pass(encoder, kernels_, pool_, encoder_work_, placed, sequences);
    pass.embed();
    for (std::size_t layer = 0; layer < encoder.blocks.size(); ++layer) pass.block(layer, nullptr);
    pass.final_norm();
    for (const BlockOp& block : program_.blocks) {
      if (block.cross_attention) pass.remember(*block.cross_attention, *memory);
    }
    return memory;
  }

  /// Slots of the longest sequence.
  static int longest(std::span<const Row> rows) {
    int out = 0;
    for (const Row& row : rows) out = std::max(out, row.slot + 1);
    return out;
  }

  /// Where every row goes, and memory for all of them.
  static std::vector<PlacedRow> place(KvCache& cache, const Program& program,
                                      std::span<const Row> rows,
                                      const std::vector<SequenceId>& touched,
                                      std::vector<PlacedSequence>& sequences) {
    std::vector<PlacedRow> placed;
    std::map<SequenceId, int> index;
    for (const SequenceId id : touched) {
      index[id] = static_cast<int>(sequences.size());
      PlacedSequence& s = sequences.emplace_back();
      s.masked = cache.masked(id);
      int keys = 0, masked = 0;
      for (const Row& row : rows) {
        if (row.sequence != id) continue;
        if (!row.visible) s.masked.push_back(row.slot);
        ++(row.visible ? keys : masked);
      }
      cache.reserve(id, keys, masked);
      s.blocks = cache.blocks(id);
      const std::int32_t end = cache.length(id) + keys + masked;
      s.keys = s.keys_below(end);
      if (program.relatives.empty() || s.masked.empty()) continue;
      for (std::int32_t slot = 0; slot < end; ++slot) {
        if (!std::binary_search(s.masked.begin(), s.masked.end(), slot)) s.slots.push_back(slot);
      }
    }
    for (const Row& row : rows) {
      const int i = index[row.sequence];
      placed.push_back({row, i, sequences[static_cast<std::size_t>(i)].keys_below(row.slot)});
      if (!program.alibis.empty() && row.visible && row.position != placed.back().key) {
        throw Error(Code::unsupported,
                    "positions that do not count the visible tokens cannot be run with ALiBi");
      }
    }
    return placed;
  }

  float* pass(std::span<const PlacedRow> rows, std::span<const PlacedSequence> sequences,
              const Taps& taps, Output& out, float* logits, std::size_t width) {
    Pass pass(program_, kernels_, pool_, work_, rows, sequences);
    pass.embed();
    std::size_t layers = program_.blocks.size();
    if (taps.layer_limit > 0) layers = std::min(layers, static_cast<std::size_t>(taps.layer_limit));
    const auto tap = [&](std::size_t layer) {
      if (!taps.hidden_states) return;
      if (out.hidden_states.size() <= layer) out.hidden_states.resize(layer + 1);
      for (int row = 0; row < static_cast<int>(rows.size()); ++row) {
        const auto x = pass.hidden(row);
        out.hidden_states[layer].insert(out.hidden_states[layer].end(), x.begin(), x.end());
      }
    };
    if (taps.attentions) out.attentions.resize(layers);
    const bool all_shown = taps.hidden_states || taps.attentions || program_.lm_head.empty();
    for (std::size_t layer = 0; layer < layers; ++layer) {
      tap(layer);
      tap_early(pass, layer, taps, out, rows, width);
      if (layer + 1 == layers && !all_shown) {
        pass.last_block(layer);
        break;
      }
      std::vector<std::vector<float>> attentions;
      pass.block(layer, taps.attentions ? &attentions : nullptr);
      for (auto& of_row : attentions) out.attentions[layer].push_back(std::move(of_row));
    }
    pass.final_norm();
    tap(layers);
    const auto asked =
        std::count_if(rows.begin(), rows.end(), [](const PlacedRow& r) { return r.row.logits; });
    if (taps.winners) {
      TYPECASE_CHECK(screen_head_ > 0 && taps.layer_limit == 0);
      pass.winners(screen_.get(), out.winners);
      return logits;
    }
    if (!program_.lm_head.empty()) {
      pass.logits(logits);
      return logits + static_cast<std::size_t>(asked) * width;
    }
    for (int row = 0; row < static_cast<int>(rows.size()); ++row) {
      if (!rows[static_cast<std::size_t>(row)].row.logits) continue;
      const auto x = pass.hidden(row);
      logits = std::copy(x.begin(), x.end(), logits);
    }
    return logits;
  }

  void tap_early(const Pass& pass, std::size_t layer, const Taps& taps, Output& out,
                 std::span<const PlacedRow> rows, std::size_t width) const {
    for (std::size_t n = 0; n < taps.early_layers.size(); ++n) {
      if (taps.early_layers[n] != static_cast<int>(layer)) continue;
      if (program_.lm_head.empty()) throw Error(Code::unsupported, "the model has no head");
      const auto asked =
          std::count_if(rows.begin(), rows.end(), [](const PlacedRow& r) { return r.row.logits; });
      out.early_logits.resize(taps.early_layers.size());
      std::vector<float>& to = out.early_logits[n];
      const std::size_t before = to.size();
      to.resize(before + static_cast<std::size_t>(asked) * width);
      pass.early_logits(to.data() + before);
    }
  }

  const Kernels& kernels_;
  ThreadPool pool_;
  Program program_;
  RowLimits limits_;
  KvCache cache_;
  double screen_head_ = 0;  // > 0: winners may be asked for
  std::unique_ptr<const HeadScreen> screen_;
  bool read_ = false, computed_ = false;  // prepare_unless_first
  Workspace work_, encoder_work_;
  std::map<SequenceId, std::shared_ptr<const Memory>> memories_;  // shared by forks
};

}  // namespace
}  // namespace cpu

std::unique_ptr<Executor> make_cpu_executor(const Plan& plan, const CpuOptions& options) {
  return std::make_unique<cpu::CpuExecutor>(plan, options);
}

}  // namespace typecase
