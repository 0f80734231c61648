#pragma once

#include <typecase/generation_config.h>

#include <set>
#include <string>
#include <vector>

namespace typecase {

/// The checks that need no prompt. Throws Error(invalid_argument) for a configuration that cannot
/// be meant; the fields that would be ignored as things stand go into one warning.
///
/// `set_by_user` are the fields this step set: a field that only matters with another (top_p with
/// do_sample) stays silent when the user set the other one and not it.
void validate(const GenerationConfig& fields, const std::set<std::string>& set_by_user,
              std::vector<std::string>* warnings);

/// Adds a sentence once.
void warn(std::vector<std::string>* warnings, std::string sentence);

}  // namespace typecase
