#pragma once

#include <typecase/json.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace typecase {

/// How to generate, as the caller or a file says it: field names of the reference's
/// GenerationConfig with their values as given, in the order given.
///
///     GenerationConfig config;
///     config.set("max_new_tokens", 40).set("temperature", 0.7);
///
/// Nothing is checked here: fields act together with the model's own defaults, and the whole is
/// checked when they are resolved. 1 and 1.0 stay apart (temperature must be a float, top_k an
/// integer). A null value is Python's None: in keywords it switches a field off, in a config object
/// it is the same as not naming the field.
class GenerationConfig {
 public:
  using Field = std::pair<std::string, Json>;

  GenerationConfig() = default;

  /// The members of a JSON object, as in generation_config.json. Throws Error(bad_file) otherwise.
  static GenerationConfig from_json(const Json& object);
  Json to_json() const;

  /// What config.json says about generation, for checkpoints without a generation_config.json: the
  /// fields older checkpoints keep there, or inside its `decoder`, `generator` or `text_config`.
  static GenerationConfig from_model_config(const Json& config);

  /// Adds or replaces a field.
  GenerationConfig& set(std::string_view name, Json value);
  void erase(std::string_view name);

  /// The value as given, nullptr when the field is not named.
  const Json* find(std::string_view name) const noexcept;
  bool empty() const noexcept { return fields_.empty(); }
  const std::vector<Field>& fields() const noexcept { return fields_; }

  /// Typed reads; empty when the field is not named, null or of another kind.
  std::optional<bool> boolean(std::string_view name) const;
  std::optional<std::int64_t> integer(std::string_view name) const;
  std::optional<double> number(std::string_view name) const;  ///< integers too

  /// True for every field that the reference knows.
  static bool knows(std::string_view name);

  friend bool operator==(const GenerationConfig&, const GenerationConfig&) = default;

 private:
  std::vector<Field> fields_;
};

}  // namespace typecase
