/// Sentence embeddings.  Reimers and Gurevych 2019, arXiv:1908.10084.
///
///     h_1 … h_n = the encoder's vectors of the text's n tokens
///     e         = pooling(h)   (/ √Σ e_i²)
#include "engine/read_texts.h"
#include "engine/sentence_modules.h"

#include <typecase/error.h>

#include <algorithm>
#include <cmath>

namespace typecase {
namespace {

std::vector<float> pool(std::span<const float> rows, std::size_t n, Pooling pooling) {
  const std::size_t width = rows.size() / n;
  if (pooling == Pooling::cls)
    return {rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(width)};
  std::vector<float> out(width);
  for (std::size_t d = 0; d < width; ++d) {
    double sum = 0;
    float largest = rows[d];
    for (std::size_t t = 0; t < n; ++t) {
      sum += double{rows[t * width + d]};
      largest = std::max(largest, rows[t * width + d]);
    }
    const double count = static_cast<double>(n);
    out[d] = pooling == Pooling::max
                 ? largest
                 : static_cast<float>(sum / (pooling == Pooling::mean ? count : std::sqrt(count)));
  }
  return out;
}

void normalise(std::vector<float>& e) {
  double squares = 0;
  for (const float v : e) squares += double{v} * double{v};
  const double length = std::max(std::sqrt(squares), 1e-12);
  for (float& v : e) v = static_cast<float>(double{v} / length);
}

/// What the files promise: sentence_bert_config.json, else the tokenizer and the positions.
std::int64_t longest(const Model::Parts& model, const Tokenizer& tokenizer,
                     const SentenceModules& modules) {
  std::int64_t most = model.plan.max_positions > 0 ? model.plan.max_positions : INT32_MAX;
  if (modules.max_length > 0) return std::min(most, modules.max_length);
  if (const auto length = tokenizer.model_max_length()) most = std::min(most, *length);
  return most;
}

}  // namespace

std::vector<std::vector<float>> Model::embed(const std::vector<std::string>& texts,
                                             const EmbedOptions& options) const {
  const SentenceModules modules =
      parts_->checkpoint.is_gguf() ? SentenceModules{} : read_sentence_modules(parts_->path);
  const auto pooling = options.pooling ? std::vector<Pooling>{*options.pooling} : modules.pooling;
  const bool normalize = options.normalize.value_or(modules.normalize);
  const std::int64_t most =
      options.max_length > 0 ? options.max_length : longest(*parts_, tokenizer(), modules);
  std::vector<Tokens> ids;
  for (const std::string& text : texts) {
    Tokens all = tokenizer().encode_ids(text);
    if (std::ssize(all) > most) all = truncated(all, tokenizer().encode_ids(text, false), most);
    if (all.empty()) throw Error(Code::invalid_argument, "a text without tokens has no embedding");
    ids.push_back(std::move(all));
  }
  std::vector<std::vector<float>> out(texts.size());
  read_texts(*parts_, ids, false, [&](std::size_t i, std::span<const float> rows) {
    for (const Pooling p : pooling) {
      const auto part = pool(rows, ids[i].size(), p);
      out[i].insert(out[i].end(), part.begin(), part.end());
    }
    if (normalize) normalise(out[i]);
  });
  return out;
}

}  // namespace typecase
