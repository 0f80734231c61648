#include "base/limits.h"
#include "base/utf8.h"
#include "text/pattern/pattern.h"

#include <algorithm>

namespace typecase {
namespace {

class Literal final : public TextPattern {
 public:
  explicit Literal(std::string literal) : literal_(std::move(literal)) {}

  void find(std::string_view text, std::vector<Match>& out) const override {
    out.clear();
    if (text.empty()) return;
    if (literal_.empty()) return find_everywhere(text, out);
    for (auto at = text.find(literal_); at != std::string_view::npos;
         at = text.find(literal_, at + literal_.size())) {
      out.push_back(
          {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + literal_.size())});
    }
  }

 private:
  /// Nothing is found in front of every character, and at the end.
  static void find_everywhere(std::string_view text, std::vector<Match>& out) {
    for (std::size_t at = 0; at < text.size(); at += decode_utf8(text, at).size) {
      out.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at)});
    }
    const auto end = static_cast<std::uint32_t>(text.size());
    out.push_back({end, end});
  }

  std::string literal_;
};

}  // namespace

std::unique_ptr<TextPattern> make_literal(std::string text) {
  return std::make_unique<Literal>(std::move(text));
}

void check_growth(std::size_t size, std::size_t matches, std::size_t content) {
  const std::size_t room =
      limits::kReplacedText - std::min<std::size_t>(size, limits::kReplacedText);
  if (matches == 0 || content <= room / matches) return;
  throw Error(Code::limit, "replacements make the text longer than " +
                               std::to_string(limits::kReplacedText) + " bytes");
}

std::unique_ptr<TextPattern> make_pattern(const ConfigValue& config) {
  config.require_object();
  if (config.json().as_object().size() != 1) {
    throw config.error(Code::bad_file, "expected one key, String or Regex, found " +
                                           std::to_string(config.json().as_object().size()));
  }
  if (config.has("String")) return make_literal(config.at("String").text());
  const auto regex = config.at("Regex");
  const std::string& text = regex.text();
  try {
    return make_regex(text);
  } catch (const Error& error) {
    throw regex.error(error.code(), error.message());
  }
}

}  // namespace typecase
