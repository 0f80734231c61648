#include "engine/all_logits.h"

#include "engine/batch_stepper.h"
#include "engine/call_sequences.h"

#include <typecase/error.h>

namespace typecase {
namespace {

void check_rows_of(const std::vector<Tokens>& ids, const std::vector<Mask>& mask) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const bool masked = mask.empty() || (i < mask.size() && mask[i].size() == ids[i].size());
    if (!masked || ids[i].size() != ids[0].size()) {
      throw Error(Code::invalid_argument,
                  "input_ids and attention_mask: all rows must have one length");
    }
  }
}

Mask mask_of(const std::vector<Tokens>& ids, const std::vector<Mask>& mask, std::size_t row) {
  return mask.empty() ? Mask(ids[row].size(), 1) : mask[row];
}

}  // namespace

std::vector<std::vector<std::vector<float>>> all_logits(
    Model::Parts& model, const std::vector<Tokens>& input_ids,
    const std::vector<Mask>& attention_mask, const std::vector<Tokens>& decoder_input_ids) {
  const bool encodes = model.plan.encoder.has_value();
  if (encodes != !decoder_input_ids.empty()) {
    throw Error(Code::invalid_argument, encodes ? "decoder_input_ids: the decoder needs some"
                                                : "decoder_input_ids: this model has no encoder");
  }
  check_rows_of(input_ids, attention_mask);
  check_rows_of(decoder_input_ids, {});
  if (encodes && decoder_input_ids.size() != input_ids.size()) {
    throw Error(Code::invalid_argument, "decoder_input_ids: a row for each of input_ids is needed");
  }
  const auto& prompts = encodes ? decoder_input_ids : input_ids;

  Executor& executor = model.ready();
  CallSequences sequences(executor);
  std::vector<Row> rows;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    const SequenceId id = sequences.create();
    Mask mask = mask_of(input_ids, attention_mask, i);
    if (encodes) {
      executor.encode(id, text_rows(id, input_ids[i], mask, model.plan));
      mask.assign(prompts[i].size(), 1);
    }
    const auto own = is_bidirectional(model.plan)
                         ? text_rows(id, prompts[i], mask, model.plan, true)
                         : prompt_rows(id, prompts[i], mask, model.plan.position_source, true);
    rows.insert(rows.end(), own.begin(), own.end());
  }
  for (Row& row : rows) row.logits = true;
  set_rotary_length(rows);

  const Output computed = executor.forward(rows);
  const std::size_t columns = rows.empty() ? 0 : computed.logits.size() / rows.size();
  std::vector<std::vector<std::vector<float>>> out(prompts.size());
  const auto* at = computed.logits.data();
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    for (std::size_t p = 0; p < prompts[i].size(); ++p, at += columns) {
      out[i].emplace_back(at, at + columns);
    }
  }
  return out;
}

}  // namespace typecase
