#pragma once

#include <typecase/tokenizer.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace typecase {

inline const std::string kGolden = TYPECASE_SOURCE_DIR "/tests/golden/tokenizers/";

inline std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) out.push_back(line);
  return out;
}

/// The first half of FNV-1a 64, as hexadecimal digits.
inline std::string fnv(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3;
  char out[17];
  std::snprintf(out, sizeof out, "%016llx", static_cast<unsigned long long>(hash));
  return std::string(out).substr(0, 8);
}

/// Everything about an encoding in eight digits, as tools/record_tokenizers.py has it.
inline std::string summary(const Tokenizer& tokenizer, const Encoding& encoding) {
  const auto join = [](const auto& list, char separator, auto&& spell) {
    std::string out;
    bool first = true;
    for (const auto& value : list) {
      if (!first) out += separator;
      first = false;
      out += spell(value);
    }
    return out;
  };
  const auto number = [](auto n) { return std::to_string(n); };
  std::string all = join(encoding.ids, ' ', number) + '\0';
  all += join(encoding.tokens, '\n', [](const std::string& token) { return token; }) + '\0';
  all += join(encoding.offsets, ' ',
              [](Offsets at) { return std::to_string(at.begin) + " " + std::to_string(at.end); }) +
         '\0';
  all += join(encoding.type_ids, ' ', number) + '\0';
  all += tokenizer.decode(encoding.ids) + '\0';
  return fnv(all + tokenizer.decode(encoding.ids, {.skip_special_tokens = true}));
}

/// Where ./dev and tools/fetch_tokenizers.py keep what they have fetched.
inline std::string cache_folder() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value ? value : "");
  };
  if (const auto cache = variable("TYPECASE_CACHE"); !cache.empty()) return cache + "/";
  if (const auto cache = variable("XDG_CACHE_HOME"); !cache.empty()) return cache + "/typecase/";
  return variable("HOME") + "/.cache/typecase/";
}

}  // namespace typecase
