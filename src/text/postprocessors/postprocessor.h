#pragma once

#include "text/config_value.h"

#include <typecase/tokenizer.h>

#include <map>
#include <memory>
#include <string_view>
#include <vector>

namespace typecase {

/// Tokens on their way out. `tokens` and `offsets` are filled only when they are wanted.
struct EncodedPart {
  Tokens ids;
  std::vector<std::string> tokens;
  std::vector<Offsets> offsets;
  std::uint8_t type_id = 0;
  bool detailed = false;  ///< tokens and offsets are wanted
};

/// Adds special tokens around the one or two encoded texts and trims offsets. One file a type; the
/// table in registry.cpp says which.   Const and usable from many threads.
class PostProcessor {
 public:
  virtual ~PostProcessor() = default;
  /// `parts` holds the one or two texts at first, and afterwards everything in its final order.
  virtual void process(std::vector<EncodedPart>& parts, bool add_special_tokens) const = 0;
  /// How many special tokens it adds to one text, or to a pair.
  virtual std::size_t added_tokens(bool pair) const {
    (void)pair;
    return 0;
  }
};

/// The post-processor that `config` describes by its "type".
std::unique_ptr<PostProcessor> make_post_processor(const ConfigValue& config);

std::unique_ptr<PostProcessor> make_bert_processing(const ConfigValue& config);
std::unique_ptr<PostProcessor> make_byte_level_post_processor(const ConfigValue& config);
std::unique_ptr<PostProcessor> make_roberta_processing(const ConfigValue& config);
std::unique_ptr<PostProcessor> make_template_processing(const ConfigValue& config);
std::unique_ptr<PostProcessor> make_post_processor_sequence(const ConfigValue& config);

/// The template "[bos] A [eos]", pair "[bos] A [eos] [bos] B [eos]", of tokens with their ids.
struct NamedId {
  std::string token;
  TokenId id;
};
std::unique_ptr<PostProcessor> make_bos_eos_template(std::optional<NamedId> bos,
                                                     std::optional<NamedId> eos);

/// A template of two letters an item: A or B for a text, or the letter of a special token; then the
/// type.   make_template("s0A0e0", "s0A0e0B1e1", {{'s', cls}, {'e', sep}})
std::unique_ptr<PostProcessor> make_template(std::string_view single, std::string_view pair,
                                             const std::map<char, NamedId>& specials);

/// <s> A </s></s> B </s>.
std::unique_ptr<PostProcessor> make_roberta_processing(NamedId cls, NamedId sep, bool trim_offsets,
                                                       bool add_prefix_space);

}  // namespace typecase
