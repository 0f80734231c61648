#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace typecase::cli {

/// Columns that UTF-8 text takes on a terminal: 2 for East Asian wide characters and emoji, 0 for
/// combining marks.
std::size_t width_of(std::string_view text);

/// `text` cut to `width` columns (with "…" in place of what is missing) and filled with spaces.
std::string fit(std::string_view text, std::size_t width);
/// The same at the right edge; never cut.
std::string fit_right(std::string_view text, std::size_t width);

/// A token as one can see it: "·" for spaces at its ends, "⏎" for line ends, \x1b for control
/// characters.
std::string visible(std::string_view token);
/// A text on one line: line ends as "⏎", control characters escaped.
std::string one_line(std::string_view text);

/// Lines of at most `width` columns, broken at spaces where there are any.
std::vector<std::string> broken(std::string_view text, std::size_t width);

/// A horizontal bar: `share` (0 to 1) of `width` columns, exact to an eighth; filled with spaces.
std::string bar(double share, std::size_t width);

std::string decimal(double value, int digits);  ///< "−1.022", with a real minus sign
std::string percent(double share);              ///< "57.3 %", "<0.1 %"
std::string short_number(double value);         ///< "1", "0.7"
std::string grouped(std::size_t value);         ///< "49,152"

}  // namespace typecase::cli
