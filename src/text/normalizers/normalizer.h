#pragma once

#include "text/aligned_text.h"
#include "text/config_value.h"

#include <memory>

namespace typecase {

/// Rewrites a text before it is cut. One file a type; the table in registry.cpp says which.
/// Const and usable from many threads.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  /// Rewrites `text`; every character of the result says where it came from.
  virtual void normalize(AlignedText& text) const = 0;
};

/// The normalizer that `config` describes by its "type".
/// Throws Error(unsupported) for a type nobody knows, Error(bad_file) for a malformed one.
std::unique_ptr<Normalizer> make_normalizer(const ConfigValue& config);

class TextPattern;

std::unique_ptr<Normalizer> make_bert_normalizer(const ConfigValue& config);
std::unique_ptr<Normalizer> make_byte_level_normalizer(const ConfigValue& config);
std::unique_ptr<Normalizer> make_lowercase(const ConfigValue& config);
std::unique_ptr<Normalizer> make_nfc(const ConfigValue& config);
std::unique_ptr<Normalizer> make_nfd(const ConfigValue& config);
std::unique_ptr<Normalizer> make_nfkc(const ConfigValue& config);
std::unique_ptr<Normalizer> make_nfkd(const ConfigValue& config);
std::unique_ptr<Normalizer> make_nmt(const ConfigValue& config);
std::unique_ptr<Normalizer> make_precompiled(const ConfigValue& config);
std::unique_ptr<Normalizer> make_prepend(const ConfigValue& config);
std::unique_ptr<Normalizer> make_replace(const ConfigValue& config);
std::unique_ptr<Normalizer> make_strip(const ConfigValue& config);
std::unique_ptr<Normalizer> make_strip_accents(const ConfigValue& config);
std::unique_ptr<Normalizer> make_normalizer_sequence(const ConfigValue& config);

// The same for classes that build their parts themselves.
std::unique_ptr<Normalizer> make_nfc();
std::unique_ptr<Normalizer> make_nfd();
std::unique_ptr<Normalizer> make_nfkd();
std::unique_ptr<Normalizer> make_strip(bool left, bool right);
std::unique_ptr<Normalizer> make_strip_accents();
std::unique_ptr<Normalizer> make_lowercase();
std::unique_ptr<Normalizer> make_prepend(std::string prefix);
std::unique_ptr<Normalizer> make_replace(std::unique_ptr<TextPattern> pattern, std::string content);
std::unique_ptr<Normalizer> make_normalizer_sequence(
    std::vector<std::unique_ptr<Normalizer>> parts);

}  // namespace typecase
