#include "models/registry.h"

#include <typecase/families.h>

namespace typecase {

std::vector<ModelFamily> model_families() {
  std::vector<ModelFamily> out;
  for (const Family& f : families()) {
    out.push_back(
        {std::string(f.architecture), std::string(f.model_type), std::string(f.description)});
  }
  return out;
}

}  // namespace typecase
