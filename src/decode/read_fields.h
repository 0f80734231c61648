#pragma once

#include "decode/effective_config.h"
#include "decode/field_reader.h"

namespace typecase {

/// Fields → the typed values that act. Each throws Error(invalid_argument) where the reference
/// refuses the value at the moment it would become active; a value that is off is not looked at.
void read_mode(const FieldReader& f, EffectiveConfig& out);
void read_ids(const FieldReader& f, EffectiveConfig& out);
void read_stopping(const FieldReader& f, const ModelFacts& facts, EffectiveConfig& out);
/// REQUIRES: mode and ids are read.
void read_processors(const FieldReader& f, const ModelFacts& facts, EffectiveConfig& out,
                     std::vector<std::string>* warnings);
/// What only the strategy of `out.mode` looks at. REQUIRES: the other fields are read.
void read_strategies(const FieldReader& f, const ModelFacts& facts, EffectiveConfig& out);

}  // namespace typecase
