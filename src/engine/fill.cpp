/// Masked-word prediction: the words that may stand where a text has a mask.
///
///     p = softmax(logits of the mask's place),  the k largest
#include "engine/read_texts.h"

#include <typecase/error.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace typecase {
namespace {

/// The mask as the families of BERT and of RoBERTa spell it.
std::optional<TokenId> mask_of(const Tokenizer& tokenizer) {
  for (const std::string_view token : {"[MASK]", "<mask>"}) {
    if (const auto id = tokenizer.id_of(token)) return id;
  }
  return std::nullopt;
}

std::vector<double> softmax(std::span<const float> logits) {
  const float highest = *std::max_element(logits.begin(), logits.end());
  std::vector<double> p;
  for (const float v : logits) p.push_back(std::exp(double{v} - double{highest}));
  const double sum = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& v : p) v /= sum;
  return p;
}

/// The k most probable ids; of equal ones the lower first.
std::vector<TokenId> best(const std::vector<double>& p, std::size_t k) {
  std::vector<TokenId> order(p.size());
  std::iota(order.begin(), order.end(), 0);
  k = std::min(k, order.size());
  const auto at = [&p](TokenId id) { return p[static_cast<std::size_t>(id)]; };
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k), order.end(),
                    [&](TokenId a, TokenId b) { return at(a) != at(b) ? at(a) > at(b) : a < b; });
  order.resize(k);
  return order;
}

/// The text with `word` at `place`; a single mask's text is shown without special tokens.
std::string with_word(const Tokenizer& tokenizer, Tokens ids, std::size_t place, TokenId word,
                      bool single) {
  ids[place] = word;
  if (const auto pad = tokenizer.pad_id()) std::erase(ids, *pad);
  return tokenizer.decode(ids, {.skip_special_tokens = single});
}

}  // namespace

std::vector<std::vector<MaskedWord>> Model::fill(const std::string& text, std::size_t top_k) const {
  const auto mask = mask_of(tokenizer());
  if (!mask) throw Error(Code::unsupported, "the tokenizer has no [MASK] or <mask>");
  const Tokens ids = tokenizer().encode_ids(text);
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] == *mask) places.push_back(i);
  }
  if (places.empty()) {
    throw Error(Code::failed, "the text has no mask: write " +
                                  tokenizer().token_of(*mask).value_or("the mask") +
                                  " where a word is to be found");
  }
  std::vector<std::vector<MaskedWord>> out;
  read_texts(*parts_, {ids}, true, [&](std::size_t, std::span<const float> rows) {
    const std::size_t columns = rows.size() / ids.size();
    for (const std::size_t place : places) {
      const auto p = softmax(rows.subspan(place * columns, columns));
      auto& words = out.emplace_back();
      for (const TokenId id : best(p, top_k)) {
        words.push_back({.score = static_cast<float>(p[static_cast<std::size_t>(id)]),
                         .token = id,
                         .token_str = tokenizer().decode(Tokens{id}),
                         .sequence = with_word(tokenizer(), ids, place, id, places.size() == 1)});
      }
    }
  });
  return out;
}

}  // namespace typecase
