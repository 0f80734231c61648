#include "request_fields.h"

#include <typecase/error.h>
#include <typecase/generator.h>

#include <algorithm>
#include <limits>

namespace typecase::cli {
namespace {

[[noreturn]] void refuse(std::string_view key, const std::string& expected, const Json& found) {
  throw Error(Code::invalid_argument, std::string(key) + ": expected " + expected + ", found " +
                                          (found.is_null() ? "null" : std::string(found.kind())));
}

const Json& member(const Json& request, std::string_view key) {
  const Json* found = request.find(key);
  if (found == nullptr) {
    throw Error(Code::invalid_argument, "the request has no " + quote(key));
  }
  return *found;
}

}  // namespace

const Json* optional_member(const Json& request, std::string_view key) {
  const Json* found = request.find(key);
  return found != nullptr && !found->is_null() ? found : nullptr;
}

bool flag_or(const Json& request, std::string_view key, bool otherwise) {
  const Json* found = optional_member(request, key);
  if (found == nullptr) return otherwise;
  if (!found->is_bool()) refuse(key, "true or false", *found);
  return found->as_bool();
}

std::vector<std::string> texts_of(const Json& request, std::string_view key) {
  const Json& value = member(request, key);
  if (value.is_string()) return {value.as_string()};
  if (!value.is_array() || value.size() == 0) refuse(key, "a text or a list of texts", value);
  std::vector<std::string> out;
  for (const Json& text : value.as_array()) {
    if (!text.is_string()) refuse(key, "a text or a list of texts", text);
    out.push_back(text.as_string());
  }
  return out;
}

Tokens ids_of(const Json& list, std::string_view key) {
  if (!list.is_array()) refuse(key, "a list of token ids", list);
  Tokens out;
  out.reserve(list.size());
  for (const Json& id : list.as_array()) {
    if (!id.is_integer()) refuse(key, "token ids, which are integers", id);
    const std::int64_t value = id.as_integer();
    if (value < 0 || value > std::numeric_limits<TokenId>::max()) {
      throw Error(Code::invalid_argument,
                  std::string(key) + ": " + std::to_string(value) + " is no token id");
    }
    out.push_back(static_cast<TokenId>(value));
  }
  return out;
}

std::vector<Tokens> token_rows(const Json& request, std::string_view key) {
  const Json& value = member(request, key);
  if (!value.is_array() || value.size() == 0) refuse(key, "a list of lists of token ids", value);
  std::vector<Tokens> rows;
  for (const Json& row : value.as_array()) {
    rows.push_back(ids_of(row, key));
    if (rows.back().empty()) {
      throw Error(Code::invalid_argument, std::string(key) + ": a row needs at least one id");
    }
    if (rows.back().size() != rows.front().size()) {
      throw Error(Code::invalid_argument, std::string(key) + ": all rows need one length, found " +
                                              std::to_string(rows.front().size()) + " and " +
                                              std::to_string(rows.back().size()) +
                                              "; pad on the left");
    }
  }
  return rows;
}

std::vector<Mask> mask_rows(const Json& request, std::string_view key,
                            const std::vector<Tokens>& shape) {
  if (optional_member(request, key) == nullptr) return {};
  const std::vector<Tokens> rows = token_rows(request, key);
  if (rows.size() != shape.size() || rows.front().size() != shape.front().size()) {
    throw Error(Code::invalid_argument, std::string(key) + ": needs the shape of the ids, [" +
                                            std::to_string(shape.size()) + "][" +
                                            std::to_string(shape.front().size()) + "]");
  }
  std::vector<Mask> out;
  for (const Tokens& row : rows) {
    if (std::any_of(row.begin(), row.end(), [](TokenId v) { return v > 1; })) {
      throw Error(Code::invalid_argument, std::string(key) + ": expected 0 and 1");
    }
    out.emplace_back(row.begin(), row.end());
  }
  return out;
}

void seed_as_asked(const Json& request) {
  const Json* seed = optional_member(request, "seed");
  if (seed == nullptr) return;
  if (!seed->is_integer()) refuse("seed", "an integer from -2^63 to 2^63 - 1", *seed);
  default_generator().seed(seed->as_integer());
}

std::vector<Mask> pad_left(std::vector<Tokens>& rows, TokenId pad) {
  std::size_t length = 0;
  for (const Tokens& row : rows) length = std::max(length, row.size());
  std::vector<Mask> mask;
  for (Tokens& row : rows) {
    const std::size_t missing = length - row.size();
    mask.emplace_back(length, std::uint8_t{1});
    std::fill_n(mask.back().begin(), missing, std::uint8_t{0});
    row.insert(row.begin(), missing, pad);
  }
  return mask;
}

}  // namespace typecase::cli
