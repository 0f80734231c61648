#pragma once

#include "text/chat/value.h"

#include <string>

namespace typecase::chat {

/// The options of one conversion: %-+ #05.3d or {:>+08,.2f}.
struct NumberStyle {
  char type = 0;    // d i u o x X f F e E g G s r a c % n b, or 0
  char sign = '-';  // '-', '+' or ' '
  bool alternative = false;
  char group = 0;  // ',' or '_'
  int precision = -1;
};

/// A finite or infinite float as '%.6f', '%e', '%g' write it, in the C locale.
std::string format_real(double value, char style, int precision, bool alternative = false);

/// Sign and digits of a number apart, so that zeros can stand between them.
struct NumberText {
  std::string sign{}, digits{};
};
NumberText real_text(double value, const NumberStyle& style);
NumberText integer_text(const Value& value, const NumberStyle& style);

}  // namespace typecase::chat
