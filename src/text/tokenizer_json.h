#pragma once

#include "text/models/class_model.h"
#include "text/tokenizer_impl.h"

#include <string>
#include <string_view>

namespace typecase {

/// Reads the text of a tokenizer.json.
/// Throws Error(bad_file), Error(unsupported) or Error(limit) whose place is the JSON pointer of
/// the culprit, or the line where the text stops being JSON.
/// `cls` holds the model's settings of a class that does not take them from the file.
TokenizerParts parse_tokenizer_json(std::string_view text, const ClassModel& cls = {});

/// The same from a file; its name is added to the place of errors.
TokenizerParts read_tokenizer_json(const std::string& path, const ClassModel& cls = {});

}  // namespace typecase
