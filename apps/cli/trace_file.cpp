#include "trace_file.h"

#include <utility>

namespace typecase::cli {

void TraceFile::add_to(Options& table) {
  table.text("trace", "FILE", "write what happens in each step there (-: standard output)", path_);
  table.integer("trace-top", "N", "candidates a step that the trace shows (10)", candidates_, 1,
                1 << 20);
}

trace::Observer TraceFile::observer(std::function<std::string(TokenId)> text) {
  if (!wanted()) return {};
  file_.emplace(path_ == "-" ? Output::standard() : Output::to_file(path_));
  const auto write = [this, text = std::move(text)](const trace::Event& event) {
    *file_ << trace::to_json(event, text).dump() << "\n";
  };
  return {.on_event = write, .candidates = static_cast<std::size_t>(candidates_)};
}

void TraceFile::finish() {
  if (file_) file_->flush();
}

}  // namespace typecase::cli
