#pragma once

#include <typecase/trace.h>

#include <vector>

namespace typecase::python {

/// The events of one or several calls, as they came.
struct Trace {
  std::size_t candidates = 10;
  std::vector<trace::Event> events{};

  trace::Observer observer() {
    return {.on_event = [this](const trace::Event& event) { events.push_back(event); },
            .candidates = candidates};
  }
};

}  // namespace typecase::python
