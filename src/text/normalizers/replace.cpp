#include "text/normalizers/normalizer.h"
#include "text/pattern/pattern.h"
#include "text/rewriter.h"

namespace typecase {
namespace {

/// Puts `content`, taken literally, in place of every match. All of it comes from the last
/// character of the match; for an empty match, from the character in front.
class Replace final : public Normalizer {
 public:
  Replace(std::unique_ptr<TextPattern> pattern, std::string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}

  void normalize(AlignedText& text) const override {
    std::vector<TextPattern::Match> matches;
    pattern_->find(text.text, matches);
    if (matches.empty()) return;
    check_growth(text.text.size(), matches.size(), content_.size());
    Rewriter out(text);
    std::size_t done = 0;
    for (const auto match : matches) {
      out.keep(done, match.begin);
      out.remove(match.end - match.begin);
      out.put(content_, 1);
      done = match.end;
    }
    out.keep(done, text.text.size());
    out.finish();
  }

 private:
  std::unique_ptr<TextPattern> pattern_;
  std::string content_;
};

/// Puts a text in front, which belongs to the first character. Leaves empty text empty.
class Prepend final : public Normalizer {
 public:
  explicit Prepend(std::string prefix) : prefix_(std::move(prefix)) {}

  void normalize(AlignedText& text) const override {
    if (text.text.empty() || prefix_.empty()) return;
    if (text.tracked()) text.origin.insert(text.origin.begin(), prefix_.size(), text.origin[0]);
    text.text.insert(0, prefix_);
  }

 private:
  std::string prefix_;
};

}  // namespace

std::unique_ptr<Normalizer> make_replace(const ConfigValue& config) {
  return make_replace(make_pattern(config.at("pattern")), config.at("content").text());
}
std::unique_ptr<Normalizer> make_replace(std::unique_ptr<TextPattern> pattern,
                                         std::string content) {
  return std::make_unique<Replace>(std::move(pattern), std::move(content));
}
std::unique_ptr<Normalizer> make_prepend(const ConfigValue& config) {
  return make_prepend(config.at("prepend").text());
}
std::unique_ptr<Normalizer> make_prepend(std::string prefix) {
  return std::make_unique<Prepend>(std::move(prefix));
}

}  // namespace typecase
