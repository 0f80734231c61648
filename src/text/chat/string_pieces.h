#pragma once

#include "text/chat/meter.h"
#include "text/chat/text.h"

#include <cstdint>
#include <optional>
#include <vector>

/// Cutting, padding and replacing texts; what comes out keeps the origin of each byte.
namespace typecase::chat {

Text stripped(const Text& text, bool left, bool right);
/// Without the characters of `set` at its ends.
Text stripped_of(const Text& text, std::string_view set, bool left, bool right);

/// `count` < 0: all.
Text replaced(const Text& text, const Text& old, const Text& with, std::int64_t count,
              Meter* meter);

enum class Pad { left, right, both };  // where the fill goes
Text padded(const Text& text, std::int64_t width, const Text& fill, Pad where, Meter* meter);
Text repeated_text(std::string_view piece, std::int64_t times, Meter* meter);

/// str.splitlines().
std::vector<Text> lines_of(const Text& text, bool keep_ends);
/// str.split() without a separator; `most` < 0: no limit.
std::vector<Text> words_of(const Text& text, std::int64_t most, Meter* meter);
std::vector<Text> words_from_right(const Text& text, std::int64_t most, Meter* meter);
std::vector<Text> split_at(const Text& text, std::string_view separator, std::int64_t most,
                           Meter* meter);
std::vector<Text> split_from_right(const Text& text, std::string_view separator, std::int64_t most,
                                   Meter* meter);

}  // namespace typecase::chat
