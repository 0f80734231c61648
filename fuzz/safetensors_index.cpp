/// parse_shard_index: any text ends in an Error or in plain file names.
#include "checkpoint/index.h"

#include <typecase/error.h>

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto index = typecase::parse_shard_index({reinterpret_cast<const char*>(data), size});
    for (const auto& file : index.files) {
      if (!typecase::is_plain_file_name(file)) std::abort();
    }
    for (const auto& [tensor, file] : index.weight_map) {
      if (tensor.empty() || file >= index.files.size()) std::abort();
    }
  } catch (const typecase::Error&) {
  }
  return 0;
}
