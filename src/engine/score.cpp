/// Log-likelihood of a text: one forward pass a window, ln p of each token read from the logits of
/// the one before it.
#include "decode/softmax.h"
#include "engine/batch_stepper.h"
#include "engine/loaded_model.h"

#include <typecase/error.h>
#include <typecase/score.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace typecase {
namespace {

constexpr std::size_t kLongestWindow = 1024;
/// Rows computed at once: 64 rows of logits over 128k tokens are 32 MiB.
constexpr std::size_t kChunk = 64;

void check(const Tokens& ids, const TextScore& out, std::int64_t vocabulary) {
  const auto refuse = [](const std::string& what) { throw Error(Code::invalid_argument, what); };
  if (ids.empty()) refuse("there are no tokens to score");
  if (out.max_length < 2) refuse("max_length: a window has at least 2 tokens");
  if (out.stride < 1 || out.stride > out.max_length) {
    refuse("stride: from 1 to max_length (" + std::to_string(out.max_length) + "), found " +
           std::to_string(out.stride));
  }
  for (const TokenId id : ids) {
    if (id < 0 || id >= vocabulary) {
      refuse("token id " + std::to_string(id) + " is not in the vocabulary of " +
             std::to_string(vocabulary));
    }
  }
}

/// One window of the text as a sequence of the executor.
class Window {
 public:
  Window(Executor& executor, const Plan& plan, const Tokens& ids)
      : executor_(executor), sequence_(executor.create()) {
    rows_ = prompt_rows(sequence_, ids, Mask(ids.size(), 1), plan.position_source, true);
    set_rotary_length(rows_);
  }
  ~Window() { executor_.drop(sequence_); }
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  /// ln p of the tokens from index `first` ≥ 1 on, in order.
  void score(std::size_t first, const Tokens& ids, std::vector<float>& out) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      rows_[i].logits = i + 1 >= first && i + 1 < rows_.size();
    }
    std::size_t target = first;
    // The last token predicts what is not part of the window, so it is not computed.
    const auto computed = std::span<const Row>(rows_).first(rows_.size() - 1);
    for (std::size_t at = 0; at < computed.size(); at += kChunk) {
      const Output logits =
          executor_.forward(computed.subspan(at, std::min(kChunk, computed.size() - at)));
      target = read(logits, target, ids, out);
    }
  }

 private:
  std::size_t read(const Output& logits, std::size_t target, const Tokens& ids,
                   std::vector<float>& out) {
    const auto columns = static_cast<std::size_t>(executor_.vocabulary());
    row_.resize(columns);
    for (std::size_t at = 0; at < logits.logits.size(); at += columns, ++target) {
      log_softmax(std::span<const float>(logits.logits).subspan(at, columns), row_);
      out.push_back(row_[static_cast<std::size_t>(ids[target])]);
    }
    return target;
  }

  Executor& executor_;
  SequenceId sequence_;
  std::vector<Row> rows_{};
  std::vector<float> row_{};
};

/// Counts what a window has scored: everything from token `first` on.
void add_up(TextScore& out, std::size_t first) {
  for (std::size_t i = first; i < out.log_probabilities.size(); ++i) {
    ++out.scored;
    out.log_likelihood += static_cast<double>(out.log_probabilities[i]);
  }
}

}  // namespace

double TextScore::perplexity() const { return std::exp(-mean()); }

TextScore Model::score(const Tokens& ids, const ScoreOptions& options) const {
  if (has_encoder() || is_bidirectional(parts_->plan)) {
    throw Error(Code::unsupported, parts_->plan.architecture +
                                       " does not continue texts: it has "
                                       "no likelihood of one to show");
  }
  TextScore out{.ids = ids, .log_probabilities = {}};
  const auto longest = std::min<std::size_t>(max_length().value_or(kLongestWindow), kLongestWindow);
  out.max_length = options.max_length > 0 ? options.max_length : static_cast<std::int64_t>(longest);
  out.stride = options.stride > 0 ? options.stride : std::max<std::int64_t>(1, out.max_length / 2);
  check(ids, out, parts_->plan.vocabulary);

  const auto length = static_cast<std::int64_t>(ids.size());
  std::int64_t done = 0;  // tokens that have been targets
  for (std::int64_t begin = 0; done < length; begin += out.stride, ++out.windows) {
    const std::int64_t end = std::min(begin + out.max_length, length);
    const Tokens window(ids.begin() + begin, ids.begin() + end);
    auto first = static_cast<std::size_t>(done - begin);
    if (first == 0) {
      out.log_probabilities.push_back(std::numeric_limits<float>::quiet_NaN());
      first = 1;
    }
    if (first < window.size()) {
      Window(parts_->ready(), parts_->plan, window).score(first, window, out.log_probabilities);
    }
    add_up(out, static_cast<std::size_t>(begin) + first);
    done = end;
  }
  return out;
}

}  // namespace typecase
