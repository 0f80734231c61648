/// GGUF files against what the reference makes of them: tests/golden/checkpoint/record_gguf.py.
#include "checkpoint/checkpoint.h"
#include "tensor/convert.h"

#include <typecase/json.h>

#include <gtest/gtest.h>

#include <fstream>

namespace typecase {
namespace {

/// The checksum of zlib: polynomial 0xEDB88320.
std::uint32_t crc32(std::span<const std::byte> bytes) {
  std::uint32_t crc = ~0u;
  for (const std::byte b : bytes) {
    crc ^= static_cast<std::uint32_t>(b);
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0u);
  }
  return ~crc;
}

Shape shape_of(const Json& array) {
  Shape out;
  for (const Json& extent : array.as_array()) out.push_back(extent.as_integer());
  return out;
}

void compare(const Json& record) {
  const auto checkpoint = Checkpoint::open(TYPECASE_SOURCE_DIR "/" + record.at("file").as_string());
  for (const auto& [key, value] : record.at("config").as_object()) {
    // The reference keeps GPT-2's inner size under a name that its config does not know.
    if (key == "feed_forward_length") continue;
    EXPECT_EQ(checkpoint.config().at(key), value) << key;
  }
  std::size_t compared = 0;
  for (const auto& [name, expected] : record.at("tensors").as_object()) {
    const Tensor* tensor = checkpoint.find(name);
    ASSERT_NE(tensor, nullptr) << name;
    EXPECT_EQ(tensor->shape, shape_of(expected.as_array()[0])) << name;
    const auto values = to_float32(*tensor);
    EXPECT_EQ(crc32(std::as_bytes(std::span(values))), expected.as_array()[1].as_integer()) << name;
    ++compared;
  }
  EXPECT_EQ(compared, checkpoint.tensors().size());
}

TEST(GgufAgainstTheReference, ConfigNamesShapesAndEveryBitOfTheWeights) {
  std::ifstream in(TYPECASE_SOURCE_DIR "/tests/golden/checkpoint/gguf.jsonl");
  int files = 0;
  for (std::string line; std::getline(in, line); ++files) {
    const Json record = Json::parse(line);
    SCOPED_TRACE(record.at("file").as_string());
    compare(record);
  }
  EXPECT_GE(files, 3);
}

}  // namespace
}  // namespace typecase
