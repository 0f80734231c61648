/// config.json and generation_config.json: any text ends in an Error or an object, and every typed
/// question to it in a value of the promised range or an Error.
#include "checkpoint/config.h"

#include "ask.h"
#include "checkpoint/folder.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace typecase;
  using fuzz::ask, fuzz::expect;
  ask([&] {
    const Json object = parse_json_object({reinterpret_cast<const char*>(data), size});
    expect(object.is_object());
    for (const auto& [key, value] : object.as_object()) {
      ask([&, &k = key] {
        const auto v = config::integer(object, k, 1, 1000);
        expect(v >= 1 && v <= 1000);
      });
      ask([&, &k = key] {
        const double v = config::number_or(object, k, 1.0, 0.0, 1e6);
        expect(std::isfinite(v) && v >= 0 && v <= 1e6);
      });
      ask([&, &k = key] { config::boolean_or(object, k, false); });
      ask([&, &k = key] { config::string_or(object, k, ""); });
      ask([&, &k = key] { config::one_of(object, k, {"gelu", "silu"}); });
    }
    ask([&] { refuse_quantised(object); });
  });
  return 0;
}
