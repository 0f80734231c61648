#include "text/shape.h"

#include "base/checked.h"
#include "base/limits.h"

#include <algorithm>
#include <limits>

namespace typecase {
namespace {

bool is_left(const ConfigValue& config) {
  if (!config.has("direction")) return false;
  const auto direction = config.at("direction");
  if (direction.text() == "Left") return true;
  if (direction.text() == "Right") return false;
  throw direction.error(Code::bad_file, "expected Left or Right, found " + quote(direction.text()));
}

std::size_t count(const ConfigValue& value) {
  if (value.integer() < 0) {
    throw value.error(Code::bad_file,
                      "expected 0 or more, found " + std::to_string(value.integer()));
  }
  return static_cast<std::size_t>(value.integer());
}

template <class T>
void keep(std::vector<T>& list, std::size_t length, bool left) {
  if (list.size() <= length) return;
  const auto extra = static_cast<std::ptrdiff_t>(list.size() - length);
  if (left) {
    list.erase(list.begin(), list.begin() + extra);
  } else {
    list.erase(list.end() - extra, list.end());
  }
}

void cut(EncodedPart& part, std::size_t length, const Truncation& how) {
  if (length >= part.ids.size()) return;
  if (length > 0 && how.stride >= length) {
    throw Error(Code::invalid_argument, "truncation to " + std::to_string(length) +
                                            " tokens needs a stride below that, it is " +
                                            std::to_string(how.stride));
  }
  keep(part.ids, length, how.left);
  keep(part.tokens, length, how.left);
  keep(part.offsets, length, how.left);
}

/// The longer text loses first; when both are longer than half, both end at half.
void cut_longest(std::vector<EncodedPart>& parts, std::size_t most, const Truncation& how) {
  if (parts.size() == 1) return cut(parts[0], most, how);
  const bool swapped = parts[0].ids.size() > parts[1].ids.size();
  EncodedPart& shorter = parts[swapped ? 1 : 0];
  EncodedPart& longer = parts[swapped ? 0 : 1];
  std::size_t n1 = shorter.ids.size();
  std::size_t n2 = n1 > most ? n1 : std::max(n1, most - n1);
  if (n1 + n2 > most) {
    n1 = most / 2;
    n2 = n1 + most % 2;
  }
  cut(shorter, n1, how);
  cut(longer, n2, how);
}

}  // namespace

Truncation read_truncation(const ConfigValue& config) {
  Truncation out;
  out.max_length = count(config.at("max_length"));
  out.stride = count(config.at("stride"));
  const auto strategy = config.at("strategy");
  if (strategy.text() == "OnlyFirst") {
    out.strategy = Truncation::Strategy::only_first;
  } else if (strategy.text() == "OnlySecond") {
    out.strategy = Truncation::Strategy::only_second;
  } else if (strategy.text() != "LongestFirst") {
    throw strategy.error(Code::bad_file, "expected LongestFirst, OnlyFirst or OnlySecond, found " +
                                             quote(strategy.text()));
  }
  out.left = is_left(config);
  return out;
}

Padding read_padding(const ConfigValue& config) {
  constexpr std::size_t kMost = limits::kPadding;
  Padding out;
  const auto strategy = config.at("strategy");
  if (strategy.json().is_object()) {
    const auto fixed = strategy.at("Fixed");
    out.fixed = count(fixed);
    if (*out.fixed > kMost) {
      throw fixed.error(Code::limit, "the padding is " + std::to_string(*out.fixed) +
                                         " tokens, the limit is " + std::to_string(kMost));
    }
  } else if (strategy.text() != "BatchLongest") {
    throw strategy.error(Code::bad_file,
                         "expected BatchLongest or Fixed, found " + quote(strategy.text()));
  }
  if (config.has("pad_to_multiple_of")) {
    const auto multiple = config.at("pad_to_multiple_of");
    out.multiple = count(multiple);
    if (out.multiple > kMost) {
      throw multiple.error(Code::limit, "the multiple is " + std::to_string(out.multiple) +
                                            ", the limit is " + std::to_string(kMost));
    }
  }
  out.left = is_left(config);
  const auto id = config.at("pad_id");
  if (count(id) > static_cast<std::size_t>(std::numeric_limits<TokenId>::max())) {
    throw id.error(Code::bad_file, "expected a token id, found " + std::to_string(id.integer()));
  }
  out.id = static_cast<TokenId>(id.integer());
  const auto type = config.at("pad_type_id");
  if (count(type) > 255) throw type.error(Code::bad_file, "expected 0 to 255");
  out.type_id = static_cast<std::uint8_t>(type.integer());
  out.token = config.at("pad_token").text();
  return out;
}

void truncate(std::vector<EncodedPart>& parts, const Truncation& how, std::size_t added) {
  TYPECASE_CHECK(!parts.empty());
  // The reference's subtraction wraps around here, and then nothing is cut.
  if (added > how.max_length) return;
  const std::size_t most = how.max_length - added;
  std::size_t total = 0;
  for (const EncodedPart& part : parts) total += part.ids.size();
  if (most == 0) {
    for (EncodedPart& part : parts) cut(part, 0, how);
    return;
  }
  if (total <= most) return;
  if (how.strategy == Truncation::Strategy::longest_first) return cut_longest(parts, most, how);
  const bool second = how.strategy == Truncation::Strategy::only_second;
  if (second && parts.size() < 2) {
    throw Error(Code::invalid_argument, "truncation of the second text needs two texts");
  }
  EncodedPart& part = parts[second ? 1 : 0];
  if (part.ids.size() <= total - most) {
    throw Error(Code::invalid_argument, "the text to truncate has " +
                                            std::to_string(part.ids.size()) + " tokens, " +
                                            std::to_string(total - most) + " would have to go");
  }
  cut(part, part.ids.size() - (total - most), how);
}

void pad(Encoding& encoding, const Padding& how, std::size_t longest) {
  std::size_t length = how.fixed.value_or(longest);
  if (how.multiple > 0 && length % how.multiple > 0) length += how.multiple - length % how.multiple;
  if (encoding.ids.size() >= length) return;
  const std::size_t missing = length - encoding.ids.size();
  const auto fill = [&](auto& list, const auto& value) {
    list.insert(how.left ? list.begin() : list.end(), missing, value);
  };
  const bool has_offsets = encoding.offsets.size() == encoding.ids.size();
  if (has_offsets) fill(encoding.offsets, Offsets{});
  fill(encoding.tokens, how.token);
  fill(encoding.type_ids, how.type_id);
  fill(encoding.ids, how.id);
  encoding.pads = missing;
  encoding.pads_left = how.left;
}

}  // namespace typecase
