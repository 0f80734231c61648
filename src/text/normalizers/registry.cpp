#include "text/normalizers/normalizer.h"

namespace typecase {
namespace {

using Maker = std::unique_ptr<Normalizer> (*)(const ConfigValue&);

constexpr std::pair<std::string_view, Maker> kNormalizers[] = {
    {"Sequence", make_normalizer_sequence},
};

}  // namespace

std::unique_ptr<Normalizer> make_normalizer(const ConfigValue& config) {
  const auto type = config.at("type");
  for (const auto& [name, make] : kNormalizers) {
    if (type.text() == name) return make(config);
  }
  throw type.error(Code::unsupported, "the normalizer " + quote(type.text()) + " is not supported");
}

}  // namespace typecase
