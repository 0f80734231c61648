#pragma once

#include "text/pretokenizers/pretokenizer.h"

namespace typecase {

/// Which pieces get the replacement in front, if they do not begin with it.
enum class PrependScheme { always, first, never };

/// The settings of Metaspace, as pre-tokenizer and as decoder, named as in tokenizer.json.
struct MetaspaceOptions {
  char32_t replacement = 0x2581;  ///< ▁, stands for the space
  PrependScheme prepend_scheme = PrependScheme::always;
  bool split = true;  ///< cut in front of every replacement
};

PrependScheme prepend_scheme(const ConfigValue& config);
MetaspaceOptions read_metaspace(const ConfigValue& config);

std::unique_ptr<PreTokenizer> make_metaspace(const MetaspaceOptions& options);

}  // namespace typecase
