#include "backend/rows.h"

#include "base/checked.h"

#include <map>

namespace typecase {

namespace {

void check_row(const Row& row, const RowLimits& limits) {
  if (row.token < 0 || row.token >= limits.vocabulary) {
    throw Error(Code::invalid_argument, "token id " + std::to_string(row.token) +
                                            " is outside the model's vocabulary of " +
                                            std::to_string(limits.vocabulary) + " ids");
  }
  if (row.position < 0 || (limits.max_positions > 0 && row.position >= limits.max_positions)) {
    throw Error(Code::invalid_argument, "position " + std::to_string(row.position) +
                                            " does not exist: this model has " +
                                            std::to_string(limits.max_positions) + " positions");
  }
}

}  // namespace

void check_rows(std::span<const Row> rows, const RowLimits& limits,
                const std::function<std::int32_t(SequenceId)>& length) {
  std::map<SequenceId, std::int32_t> next;
  for (const Row& row : rows) {
    check_row(row, limits);
    const auto [at, first] = next.try_emplace(row.sequence, 0);
    if (first) at->second = length(row.sequence);
    TYPECASE_CHECK(row.slot == at->second);
    ++at->second;
  }
}

void check_text(std::span<const Row> text, const RowLimits& limits) {
  std::int32_t slot = 0;
  for (const Row& row : text) {
    check_row(row, limits);
    TYPECASE_CHECK(row.slot == slot);
    ++slot;
  }
}

}  // namespace typecase
