#include "engine/step_states.h"

#include "base/checked.h"

#include <algorithm>

namespace typecase {
namespace {

std::size_t computed(const StepShape& s) { return s.length - std::max(s.first, s.skipped); }

/// One row's queries, [q · width], out of a table of all queries.
std::vector<float> hidden_of(std::span<const float> table, std::size_t at, std::size_t width,
                             const StepShape& s) {
  std::vector<float> out((s.length - s.first) * width, 0.0f);
  const auto from = table.subspan(at * width, computed(s) * width);
  std::copy(from.begin(), from.end(), out.end() - std::ssize(from));
  return out;
}

/// One row's probabilities, [head · q · kv]; a query at slot p brings [head · (p − skipped + 1)].
std::vector<float> attentions_of(std::span<const std::vector<float>> queries, const StepShape& s) {
  const std::size_t q = s.length - s.first;
  const std::size_t begin = std::max(s.first, s.skipped);
  const std::size_t heads = queries[0].size() / (begin - s.skipped + 1);
  std::vector<float> out(heads * q * s.length, 0.0f);
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const std::size_t keys = begin + i - s.skipped + 1;
    for (std::size_t head = 0; head < heads; ++head) {
      const auto from = std::span(queries[i]).subspan(head * keys, keys);
      const std::size_t to = (head * q + begin + i - s.first) * s.length + s.skipped;
      std::copy(from.begin(), from.end(), out.begin() + static_cast<std::ptrdiff_t>(to));
    }
  }
  return out;
}

}  // namespace

StepStates step_states(const Output& out, std::span<const StepShape> shapes) {
  std::size_t queries = 0;
  for (const StepShape& s : shapes) queries += computed(s);
  StepStates states;
  for (const auto& layer : out.hidden_states) {
    const std::size_t width = layer.size() / queries;
    TYPECASE_CHECK(layer.size() == width * queries);
    auto& rows = states.hidden.emplace_back();
    std::size_t at = 0;
    for (const StepShape& s : shapes) {
      rows.push_back(hidden_of(layer, at, width, s));
      at += computed(s);
    }
  }
  for (const auto& layer : out.attentions) {
    TYPECASE_CHECK(layer.size() == queries);
    auto& rows = states.attentions.emplace_back();
    std::size_t at = 0;
    for (const StepShape& s : shapes) {
      rows.push_back(attentions_of(std::span(layer).subspan(at, computed(s)), s));
      at += computed(s);
    }
  }
  return states;
}

}  // namespace typecase
