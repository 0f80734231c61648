#include "text/pretokenizers/pretokenizer.h"

namespace typecase {
namespace {

class Sequence final : public PreTokenizer {
 public:
  explicit Sequence(std::vector<std::unique_ptr<PreTokenizer>> parts) : parts_(std::move(parts)) {}
  void split(Pieces& pieces) const override {
    for (const auto& part : parts_) part->split(pieces);
  }
  bool needs_origins(bool) const noexcept override { return looks_at_origins(); }
  bool looks_at_origins() const noexcept override {
    for (const auto& part : parts_) {
      if (part->looks_at_origins()) return true;
    }
    return false;
  }

 private:
  std::vector<std::unique_ptr<PreTokenizer>> parts_;
};

constexpr std::size_t kKnownSplits = 3;

/// The patterns of the first elements, if those are splits that isolate what a regex matches.
std::vector<std::string_view> leading_splits(const std::vector<ConfigValue>& elements) {
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < std::min(elements.size(), kKnownSplits); ++i) {
    const Json& split = elements[i].json();
    const auto text = [&](const Json* value) {
      return value && value->is_string() ? std::string_view(value->as_string()) : "";
    };
    const Json* pattern = split.find("pattern");
    const Json* invert = split.find("invert");
    if (text(split.find("type")) != "Split" || text(split.find("behavior")) != "Isolated") break;
    if (!pattern || !invert || !invert->is_bool() || invert->as_bool()) break;
    out.push_back(text(pattern->find("Regex")));
  }
  return out;
}

}  // namespace

std::unique_ptr<PreTokenizer> make_pre_tokenizer_sequence(
    std::vector<std::unique_ptr<PreTokenizer>> parts) {
  return std::make_unique<Sequence>(std::move(parts));
}

std::unique_ptr<PreTokenizer> make_pre_tokenizer_sequence(const ConfigValue& config) {
  std::vector<std::unique_ptr<PreTokenizer>> parts;
  const auto elements = config.at("pretokenizers").elements();
  std::size_t done = 0;
  if (auto known = make_known_sequence(leading_splits(elements))) {
    parts.push_back(std::move(known));
    done = kKnownSplits;
  }
  for (; done < elements.size(); ++done) parts.push_back(make_pre_tokenizer(elements[done]));
  return make_pre_tokenizer_sequence(std::move(parts));
}

}  // namespace typecase
