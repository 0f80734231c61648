#pragma once

#include "story.h"

#include <string>

namespace typecase::cli {

/// The picture of a story as one self-contained SVG document (no scripts, fonts or links from
/// elsewhere): what draw_bars() or draw_trees() print.
std::string draw_svg(const Story& story);

}  // namespace typecase::cli
