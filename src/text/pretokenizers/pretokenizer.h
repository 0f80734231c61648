#pragma once

#include "text/config_value.h"
#include "text/pretokenizers/pieces.h"

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace typecase {

/// Cuts text into the pieces that the model sees one by one. One file a type; the table in
/// registry.cpp says which.   Const and usable from many threads.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  virtual void split(Pieces& pieces) const = 0;
};

/// The pre-tokenizer that `config` describes by its "type".
/// Throws Error(unsupported) for a type not built yet, Error(bad_file) for a malformed one.
std::unique_ptr<PreTokenizer> make_pre_tokenizer(const ConfigValue& config);

std::unique_ptr<PreTokenizer> make_byte_level(bool add_prefix_space, bool use_regex);
std::unique_ptr<PreTokenizer> make_byte_level(const ConfigValue& config);
std::unique_ptr<PreTokenizer> make_digits(const ConfigValue& config);
std::unique_ptr<PreTokenizer> make_split(const ConfigValue& config);
std::unique_ptr<PreTokenizer> make_pre_tokenizer_sequence(const ConfigValue& config);
std::unique_ptr<PreTokenizer> make_pre_tokenizer_sequence(
    std::vector<std::unique_ptr<PreTokenizer>> parts);

/// The scanner for a pattern in wide use, recognised by its exact text; nullptr for others.
std::unique_ptr<PreTokenizer> make_known_pattern(std::string_view pattern);

/// One scanner for several such splits in a row, recognised in the same way.
std::unique_ptr<PreTokenizer> make_known_sequence(std::span<const std::string_view> patterns);

}  // namespace typecase
