#include "decode/processors/sequence_bias.h"

#include "base/checked.h"
#include "decode/cut.h"

#include <algorithm>

namespace typecase {

SequenceBiases::SequenceBiases(std::string_view name, const std::vector<SequenceBias>& biases,
                               std::size_t vocabulary)
    : name_(name), always_(vocabulary, 0.0f) {
  std::vector<std::size_t> lengths;  // float sums depend on the order: that of first appearance
  for (const auto& [ids, bias] : biases) {
    TYPECASE_CHECK(!ids.empty() && static_cast<std::size_t>(ids.back()) < vocabulary);
    if (ids.size() == 1) {
      always_[static_cast<std::size_t>(ids[0])] = static_cast<float>(bias);
    } else if (std::find(lengths.begin(), lengths.end(), ids.size()) == lengths.end()) {
      lengths.push_back(ids.size());
    }
  }
  for (const std::size_t length : lengths) {
    for (const auto& [ids, bias] : biases) {
      if (ids.size() != length) continue;
      endings_.push_back({{ids.begin(), ids.end() - 1}, ids.back(), static_cast<float>(bias)});
    }
  }
}

void SequenceBiases::apply(std::span<float> scores, const ScoreRow& row) {
  std::vector<float> bias = always_;
  for (const Ending& e : endings_) {
    if (e.before.size() > row.ids.size()) continue;
    const auto tail = row.ids.last(e.before.size());
    if (std::equal(tail.begin(), tail.end(), e.before.begin())) {
      bias[static_cast<std::size_t>(e.last)] += e.bias;
    }
  }
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] += bias[i];
}

std::shared_ptr<Processor> bad_words(const std::vector<Tokens>& words, std::size_t vocabulary) {
  std::vector<SequenceBias> biases;
  for (const Tokens& word : words) biases.push_back({word, static_cast<double>(kCut)});
  return std::make_shared<SequenceBiases>("bad_words_ids", biases, vocabulary);
}

}  // namespace typecase
