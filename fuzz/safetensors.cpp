/// parse_safetensors: any bytes end in an Error or in entries that cover the file exactly.
///
/// Plain byte flips die at the header's length, so the mutator works on the JSON and then repairs
/// the length before it and the amount of data behind it.
#include "checkpoint/safetensors.h"

#include <typecase/error.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto entries = typecase::parse_safetensors(std::as_bytes(std::span(data, size)));
    std::uint64_t covered = 0;
    for (const auto& e : entries) {
      if (e.begin > e.end || e.end > size) std::abort();
      std::uint64_t bytes = typecase::traits(e.dtype).block_bytes;
      for (const auto extent : e.shape) bytes *= static_cast<std::uint64_t>(extent);
      if (bytes != e.end - e.begin) std::abort();
      covered += bytes;
    }
    std::uint64_t header;
    std::memcpy(&header, data, sizeof header);
    if (covered != size - sizeof header - header) std::abort();
  } catch (const typecase::Error&) {
  }
  return 0;
}

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

/// The largest number in the text that data could reach.
std::size_t wanted_data(std::string_view json, std::size_t most) {
  std::size_t largest = 0;
  for (std::size_t at = json.find("data_offsets"); at != std::string_view::npos;
       at = json.find("data_offsets", at + 1)) {
    const std::size_t comma = json.find(',', at);
    if (comma == std::string_view::npos) break;
    std::size_t value = 0, i = comma + 1;
    while (i < json.size() && json[i] >= '0' && json[i] <= '9' && value < most) {
      value = 10 * value + static_cast<std::size_t>(json[i++] - '0');
    }
    if (value <= most) largest = std::max(largest, value);
  }
  return largest;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned int seed) {
  if (size < 9 || most < 16 || seed % 16 == 0) return LLVMFuzzerMutate(data, size, most);
  std::uint64_t length;
  std::memcpy(&length, data, sizeof length);
  length = std::min<std::uint64_t>(length, size - 8);
  std::vector<std::uint8_t> json(data + 8, data + 8 + length);
  json.resize(most - 8);
  length = LLVMFuzzerMutate(json.data(), length, json.size());
  const std::string_view text(reinterpret_cast<const char*>(json.data()), length);
  const std::size_t tail = wanted_data(text, most - 8 - length);
  std::memcpy(data, &length, sizeof length);
  std::memcpy(data + 8, json.data(), length);
  std::memset(data + 8 + length, 0, tail);
  return 8 + length + tail;
}
#endif
