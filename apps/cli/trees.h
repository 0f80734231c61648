#pragma once

#include "story.h"

#include <string>

namespace typecase::cli {

/// The searches of a story as trees, at most 80 columns, each with its final ranking.
std::string draw_trees(const Story& story);

}  // namespace typecase::cli
