#pragma once

#include "typecase/token.h"

#include <typecase/json.h>

#include <cstring>
#include <fstream>
#include <string>
#include <vector>

namespace typecase::golden {

/// The recorded cases of tests/golden/decode/NAME.jsonl; lines that begin with "#" are comments.
inline std::vector<Json> cases(const std::string& name) {
  std::ifstream file(std::string(TYPECASE_SOURCE_DIR) + "/tests/golden/decode/" + name + ".jsonl");
  std::vector<Json> out;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') out.push_back(Json::parse(line));
  }
  return out;
}

/// Float32 numbers from the base64 of their bytes.
inline std::vector<float> floats(const Json& base64) {
  static const std::string kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  int held = 0;
  for (const char c : base64.as_string()) {
    if (c == '=') break;
    bits = (bits << 6) | static_cast<unsigned>(kDigits.find(c));
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes.push_back(static_cast<char>((bits >> held) & 0xFF));
    }
  }
  std::vector<float> out(bytes.size() / sizeof(float));
  std::memcpy(out.data(), bytes.data(), out.size() * sizeof(float));
  return out;
}

inline Tokens tokens(const Json& list) {
  Tokens out;
  for (const Json& id : list.as_array()) out.push_back(static_cast<TokenId>(id.as_integer()));
  return out;
}

inline std::vector<Tokens> rows(const Json& lists) {
  std::vector<Tokens> out;
  for (const Json& list : lists.as_array()) out.push_back(tokens(list));
  return out;
}

/// How many elements differ in bits; any two NaN are the same.
inline std::size_t differing(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return a.size() + b.size();
  std::size_t out = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool both_nan = a[i] != a[i] && b[i] != b[i];
    if (!both_nan && std::memcmp(&a[i], &b[i], sizeof(float)) != 0) ++out;
  }
  return out;
}

}  // namespace typecase::golden
