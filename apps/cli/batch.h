#pragma once

#include "options.h"
#include "output.h"

#include <typecase/json.h>

#include <functional>
#include <string>

namespace typecase::cli {

/// --requests IN.jsonl [--output OUT.jsonl]: one JSON object a line in, one a line out.
struct BatchFlags {
  std::string requests{};
  std::string output{};

  void add_to(Options& table);
  bool wanted() const noexcept { return !requests.empty(); }
};

/// Answers one request: appends the members that follow "id", as JSON text that begins with ", ".
/// Throws Error; what it then has appended does not count.
using Answer = std::function<void(const Json& request, std::string& members)>;

/// Opens the request file, calls `open` (which loads the model and returns how to answer), then
/// answers line by line in order. A request that fails gives an error object and the rest go on.
/// Memory does not grow with the number of requests; every answer is written when it is ready.
/// Returns the exit code: 0, or 1 when a request failed. Blank lines are skipped.
int answer_requests(const BatchFlags& flags, Output& standard_output,
                    const std::function<Answer()>& open);

/// , "key": value
void append_member(std::string& members, std::string_view key, const Json& value);

}  // namespace typecase::cli
