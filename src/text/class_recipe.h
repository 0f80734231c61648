#pragma once

#include "text/class_parts.h"

#include <typecase/json.h>

#include <optional>

namespace typecase {

/// How a class builds its tokenizer, as data: the words of tokenizer.json, with
///     "@name"                    what tokenizer_config.json says of `name`, else "options" here;
///     {…, "if": "name"}          a part that is there only when that is true, "unless": when not;
///     {"type": "Precompiled"}    the file's character map, if it has one (then "charsmap" is
///     true).
/// A prepend_scheme becomes "always" for true and "never" for false.
///
/// "model": kind and settings; "tokens": name → token; "extra" with "extra_rule" (class_parts.h);
/// "template": [single, pair] in the letters of make_template(): b e u c s for the tokens bos, eos,
/// unk, cls and sep, l for the language, w for what Whisper puts in front.
using ClassRecipe = Json;

/// The recipe of a class; nothing for those that class_parts.cpp builds.
std::optional<ClassRecipe> class_recipe(TokenizerClass cls);

ClassModel recipe_model(const ClassRecipe& recipe, const ConfigValue& config);
ClassTokens recipe_tokens(const ClassRecipe& recipe, const ConfigValue& config);
void recipe_parts(const ClassRecipe& recipe, const ConfigValue& config, TokenizerParts& parts);
void recipe_post_processor(const ClassRecipe& recipe, const ConfigValue& config,
                           TokenizerParts& parts);

}  // namespace typecase
