#include "text/postprocessors/trim_offsets.h"

#include <limits>

namespace typecase {
namespace {

using Special = NamedId;

EncodedPart special_part(const Special& special, bool detailed, std::uint8_t type_id) {
  EncodedPart part;
  part.ids = {special.id};
  part.detailed = detailed;
  part.type_id = type_id;
  if (detailed) {
    part.tokens = {special.token};
    part.offsets.resize(1);
  }
  return part;
}

/// [CLS] A [SEP] B [SEP]; type 1 from B on.   Devlin et al. 2018, arXiv:1810.04805.
class BertProcessing final : public PostProcessor {
 public:
  BertProcessing(Special cls, Special sep) : cls_(std::move(cls)), sep_(std::move(sep)) {}

  void process(std::vector<EncodedPart>& parts, bool add_special_tokens) const override {
    if (!add_special_tokens) return;
    std::vector<EncodedPart> out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool detailed = parts[i].detailed;
      if (i == 0) out.push_back(special_part(cls_, detailed, 0));
      out.push_back(std::move(parts[i]));
      out.push_back(special_part(sep_, detailed, i > 0));
    }
    parts = std::move(out);
  }
  std::size_t added_tokens(bool pair) const override { return pair ? 3 : 2; }

 private:
  Special cls_;
  Special sep_;
};

/// <s> A </s></s> B </s>; everything of type 0.   Liu et al. 2019, arXiv:1907.11692.
class RobertaProcessing final : public PostProcessor {
 public:
  RobertaProcessing(Special cls, Special sep, bool trim_offsets, bool add_prefix_space)
      : cls_(std::move(cls)),
        sep_(std::move(sep)),
        trim_offsets_(trim_offsets),
        add_prefix_space_(add_prefix_space) {}

  void process(std::vector<EncodedPart>& parts, bool add_special_tokens) const override {
    for (EncodedPart& part : parts) {
      if (trim_offsets_) trim_offsets(part, add_prefix_space_);
      part.type_id = 0;
    }
    if (!add_special_tokens) return;
    std::vector<EncodedPart> out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool detailed = parts[i].detailed;
      out.push_back(special_part(i == 0 ? cls_ : sep_, detailed, 0));
      out.push_back(std::move(parts[i]));
      out.push_back(special_part(sep_, detailed, 0));
    }
    parts = std::move(out);
  }
  std::size_t added_tokens(bool pair) const override { return pair ? 4 : 2; }

 private:
  Special cls_;
  Special sep_;
  bool trim_offsets_;
  bool add_prefix_space_;
};

/// A pair ["[SEP]", 102].
Special read_special(const ConfigValue& config) {
  const auto pair = config.elements();
  if (pair.size() != 2) {
    throw config.error(Code::bad_file, "expected a token and its id, found " +
                                           std::to_string(pair.size()) + " elements");
  }
  const auto id = pair[1].integer();
  if (id < 0 || id > std::numeric_limits<TokenId>::max()) {
    throw pair[1].error(Code::bad_file, "expected a token id, found " + std::to_string(id));
  }
  return {pair[0].text(), static_cast<TokenId>(id)};
}

}  // namespace

std::unique_ptr<PostProcessor> make_bert_processing(const ConfigValue& config) {
  return std::make_unique<BertProcessing>(read_special(config.at("cls")),
                                          read_special(config.at("sep")));
}

std::unique_ptr<PostProcessor> make_roberta_processing(const ConfigValue& config) {
  return std::make_unique<RobertaProcessing>(
      read_special(config.at("cls")), read_special(config.at("sep")),
      config.flag_or("trim_offsets", true), config.flag_or("add_prefix_space", true));
}

std::unique_ptr<PostProcessor> make_roberta_processing(NamedId cls, NamedId sep, bool trim_offsets,
                                                       bool add_prefix_space) {
  return std::make_unique<RobertaProcessing>(std::move(cls), std::move(sep), trim_offsets,
                                             add_prefix_space);
}

}  // namespace typecase
