#pragma once

#include <string>

namespace typecase::cli {

/// Completion scripts, generated from the same option tables that parse and explain the options.
/// `shell`: bash, zsh or fish.
std::string completion_script(const std::string& shell);

/// The manual page in man(7)'s language, from the same tables.
std::string manual_page();

}  // namespace typecase::cli
