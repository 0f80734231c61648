#pragma once

#include "text/chat/builtin.h"
#include "text/chat/number_text.h"
#include "text/chat/value.h"

namespace typecase::chat {

/// format % arguments, as Python's str does it.
Value percent_format(const Value& format, const Value& arguments, Meter* meter);

/// format.format(arguments…), with attribute and item access under the sandbox's rules.
Value brace_format(Call& call);

}  // namespace typecase::chat
