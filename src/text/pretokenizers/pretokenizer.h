#pragma once

#include "text/config_value.h"
#include "text/pretokenizers/pieces.h"

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace typecase {

class TextPattern;
enum class SplitBehavior;

/// Cuts text into the pieces that the model sees one by one. One file a type; the table in
/// registry.cpp says which.   Const and usable from many threads.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  virtual void split(Pieces& pieces) const = 0;

  /// Whether it must know where characters came from even when nobody asked for offsets;
  /// `normalized`: a normalizer has been at the text.
  virtual bool needs_origins(bool normalized) const noexcept {
    (void)normalized;
    return false;
  }
  /// The same for a part of a sequence, behind others.
  virtual bool looks_at_origins() const noexcept { return false; }
};

/// The pre-tokenizer that `config` describes by its "type".
/// Throws Error(unsupported) for a type nobody knows, Error(bad_file) for a malformed one.
std::unique_ptr<PreTokenizer> make_pre_tokenizer(const ConfigValue& config);

std::unique_ptr<PreTokenizer> make_byte_level(bool add_prefix_space, bool use_regex);
std::unique_ptr<PreTokenizer> make_byte_level(const ConfigValue& config);
std::unique_ptr<PreTokenizer> make_bert_pre_tokenizer();
std::unique_ptr<PreTokenizer> make_bert_pre_tokenizer(const ConfigValue& config);
std::unique_ptr<PreTokenizer> make_char_delimiter_split(const ConfigValue& config);
std::unique_ptr<PreTokenizer> make_digits(bool individual);
std::unique_ptr<PreTokenizer> make_digits(const ConfigValue& config);
std::unique_ptr<PreTokenizer> make_fixed_length(const ConfigValue& config);
std::unique_ptr<PreTokenizer> make_metaspace(const ConfigValue& config);
std::unique_ptr<PreTokenizer> make_punctuation(SplitBehavior behavior);
std::unique_ptr<PreTokenizer> make_punctuation(const ConfigValue& config);
std::unique_ptr<PreTokenizer> make_split(const ConfigValue& config);
std::unique_ptr<PreTokenizer> make_split(std::unique_ptr<TextPattern> pattern,
                                         SplitBehavior behavior, bool invert);
std::unique_ptr<PreTokenizer> make_unicode_scripts(const ConfigValue& config);
std::unique_ptr<PreTokenizer> make_whitespace(const ConfigValue& config);
std::unique_ptr<PreTokenizer> make_whitespace_split();
std::unique_ptr<PreTokenizer> make_whitespace_split(const ConfigValue& config);
std::unique_ptr<PreTokenizer> make_pre_tokenizer_sequence(const ConfigValue& config);
std::unique_ptr<PreTokenizer> make_pre_tokenizer_sequence(
    std::vector<std::unique_ptr<PreTokenizer>> parts);

/// The scanner for a pattern in wide use, recognised by its exact text; nullptr for others.
std::unique_ptr<PreTokenizer> make_known_pattern(std::string_view pattern);

/// One scanner for several such splits in a row, recognised in the same way.
std::unique_ptr<PreTokenizer> make_known_sequence(std::span<const std::string_view> patterns);

}  // namespace typecase
