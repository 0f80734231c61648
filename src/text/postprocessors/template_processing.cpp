#include "text/postprocessors/postprocessor.h"

#include <limits>
#include <map>

namespace typecase {
namespace {

/// One place of a template: a text (A is 0, B is 1), or special tokens.
struct Item {
  std::optional<std::size_t> text;
  Tokens ids;
  std::vector<std::string> tokens;
  std::uint8_t type_id = 0;
};

/// Puts the texts and special tokens in the order of a template.
class TemplateProcessing final : public PostProcessor {
 public:
  TemplateProcessing(std::vector<Item> single, std::vector<Item> pair)
      : single_(std::move(single)), pair_(std::move(pair)) {}

  void process(std::vector<EncodedPart>& parts, bool add_special_tokens) const override {
    const auto& items = parts.size() < 2 ? single_ : pair_;
    std::vector<EncodedPart> out;
    for (const Item& item : items) {
      EncodedPart part;
      if (item.text) {
        // A template may name a text twice.
        if (*item.text < parts.size()) part = parts[*item.text];
      } else if (add_special_tokens) {
        part.ids = item.ids;
        part.detailed = parts.front().detailed;
        if (part.detailed) {
          part.tokens = item.tokens;
          part.offsets.resize(item.ids.size());
        }
      } else {
        continue;
      }
      part.type_id = item.type_id;
      out.push_back(std::move(part));
    }
    parts = std::move(out);
  }
  std::size_t added_tokens(bool pair) const override {
    std::size_t sum = 0;
    for (const Item& item : pair ? pair_ : single_) sum += item.ids.size();
    return sum;
  }

 private:
  std::vector<Item> single_;
  std::vector<Item> pair_;
};

struct Special {
  Tokens ids;
  std::vector<std::string> tokens;
};

TokenId token_id(const ConfigValue& value) {
  const auto id = value.integer();
  if (id < 0 || id > std::numeric_limits<TokenId>::max()) {
    throw value.error(Code::bad_file, "expected a token id, found " + std::to_string(id));
  }
  return static_cast<TokenId>(id);
}

std::map<std::string, Special> read_specials(const ConfigValue& config) {
  std::map<std::string, Special> out;
  config.require_object();
  for (const auto& [name, value] : config.json().as_object()) {
    const auto entry = config.at(name);
    Special special;
    for (const auto& id : entry.at("ids").elements()) special.ids.push_back(token_id(id));
    for (const auto& token : entry.at("tokens").elements()) special.tokens.push_back(token.text());
    if (special.ids.size() != special.tokens.size()) {
      throw entry.error(Code::bad_file, "ids has " + std::to_string(special.ids.size()) +
                                            " elements, tokens has " +
                                            std::to_string(special.tokens.size()));
    }
    out[entry.at("id").text()] = std::move(special);
  }
  return out;
}

std::uint8_t type_id(const ConfigValue& config) {
  const auto value = config.at("type_id").integer();
  if (value < 0 || value > 255) {
    throw config.at("type_id").error(Code::bad_file, "expected 0 to 255");
  }
  return static_cast<std::uint8_t>(value);
}

std::vector<Item> read_items(const ConfigValue& config,
                             const std::map<std::string, Special>& specials) {
  std::vector<Item> out;
  for (const auto& element : config.elements()) {
    Item item;
    element.require_object();
    if (element.has("Sequence")) {
      const auto sequence = element.at("Sequence");
      const auto& id = sequence.at("id").text();
      if (id != "A" && id != "B") {
        throw sequence.at("id").error(Code::bad_file, "expected A or B, found " + quote(id));
      }
      item.text = id == "A" ? 0u : 1u;
      item.type_id = type_id(sequence);
    } else {
      const auto token = element.at("SpecialToken");
      const auto found = specials.find(token.at("id").text());
      if (found == specials.end()) {
        throw token.at("id").error(Code::bad_file, "the template uses " +
                                                       quote(token.at("id").text()) +
                                                       ", which special_tokens does not list");
      }
      item.ids = found->second.ids;
      item.tokens = found->second.tokens;
      item.type_id = type_id(token);
    }
    out.push_back(std::move(item));
  }
  return out;
}

}  // namespace

std::unique_ptr<PostProcessor> make_template_processing(const ConfigValue& config) {
  const auto specials = read_specials(config.at("special_tokens"));
  return std::make_unique<TemplateProcessing>(read_items(config.at("single"), specials),
                                              read_items(config.at("pair"), specials));
}

std::unique_ptr<PostProcessor> make_bos_eos_template(std::optional<NamedId> bos,
                                                     std::optional<NamedId> eos) {
  const auto around = [&](std::vector<Item>& out, std::size_t text) {
    const auto special = [&](const std::optional<NamedId>& named) {
      if (!named) return;
      out.push_back({std::nullopt, {named->id}, {named->token}, static_cast<std::uint8_t>(text)});
    };
    special(bos);
    out.push_back({text, {}, {}, static_cast<std::uint8_t>(text)});
    special(eos);
  };
  std::vector<Item> single, pair;
  around(single, 0);
  around(pair, 0);
  around(pair, 1);
  return std::make_unique<TemplateProcessing>(std::move(single), std::move(pair));
}

std::unique_ptr<PostProcessor> make_template(std::string_view single, std::string_view pair,
                                             const std::map<char, NamedId>& specials) {
  const auto items = [&](std::string_view text) {
    std::vector<Item> out;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
      Item item;
      item.type_id = static_cast<std::uint8_t>(text[i + 1] - '0');
      if (text[i] == 'A' || text[i] == 'B') {
        item.text = text[i] == 'A' ? 0u : 1u;
      } else {
        const NamedId& special = specials.at(text[i]);
        item.ids = {special.id};
        item.tokens = {special.token};
      }
      out.push_back(std::move(item));
    }
    return out;
  };
  return std::make_unique<TemplateProcessing>(items(single), items(pair));
}

}  // namespace typecase
