#include "text/normalizers/precompiled.h"

#include "text/base64.h"
#include "text/pattern/pattern.h"
#include "text/rewriter.h"
#include "text/unicode/grapheme.h"

#include <typecase/error.h>
#include <typecase/utf8.h>

#include <cstring>

namespace typecase {

CharsMap::CharsMap(std::string_view blob) {
  if (blob.size() < 4) {
    throw Error(Code::bad_file, "the character map has " + std::to_string(blob.size()) +
                                    " bytes; its size alone takes 4");
  }
  std::uint32_t bytes = 0;
  std::memcpy(&bytes, blob.data(), 4);
  if (bytes % 4 != 0 || bytes > blob.size() - 4) {
    throw Error(Code::bad_file, "the character map's trie has " + std::to_string(bytes) +
                                    " bytes, after its size there are " +
                                    std::to_string(blob.size() - 4));
  }
  units_.resize(bytes / 4);
  if (bytes > 0) std::memcpy(units_.data(), blob.data() + 4, bytes);
  replacements_ = blob.substr(4 + bytes);
  if (first_invalid_utf8(replacements_)) {
    throw Error(Code::bad_file, "the character map's replacements are not valid UTF-8");
  }
}

template <class Found>
void CharsMap::walk(std::string_view text, Found&& found) const noexcept {
  const auto offset = [](std::uint32_t unit) -> std::size_t {
    return std::size_t{unit >> 10} << ((unit & (1u << 9)) >> 6);
  };
  if (units_.empty()) return;
  std::size_t at = offset(units_[0]);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == 0) return;
    at ^= byte;
    if (at >= units_.size()) return;
    const std::uint32_t unit = units_[at];
    if ((unit & (1u << 31 | 0xFF)) != byte) return;
    at ^= offset(unit);
    if ((unit >> 8 & 1) == 0) continue;
    if (at >= units_.size()) return;
    const std::size_t begin = units_[at] & ~(1u << 31);
    if (begin > replacements_.size()) return;
    if (begin < replacements_.size() &&
        (static_cast<unsigned char>(replacements_[begin]) & 0xC0) == 0x80) {
      return;  // inside a character
    }
    const auto rest = std::string_view(replacements_).substr(begin);
    if (!found(i + 1, rest.substr(0, rest.find('\0')))) return;
  }
}

bool CharsMap::find(std::string_view text, std::string_view& replacement) const noexcept {
  bool is_there = false;
  walk(text, [&](std::size_t, std::string_view by) {
    replacement = by;
    is_there = true;
    return false;
  });
  return is_there;
}

std::size_t CharsMap::longest(std::string_view text, std::string_view& replacement) const noexcept {
  std::size_t bytes = 0;
  walk(text, [&](std::size_t size, std::string_view by) {
    replacement = by;
    bytes = size;
    return true;
  });
  return bytes;
}

namespace {

constexpr std::size_t kWholeCluster = 6;  // bytes; clusters shorter than this are looked up whole

struct Change {
  char32_t c;
  int change;
};

/// Each short grapheme cluster as a whole, and each character of the others.
class Precompiled final : public Normalizer {
 public:
  explicit Precompiled(CharsMap map) : map_(std::move(map)) {}

  void normalize(AlignedText& text) const override {
    std::vector<Change> changes;
    changes.reserve(text.text.size());
    bool modified = false;
    for (std::size_t at = 0; at < text.text.size();) {
      check_growth(changes.size(), 1, 1);
      const std::size_t end = unicode::end_of_grapheme(text.text, at);
      const auto cluster = std::string_view(text.text).substr(at, end - at);
      at = end;
      std::string_view by;
      if (cluster.size() < kWholeCluster && map_.find(cluster, by)) {
        modified = true;
        replace(cluster, by, changes);
        continue;
      }
      for (std::size_t i = 0; i < cluster.size();) {
        const auto c = decode_utf8(cluster, i);
        if (map_.find(cluster.substr(i, c.size), by)) {
          modified = true;
          replace(cluster.substr(i, c.size), by, changes);
        } else {
          changes.push_back({c.code_point, 0});
        }
        i += c.size;
      }
    }
    if (!modified) return;
    Rewriter out(text);
    for (const Change& change : changes) out.put(change.c, change.change);
    out.finish();
  }

 private:
  /// As many characters as `part` has replace it, more are inserted. When there are fewer, the last
  /// character put so far takes the loss, whatever it belongs to.
  static void replace(std::string_view part, std::string_view by, std::vector<Change>& out) {
    const auto old_count = static_cast<int>(count_code_points(part));
    int count = 0;
    for (std::size_t i = 0; i < by.size(); ++count) {
      const auto c = decode_utf8(by, i);
      out.push_back({c.code_point, 0});
      i += c.size;
    }
    for (int i = 0; i < count - old_count; ++i) out[out.size() - 1 - std::size_t(i)].change = 1;
    if (count < old_count && !out.empty()) out.back().change += count - old_count;
  }

  CharsMap map_;
};

}  // namespace

std::unique_ptr<Normalizer> make_precompiled(CharsMap map) {
  return std::make_unique<Precompiled>(std::move(map));
}

std::unique_ptr<Normalizer> make_precompiled(const ConfigValue& config) {
  const auto value = config.at("precompiled_charsmap");
  const std::string& base64 = value.text();
  try {
    return make_precompiled(CharsMap(decode_base64(base64)));
  } catch (const Error& error) {
    throw value.error(error.code(), error.message());
  }
}

}  // namespace typecase
