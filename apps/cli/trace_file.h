#pragma once

#include "options.h"
#include "output.h"

#include <typecase/trace.h>

#include <functional>
#include <optional>
#include <string>

namespace typecase::cli {

/// --trace FILE: the events of docs/trace.md, one JSON object a line, written as they come.
class TraceFile {
 public:
  void add_to(Options& table);
  void to_standard_output() { path_ = "-"; }
  bool wanted() const { return !path_.empty(); }

  /// What a request needs to write them; empty when nobody asked. `text`: of one token.
  /// REQUIRES: this object outlives the call. Throws what opening the file throws.
  trace::Observer observer(std::function<std::string(TokenId)> text);
  void finish();  ///< everything is in the file

 private:
  std::string path_{};
  int candidates_ = 10;
  std::optional<Output> file_{};
};

}  // namespace typecase::cli
