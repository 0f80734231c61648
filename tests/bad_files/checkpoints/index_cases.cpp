#include "bad_file.h"
#include "base/limits.h"
#include "checkpoint/test_files.h"

namespace typecase::test {
namespace {

const std::string kOne =
    safetensors(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4);
const std::string kTwo =
    safetensors(R"({"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4);

/// An index beside two good shards, 1.safetensors with 'a' and 2.safetensors with 'b'.
BadFile index(std::string name, std::string text) {
  return {std::move(name),
          {{"config.json", "{}"},
           {"1.safetensors", kOne},
           {"2.safetensors", kTwo},
           {"model.safetensors.index.json", std::move(text)}}};
}

BadFile map(std::string name, const std::string& weight_map) {
  return index(std::move(name), R"({"weight_map":)" + weight_map + "}");
}

/// The file of tensor 'a', as JSON text.
BadFile file_name(std::string name, const std::string& json) {
  return map(std::move(name), R"({"a":)" + json + "}");
}

std::string many_missing(int n) {
  std::string out = "{";
  for (int i = 0; i < n; ++i) {
    out += (i == 0 ? "\"t" : ",\"t") + std::to_string(i) + R"(":"1.safetensors")";
  }
  return out + "}";
}

std::string many_files(std::uint64_t n) {
  std::string out = "{";
  for (std::uint64_t i = 0; i < n; ++i) {
    const std::string number = std::to_string(i);
    out += (i == 0 ? "\"" : ",\"") + number + "\":\"" + number + ".safetensors\"";
  }
  return out + "}";
}

}  // namespace

std::vector<BadFile> bad_indexes() {
  return {
      index("index-empty-file", ""),
      index("index-not-json", "weight_map"),
      index("index-array", "[]"),
      index("index-cut-off", R"({"weight_map": {"a": "1.safete)"),
      index("index-byte-order-mark", "\xEF\xBB\xBF{}"),
      index("index-not-utf8", "{\"weight_map\": {\"\xff\": \"1.safetensors\"}}"),
      index("index-comment", "{\"weight_map\": {} // nothing\n}"),
      index("index-deep", std::string(100'000, '[')),
      index("index-key-twice", R"({"weight_map":{}, "weight_map":{}})"),
      index("index-no-weight-map", R"({"metadata":{"total_size":4}})"),
      map("index-map-null", "null"),
      map("index-map-array", "[]"),
      map("index-map-empty", "{}"),
      map("index-tensor-twice", R"({"a":"1.safetensors","a":"2.safetensors"})"),
      map("index-tensor-empty-name", R"({"":"1.safetensors"})"),
      map("index-tensor-long-name",
          "{\"" + std::string(limits::kName + 1, 'n') + R"(":"1.safetensors"})"),
      file_name("index-file-null", "null"),
      file_name("index-file-number", "1"),
      file_name("index-file-list", R"(["1.safetensors"])"),
      file_name("index-file-empty", R"("")"),
      file_name("index-file-dot", R"(".")"),
      file_name("index-file-parent", R"("../1.safetensors")"),
      file_name("index-file-absolute", R"("/etc/passwd")"),
      file_name("index-file-folder", R"("x/1.safetensors")"),
      file_name("index-file-backslash", R"("..\\1.safetensors")"),
      file_name("index-file-drive", R"("C:1.safetensors")"),
      file_name("index-file-nul", R"("1.safetensors\u0000.safetensors")"),
      file_name("index-file-newline", R"("1\n.safetensors")"),
      file_name("index-file-long", "\"" + std::string(256, 'f') + "\""),
      file_name("index-file-pickle", R"("pytorch_model.bin")"),
      file_name("index-file-missing", R"("3.safetensors")"),
      map("index-files-missing-20", many_files(20)),
      map("index-files-over-limit", many_files(limits::kShards + 1)),
      map("index-tensor-absent", R"({"a":"1.safetensors","c":"2.safetensors"})"),
      map("index-tensors-absent-12", many_missing(12)),
      map("index-tensor-in-other-shard", R"({"a":"2.safetensors","b":"1.safetensors"})"),
      {"index-tensor-in-two-shards",
       {{"config.json", "{}"},
        {"1.safetensors", kOne},
        {"2.safetensors", kOne},
        {"model.safetensors.index.json",
         R"({"weight_map":{"a":"1.safetensors","b":"2.safetensors"}})"}}},
      {"index-shard-bad",
       {{"config.json", "{}"},
        {"1.safetensors", "1234567"},
        {"model.safetensors.index.json", R"({"weight_map":{"a":"1.safetensors"}})"}}},
      {"index-without-shards",
       {{"config.json", "{}"},
        {"model.safetensors.index.json",
         R"({"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}})"}}},
      {"index-is-missing", {{"config.json", "{}"}, {"model-00001-of-00002.safetensors", kOne}}},
  };
}

}  // namespace typecase::test
