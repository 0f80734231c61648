#pragma once

#include <string>
#include <vector>

namespace typecase {

/// A family of networks that can be run.
struct ModelFamily {
  std::string architecture;  ///< the class in config.json's `architectures`
  std::string model_type;    ///< config.json's `model_type`
  std::string description;   ///< one line: its best-known checkpoints
};

/// All of them, in the order of their architectures' names.
std::vector<ModelFamily> model_families();

}  // namespace typecase
