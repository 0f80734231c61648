#pragma once

#include <string>
#include <vector>

namespace typecase {

std::string version();            ///< "0.1.0"
std::string build_description();  ///< compiler and build type

/// Instruction-set levels of this build, best first.
struct IsaLevel {
  std::string name;
  bool available;            ///< this processor can run it
  std::string against = {};  ///< why it is not taken there unless it is asked for; or empty
};
std::vector<IsaLevel> isa_levels();

/// Where models are kept: $TYPECASE_CACHE, else $XDG_CACHE_HOME/typecase, else ~/.cache/typecase.
std::string cache_folder();

/// The path of the model that is meant when none is named: TYPECASE_MODEL, else the default model
/// in the cache. Throws Error(not_found) naming the command that fetches it.
std::string default_model();

}  // namespace typecase
