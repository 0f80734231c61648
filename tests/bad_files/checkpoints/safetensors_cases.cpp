#include "bad_file.h"
#include "base/limits.h"
#include "checkpoint/test_files.h"

#include <typecase/error.h>

namespace typecase::test {
namespace {

BadFile file(std::string name, std::string bytes) {
  return {std::move(name), {{"config.json", "{}"}, {"model.safetensors", std::move(bytes)}}};
}

BadFile header(std::string name, std::string_view text, std::size_t data = 0) {
  return file(std::move(name), safetensors(text, data));
}

/// A header whose one tensor 'w' has this entry.
BadFile entry(std::string name, const std::string& text, std::size_t data = 0) {
  return header(std::move(name), R"({"w":)" + text + "}", data);
}

/// The entry F32 with this shape and these offsets.
std::string f32_entry(const std::string& shape, const std::string& offsets) {
  return R"({"dtype":"F32","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

std::string nested(int depth) { return std::string(static_cast<std::size_t>(depth), '['); }

}  // namespace

std::vector<BadFile> bad_safetensors() {
  const std::string good = f32_entry("[2]", "[0,8]");
  std::vector<BadFile> out;
  for (std::size_t n = 0; n < 8; ++n) {
    out.push_back(file("safetensors-" + std::to_string(n) + "-bytes", std::string(n, '\1')));
  }
  const std::vector<BadFile> rest = {
      file("safetensors-length-0", u64(0)),
      file("safetensors-length-over-file", u64(3) + "{}"),
      file("safetensors-length-over-limit", u64(limits::kSafetensorsHeader + 1) + "{}"),
      file("safetensors-length-huge", u64(~0ull) + "{}"),
      file("safetensors-length-sign-bit", u64(1ull << 63) + "{}"),
      file("safetensors-is-html", "<!DOCTYPE html><html><body>404 Not Found</body></html>"),
      file("safetensors-is-lfs-pointer",
           "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a"),
      file("safetensors-is-zip", "PK\3\4\24\0\10\0\0\0\0\0\0\0\0\0" + std::string(20, '\0')),
      header("safetensors-leading-space", " {}"),
      header("safetensors-is-array", "[]"),
      header("safetensors-only-brace", "{"),
      header("safetensors-garbage-after", "{} x"),
      header("safetensors-second-object", "{}{}"),
      header("safetensors-nul-padding", std::string_view("{}\0\0", 4)),
      header("safetensors-comma-only", "{,}"),
      header("safetensors-trailing-comma", R"({"w":)" + good + ",}", 8),
      header("safetensors-no-comma", R"({"w":)" + good + R"("v":)" + good + "}", 8),
      header("safetensors-no-colon", R"({"w" {}})"),
      header("safetensors-unclosed", R"({"w":)" + good, 8),
      header("safetensors-name-unquoted", "{w:{}}"),
      header("safetensors-name-number", "{1:{}}"),
      header("safetensors-name-unclosed", R"({"w)"),
      header("safetensors-name-single-quotes", "{'w':{}}"),
      header("safetensors-name-not-utf8", "{\"w\xff\":{}}"),
      header("safetensors-name-overlong-utf8", "{\"w\xc0\xaf\":{}}"),
      header("safetensors-name-surrogate-bytes", "{\"\xed\xa0\x80\":{}}"),
      header("safetensors-name-control", "{\"w\n\":{}}"),
      header("safetensors-name-bad-escape", R"({"w\x41":{}})"),
      header("safetensors-name-short-unicode", R"({"w\u00g1":{}})"),
      header("safetensors-name-lone-high-surrogate", R"({"\ud800":{}})"),
      header("safetensors-name-lone-low-surrogate", R"({"\udc00":{}})"),
      header("safetensors-name-two-high-surrogates", R"({"\ud800\ud800":{}})"),
      header("safetensors-name-too-long", "{\"" + std::string(limits::kName + 1, 'n') + "\":{}}"),
      header("safetensors-name-twice", R"({"w":)" + good + R"(,"w":)" + good + "}", 8),
      header("safetensors-name-twice-escaped",
             R"({"a":)" + good + R"(,"\u0061":)" + f32_entry("[2]", "[8,16]") + "}", 16),
      header("safetensors-metadata-twice", R"({"__metadata__":{},"__metadata__":{}})"),
      header("safetensors-metadata-array", R"({"__metadata__":[]})"),
      header("safetensors-metadata-null", R"({"__metadata__":null})"),
      header("safetensors-metadata-number-value", R"({"__metadata__":{"format":1}})"),
      header("safetensors-metadata-object-value", R"({"__metadata__":{"format":{}}})"),
      header("safetensors-metadata-key-twice", R"({"__metadata__":{"a":"1","a":"2"}})"),
      header("safetensors-metadata-unclosed", R"({"__metadata__":{"a":"1")"),
      entry("safetensors-entry-null", "null"),
      entry("safetensors-entry-array", "[1,2]"),
      entry("safetensors-entry-string", R"("F32")"),
      entry("safetensors-entry-empty", "{}"),
      entry("safetensors-no-dtype", R"({"shape":[2],"data_offsets":[0,8]})", 8),
      entry("safetensors-no-shape", R"({"dtype":"F32","data_offsets":[0,8]})", 8),
      entry("safetensors-no-offsets", R"({"dtype":"F32","shape":[2]})", 8),
      entry("safetensors-unknown-key", R"({"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1})",
            8),
      entry("safetensors-dtype-twice", R"({"dtype":"F32","dtype":"F32"})"),
      entry("safetensors-shape-twice", R"({"shape":[],"shape":[]})"),
      entry("safetensors-offsets-twice", R"({"data_offsets":[0,0],"data_offsets":[0,0]})"),
      entry("safetensors-dtype-unknown", R"({"dtype":"F31","shape":[2],"data_offsets":[0,8]})", 8),
      entry("safetensors-dtype-lower-case", R"({"dtype":"f32","shape":[2],"data_offsets":[0,8]})",
            8),
      entry("safetensors-dtype-of-torch", R"({"dtype":"float32","shape":[2],"data_offsets":[0,8]})",
            8),
      entry("safetensors-dtype-number", R"({"dtype":32,"shape":[2],"data_offsets":[0,8]})", 8),
      entry("safetensors-dtype-empty", R"({"dtype":"","shape":[2],"data_offsets":[0,8]})", 8),
      entry("safetensors-dtype-long", R"({"dtype":")" + std::string(65, 'F') + R"("})"),
      entry("safetensors-dtype-f4", R"({"dtype":"F4","shape":[3],"data_offsets":[0,2]})", 2),
      entry("safetensors-dtype-e8m0", R"({"dtype":"F8_E8M0","shape":[3],"data_offsets":[0,3]})", 3),
      entry("safetensors-dtype-c64", R"({"dtype":"C64","shape":[1],"data_offsets":[0,8]})", 8),
      entry("safetensors-dtype-fp8", R"({"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]})", 2),
      entry("safetensors-shape-null", f32_entry("null", "[0,8]"), 8),
      entry("safetensors-shape-number", f32_entry("2", "[0,8]"), 8),
      entry("safetensors-shape-negative", f32_entry("[-1]", "[0,8]"), 8),
      entry("safetensors-shape-float", f32_entry("[2.0]", "[0,8]"), 8),
      entry("safetensors-shape-exponent", f32_entry("[1e3]", "[0,8]"), 8),
      entry("safetensors-shape-leading-zero", f32_entry("[02]", "[0,8]"), 8),
      entry("safetensors-shape-plus", f32_entry("[+2]", "[0,8]"), 8),
      entry("safetensors-shape-string", f32_entry(R"(["2"])", "[0,8]"), 8),
      entry("safetensors-shape-2-to-63", f32_entry("[9223372036854775808]", "[0,8]"), 8),
      entry("safetensors-shape-trailing-comma", f32_entry("[2,]", "[0,8]"), 8),
      entry("safetensors-shape-unclosed", R"({"dtype":"F32","shape":[2)"),
      entry("safetensors-shape-rank-9", f32_entry("[1,1,1,1,1,1,1,1,1]", "[0,4]"), 4),
      entry("safetensors-shape-deep", f32_entry(nested(100'000), "[0,8]"), 8),
      entry("safetensors-shape-overflow", f32_entry("[9223372036854775807,4]", "[0,8]"), 8),
      entry("safetensors-shape-wraps-to-0", f32_entry("[4294967296,4294967296]", "[0,0]")),
      entry("safetensors-shape-wraps-before-0", f32_entry("[4294967296,4294967296,0]", "[0,0]")),
      entry("safetensors-size-too-small", f32_entry("[3]", "[0,8]"), 8),
      entry("safetensors-size-too-large", f32_entry("[1]", "[0,8]"), 8),
      entry("safetensors-size-of-scalar", f32_entry("[]", "[0,1]"), 1),
      entry("safetensors-offsets-reversed", f32_entry("[2]", "[8,0]"), 8),
      entry("safetensors-offsets-one", f32_entry("[2]", "[8]"), 8),
      entry("safetensors-offsets-three", f32_entry("[2]", "[0,8,8]"), 8),
      entry("safetensors-offsets-negative", f32_entry("[2]", "[-8,0]"), 8),
      entry("safetensors-offsets-float", f32_entry("[2]", "[0.0,8]"), 8),
      entry("safetensors-offsets-huge",
            f32_entry("[2]", "[18446744073709551608,18446744073709551616]"), 8),
      entry("safetensors-past-end", good, 7),
      entry("safetensors-far-past-end",
            f32_entry("[2]", "[9223372036854775799,9223372036854775807]"), 8),
      entry("safetensors-starts-late", f32_entry("[2]", "[4,12]"), 12),
      entry("safetensors-bytes-left-over", good, 9),
      header("safetensors-no-tensors-but-data", "{}", 1),
      header("safetensors-hole", R"({"a":)" + good + R"(,"b":)" + f32_entry("[2]", "[12,20]") + "}",
             20),
      header("safetensors-overlap",
             R"({"a":)" + good + R"(,"b":)" + f32_entry("[2]", "[4,12]") + "}", 12),
      header("safetensors-same-range", R"({"a":)" + good + R"(,"b":)" + good + "}", 8),
      header("safetensors-inside",
             R"({"a":)" + f32_entry("[4]", "[0,16]") + R"(,"b":)" + f32_entry("[1]", "[4,8]") + "}",
             16),
      header("safetensors-empty-inside",
             R"({"a":)" + good + R"(,"b":)" + f32_entry("[0]", "[4,4]") + "}", 8),
  };
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}

}  // namespace typecase::test
