#pragma once

#include "options.h"

#include <string>
#include <string_view>

namespace typecase::cli {

/// `text` broken at spaces into lines of at most `width` bytes; every line but the first begins
/// with `indent` spaces, and the first is taken to begin at column `indent` too.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width = 80);

/// The options of a command as people read them, 80 columns wide; `all` shows rare ones too.
std::string options_help(const Options& options, bool all);

}  // namespace typecase::cli
