#pragma once

#include <span>
#include <string_view>

namespace typecase::cli {

/// How the command line reads a field's value.
enum class FieldKind {
  boolean,  ///< --do-sample, --no-do-sample
  integer,
  number,          ///< a float also when written as 1
  word,            ///< a string as it stands
  words,           ///< strings: the option may be given several times
  early_stopping,  ///< true, false or never
  id_list,         ///< an integer or a JSON list of integers
  json,            ///< JSON
};

/// A field of GenerationConfig as an option.
struct FieldOption {
  std::string_view name;
  FieldKind kind;
  std::string_view value;  ///< what stands for the value in the help text
  std::string_view help;
  bool common = false;  ///< shown by --help; the others by --help-all
};

/// Every field that makes sense on a command line, common ones first.
std::span<const FieldOption> field_options();

}  // namespace typecase::cli
