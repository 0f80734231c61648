#include "engine/read_texts.h"

#include "engine/batch_stepper.h"
#include "engine/call_sequences.h"

#include <typecase/error.h>

#include <algorithm>

namespace typecase {
namespace {

/// Tokens of a pass: enough to use every weight many times while it is in cache.
constexpr std::size_t kTogether = 512;

/// One pass over texts first … last − 1.
void read_some(Model::Parts& model, const std::vector<Tokens>& texts, std::size_t first,
               std::size_t last, bool logits, const TakeText& take) {
  Executor& executor = model.ready();
  const bool head = !model.plan.head.lm_head.empty();
  CallSequences sequences(executor);
  std::vector<Row> rows;
  for (std::size_t i = first; i < last; ++i) {
    const auto own = text_rows(sequences.create(), texts[i], Mask(texts[i].size(), 1), model.plan);
    rows.insert(rows.end(), own.begin(), own.end());
  }
  // A plan without a head's matrix hands out hidden states where logits are asked for.
  const bool states = head && !logits;
  for (Row& row : rows) row.logits = !states;
  const Output out = executor.forward(rows, {.hidden_states = states});
  const std::span<const float> all = states ? out.hidden_states.back() : out.logits;
  const std::size_t columns = rows.empty() ? 0 : all.size() / rows.size();
  std::size_t at = 0;
  for (std::size_t i = first; i < last; ++i) {
    take(i, all.subspan(at, texts[i].size() * columns));
    at += texts[i].size() * columns;
  }
}

}  // namespace

void read_texts(Model::Parts& model, const std::vector<Tokens>& texts, bool logits,
                const TakeText& take) {
  if (!is_bidirectional(model.plan)) {
    throw Error(Code::unsupported, model.plan.architecture +
                                       " writes texts; embeddings and masked words need a model "
                                       "that reads them whole, like BERT's");
  }
  if (logits && model.plan.head.lm_head.empty()) {
    throw Error(Code::unsupported, "the checkpoint has no head for masked words");
  }
  for (std::size_t first = 0; first < texts.size();) {
    std::size_t last = first, tokens = 0;
    while (last < texts.size() && (last == first || tokens + texts[last].size() <= kTogether)) {
      tokens += texts[last++].size();
    }
    read_some(model, texts, first, last, logits, take);
    first = last;
  }
}

Tokens truncated(const Tokens& ids, const Tokens& plain, std::int64_t most) {
  const auto limit = static_cast<std::size_t>(std::max<std::int64_t>(most, 1));
  if (ids.size() <= limit) return ids;
  const auto begin = std::search(ids.begin(), ids.end(), plain.begin(), plain.end());
  if (begin == ids.end()) return {ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(limit)};
  const auto end = begin + std::ssize(plain);
  const std::size_t around = ids.size() - plain.size();
  if (around >= limit) return {ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(limit)};
  Tokens out(ids.begin(), begin + static_cast<std::ptrdiff_t>(limit - around));
  out.insert(out.end(), end, ids.end());
  return out;
}

}  // namespace typecase
