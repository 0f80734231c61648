/// The oracle: runs a plan with plain loops, one op per file. Sequences are copied, not paged.
#include "backend/backend.h"
#include "backend/reference/block.h"
#include "backend/reference/embedding.h"
#include "backend/rows.h"
#include "base/checked.h"

#include <map>
#include <memory>
#include <optional>

namespace typecase {
namespace reference {
namespace {

/// What an encoder made of a text, as the decoder's cross attention sees it.
struct Memory {
  std::vector<LayerCache> layers;  // of the decoder
  std::vector<bool> visible;
  std::vector<std::int32_t> positions;
};

struct Sequence {
  std::vector<LayerCache> layers;
  std::vector<bool> visible;
  std::vector<std::int32_t> positions;
  std::shared_ptr<Memory> memory;  // shared by forks

  void append(const Row& row) {
    visible.push_back(row.visible);
    positions.push_back(row.position);
  }
  SequenceView view(std::size_t layer) { return {&layers[layer], &visible, &positions}; }
};

/// Embedding and blocks of a decoder, an encoder, or the encoder of a decoder.
struct StackOp {
  EmbeddingOp embedding;
  std::vector<BlockOp> blocks;

  StackOp(const Stack& stack, Rounding r) : embedding(stack.embedding, r) {
    for (const Block& block : stack.blocks) blocks.emplace_back(block, r);
  }
};

class ReferenceExecutor final : public Executor {
 public:
  explicit ReferenceExecutor(const Plan& plan)
      : limits_(RowLimits::of(plan)),
        stack_(plan.decoder, Rounding{plan.dtype}),
        head_(plan.head, Rounding{plan.dtype}),
        encoder_norm_(plan.encoder_norm, Rounding{plan.dtype}) {
    if (plan.encoder) encoder_.emplace(*plan.encoder, Rounding{plan.dtype});
    for (const Block& block : plan.decoder.blocks) {
      widths_.push_back(static_cast<std::size_t>(block.attention.kv_heads) *
                        static_cast<std::size_t>(block.attention.head_dim));
    }
  }

  SequenceId create() override {
    sequences_[next_].layers.resize(stack_.blocks.size());
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

  void encode(SequenceId id, std::span<const Row> text) override {
    Sequence& to = sequences_.at(id);
    TYPECASE_CHECK(encoder_ && to.visible.empty());
    check_text(text, limits_);
    Sequence own;
    own.layers.resize(encoder_->blocks.size());
    for (const Row& row : text) own.append(row);
    Table x = encoder_->embedding(text);
    for (std::size_t layer = 0; layer < encoder_->blocks.size(); ++layer) {
      const Seen seen{std::vector<SequenceView>(text.size(), own.view(layer)), {}};
      x = encoder_->blocks[layer](x, text, seen, nullptr);
    }
    x = encoder_norm_(std::move(x));
    auto memory = std::make_shared<Memory>();
    for (const BlockOp& block : stack_.blocks) memory->layers.push_back(block.remember(x));
    memory->visible = std::move(own.visible);
    memory->positions = std::move(own.positions);
    to.memory = std::move(memory);
  }

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
    for (const Row& row : rows) sequences_.at(row.sequence).append(row);
    Output out;
    Table x = stack_.embedding(rows);
    const auto tap = [&](const Table& t) {
      if (taps.hidden_states) out.hidden_states.push_back(t.values);
    };
    const std::size_t last = taps.layer_limit > 0
                                 ? std::min<std::size_t>(stack_.blocks.size(),
                                                         static_cast<std::size_t>(taps.layer_limit))
                                 : stack_.blocks.size();
    for (std::size_t layer = 0; layer < last; ++layer) {
      tap(x);
      for (std::size_t n = 0; n < taps.early_layers.size(); ++n) {
        if (taps.early_layers[n] != static_cast<int>(layer)) continue;
        out.early_logits.resize(taps.early_layers.size());
        out.early_logits[n] = head_.matrix(asked(x, rows)).values;
      }
      Seen seen;
      for (const Row& row : rows) {
        Sequence& s = sequences_.at(row.sequence);
        seen.own.push_back(s.view(layer));
        if (!s.memory) continue;
        seen.memory.push_back({&s.memory->layers[layer], &s.memory->visible, &s.memory->positions});
      }
      TYPECASE_CHECK(!encoder_ || seen.memory.size() == rows.size());
      auto* p = taps.attentions ? &out.attentions.emplace_back() : nullptr;
      x = stack_.blocks[layer](x, rows, seen, p);
    }
    for (std::size_t layer = last; layer < stack_.blocks.size(); ++layer) pad_layer(rows, layer);
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
  StackOp stack_;
  std::vector<std::size_t> widths_;
  HeadOp head_;
  std::optional<StackOp> encoder_;
  NormOp encoder_norm_;
  std::map<SequenceId, Sequence> sequences_;
  SequenceId next_ = 0;
};

}  // namespace
}  // namespace reference

std::unique_ptr<Executor> make_reference_executor(const Plan& plan) {
  return std::make_unique<reference::ReferenceExecutor>(plan);
}

}  // namespace typecase
