#include "decode/strategies/sample.h"

#include "base/checked.h"
#include "decode/draw.h"
#include "decode/order.h"
#include "decode/processor_list.h"
#include "decode/softmax.h"
#include "decode/stopping/stopping.h"
#include "decode/strategies/row_faults.h"
#include "decode/strategies/rows.h"
#include "decode/trace/tracer.h"

namespace typecase {
namespace {

/// softmax(s), or argmax s without it; one token per row.
Tokens choose(std::span<float> scores, std::size_t rows, bool do_sample, Generator& random) {
  const std::size_t v = scores.size() / rows;
  Tokens out(rows);
  if (!do_sample) {
    for (std::size_t i = 0; i < rows; ++i) out[i] = argmax(scores.subspan(i * v, v));
    return out;
  }
  for (std::size_t i = 0; i < rows; ++i) {
    const auto row = scores.subspan(i * v, v);
    softmax(row, row);
  }
  draw(scores, v, random, out);
  return out;
}

}  // namespace

DecodeOutput sample(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
                    Generator& random, const DecodeHooks& hooks) {
  Stopping stopping(config, hooks);
  const bool pads = stopping.pads() || hooks.rows_fail_alone;
  const std::size_t v = model.vocabulary();
  const Processors processors = build_processors(config, input, v, hooks, &random);
  DecodeOutput out;
  out.sequences = repeated(input.ids, config.num_return_sequences);
  const std::size_t rows = out.sequences.size();
  std::vector<bool> alive(rows, true);

  std::vector<float> first = prefill_repeated(model, input.ids.size(), config.num_return_sequences);
  std::span<float> logits = first;
  for (bool any = true; any;) {
    record_step(config, logits, v, out.logits, config.output_logits);
    const std::span<float> scores = logits;
    process(processors, scores, out.sequences, config.num_return_sequences);
    record_step(config, scores, v, out.scores, config.output_scores);

    if (hooks.rows_fail_alone) {
      end_failed_rows(scores, config.do_sample, alive, out.row_errors);
    }
    Tokens next = choose(scores, rows, config.do_sample, random);
    if (hooks.tracer != nullptr) hooks.tracer->chose(next);
    stopping.start_step();
    any = false;
    for (std::size_t i = 0; i < rows; ++i) {
      if (pads && !alive[i]) next[i] = config.pad_token_id.value_or(0);
      out.sequences[i].push_back(next[i]);
      const bool ends = alive[i] && stopping.finished(out.sequences[i]);
      if (ends && hooks.tracer != nullptr) {
        hooks.tracer->finished(i, stopping.reason(out.sequences[i]));
      }
      alive[i] = alive[i] && !ends;
      any = any || alive[i];
    }
    if (hooks.on_tokens) hooks.on_tokens(next);
    if (hooks.should_stop && hooks.should_stop()) {
      out.interrupted = any;
      if (any && hooks.tracer != nullptr) hooks.tracer->stopped("interrupted");
      break;
    }
    if (any) {
      logits = model.step(next);
      TYPECASE_CHECK(logits.size() == rows * v);
    }
  }
  return out;
}

}  // namespace typecase
