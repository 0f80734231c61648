/// The oracle: runs a plan with plain loops, one op per file. Sequences are copied, not paged.
#include "backend/backend.h"
#include "backend/reference/block.h"
#include "backend/reference/embedding.h"
#include "backend/rows.h"
#include "base/checked.h"

#include <map>

namespace typecase {
namespace reference {
namespace {

struct Sequence {
  std::vector<LayerCache> layers;
  std::vector<bool> visible;
  std::vector<std::int32_t> positions;
};

class ReferenceExecutor final : public Executor {
 public:
  explicit ReferenceExecutor(const Plan& plan) : limits_(RowLimits::of(plan)) {
    if (plan.encoder) throw Error(Code::unsupported, "encoder–decoder plans cannot be run yet");
    const Rounding r{plan.dtype};
    embedding_ = EmbeddingOp(plan.decoder.embedding, r);
    for (const Block& block : plan.decoder.blocks) {
      blocks_.emplace_back(block, r);
      widths_.push_back(static_cast<std::size_t>(block.attention.kv_heads) *
                        static_cast<std::size_t>(block.attention.head_dim));
    }
    head_ = HeadOp(plan.head, r);
  }

  SequenceId create() override {
    sequences_[next_].layers.resize(blocks_.size());
    return next_++;
  }
  SequenceId fork(SequenceId from) override {
    Sequence copy = sequences_.at(from);
    sequences_.emplace(next_, std::move(copy));
    return next_++;
  }
  void truncate(SequenceId id, std::int32_t length) override {
    Sequence& s = sequences_.at(id);
    const auto slots = static_cast<std::size_t>(length);
    TYPECASE_CHECK(slots <= s.visible.size());
    cut(s, slots);
  }
  void drop(SequenceId id) noexcept override { sequences_.erase(id); }
  std::int32_t length(SequenceId id) const override {
    return static_cast<std::int32_t>(sequences_.at(id).visible.size());
  }
  std::int64_t vocabulary() const override { return limits_.vocabulary; }
  std::string describe() const override { return "reference"; }

  Output forward(std::span<const Row> rows, const Taps& taps) override {
    check_rows(rows, limits_, [&](SequenceId id) { return length(id); });
    std::map<SequenceId, std::size_t> before;
    for (const Row& row : rows) {
      before.emplace(row.sequence, static_cast<std::size_t>(length(row.sequence)));
    }
    try {
      return run(rows, taps);
    } catch (...) {
      for (const auto& [id, slots] : before) cut(sequences_.at(id), slots);
      throw;
    }
  }

 private:
  void cut(Sequence& s, std::size_t slots) const {
    s.visible.resize(slots);
    s.positions.resize(slots);
    for (std::size_t i = 0; i < s.layers.size(); ++i) {
      s.layers[i].keys.resize(std::min(s.layers[i].keys.size(), slots * widths_[i]));
      s.layers[i].values.resize(std::min(s.layers[i].values.size(), slots * widths_[i]));
    }
  }

  Output run(std::span<const Row> rows, const Taps& taps) {
    for (const Row& row : rows) {
      Sequence& s = sequences_.at(row.sequence);
      s.visible.push_back(row.visible);
      s.positions.push_back(row.position);
    }
    Output out;
    Table x = embedding_(rows);
    const auto tap = [&](const Table& t) {
      if (taps.hidden_states) out.hidden_states.push_back(t.values);
    };
    const std::size_t last =
        taps.layer_limit > 0
            ? std::min<std::size_t>(blocks_.size(), static_cast<std::size_t>(taps.layer_limit))
            : blocks_.size();
    for (std::size_t layer = 0; layer < last; ++layer) {
      tap(x);
      for (std::size_t n = 0; n < taps.early_layers.size(); ++n) {
        if (taps.early_layers[n] != static_cast<int>(layer)) continue;
        out.early_logits.resize(taps.early_layers.size());
        out.early_logits[n] = head_.matrix(asked(x, rows)).values;
      }
      std::vector<SequenceView> views;
      for (const Row& row : rows) {
        Sequence& s = sequences_.at(row.sequence);
        views.push_back({&s.layers[layer], &s.visible, &s.positions});
      }
      auto* p = taps.attentions ? &out.attentions.emplace_back() : nullptr;
      x = blocks_[layer](x, rows, views, p);
    }
    for (std::size_t layer = last; layer < blocks_.size(); ++layer) pad_layer(rows, layer);
    x = head_.norm(std::move(x));
    tap(x);
    out.logits = head_.logits(asked(x, rows)).values;
    return out;
  }

  /// Layers skipped by a layer limit keep their caches in step (they hold zeros nobody reads in a
  /// pass with the same limit).
  void pad_layer(std::span<const Row> rows, std::size_t layer) {
    for (const Row& row : rows) {
      Sequence& s = sequences_.at(row.sequence);
      s.layers[layer].keys.resize(s.visible.size() * widths_[layer]);
      s.layers[layer].values.resize(s.visible.size() * widths_[layer]);
    }
  }

  static Table asked(const Table& x, std::span<const Row> rows) {
    Table out;
    out.columns = x.columns;
    for (std::size_t n = 0; n < rows.size(); ++n) {
      if (!rows[n].logits) continue;
      out.values.insert(out.values.end(), x[n].begin(), x[n].end());
      ++out.rows;
    }
    return out;
  }

  RowLimits limits_;
  EmbeddingOp embedding_;
  std::vector<BlockOp> blocks_;
  std::vector<std::size_t> widths_;
  HeadOp head_;
  std::map<SequenceId, Sequence> sequences_;
  SequenceId next_ = 0;
};

}  // namespace
}  // namespace reference

std::unique_ptr<Executor> make_reference_executor(const Plan& plan) {
  return std::make_unique<reference::ReferenceExecutor>(plan);
}

}  // namespace typecase
