#pragma once

#include "story.h"

#include <string>

namespace typecase::cli {

/// The steps of a story as probability bars, at most 80 columns: the model's probabilities, beside
/// them what is left after the processors, cut tokens crossed out and named by who cut them.
std::string draw_bars(const Story& story);

}  // namespace typecase::cli
