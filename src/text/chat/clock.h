#pragma once

#include "text/chat/meter.h"

#include <typecase/chat.h>

#include <string>
#include <string_view>

namespace typecase::chat {

/// Python's datetime.strftime of a moment without a zone, in the C locale.
std::string format_time(const ClockTime& moment, std::string_view format, Meter* meter);

}  // namespace typecase::chat
