#pragma once

#include <typecase/token.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace typecase {

/// What a processor may know of the row whose scores it changes. (backend.h's Row is another thing:
/// a token to compute.)
struct ScoreRow {
  std::span<const TokenId> ids;  ///< everything so far: padding, prompt, generated
  std::size_t prompt = 0;        ///< which prompt of the batch the row continues
  std::size_t index = 0;         ///< which row of the step
};

/// Changes the scores of the next token: one step between the model and the choice.
///
/// A processor is built for one generation. It keeps no state that a row changes, except where its
/// header says so, and computes each row from that row alone unless it overrides apply_all().
class Processor {
 public:
  virtual ~Processor() = default;

  /// As the configuration field is called: "top_p".
  virtual std::string_view name() const = 0;

  /// Changes the scores of one row in place.
  virtual void apply(std::span<float> scores, const ScoreRow& row) = 0;

  /// Changes the scores of all rows, [rows.size(), vocabulary].
  virtual void apply_all(std::span<float> scores, std::span<const ScoreRow> rows) {
    const std::size_t vocabulary = rows.empty() ? 0 : scores.size() / rows.size();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      apply(scores.subspan(i * vocabulary, vocabulary), rows[i]);
    }
  }

  /// From now on row i continues what was row parents[i] (beams). For processors with state.
  virtual void reorder(std::span<const std::size_t> /*parents*/) {}
};

/// In the order in which they act.
using Processors = std::vector<std::shared_ptr<Processor>>;

}  // namespace typecase
