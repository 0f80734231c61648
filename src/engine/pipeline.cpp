/// The text-generation pipeline: text in, text out, with the reference's defaults.
#include <typecase/error.h>
#include <typecase/pipeline.h>
#include <typecase/stream_decoder.h>

#include <algorithm>
#include <optional>

namespace typecase {
namespace {

/// The call's keyword arguments, sorted by whom they concern.
struct Call {
  enum class Return { full_text, new_text, tensors };
  GenerationConfig generation;
  std::optional<GenerationConfig> generation_config;
  Return returns = Return::full_text;
  std::string prefix;
  std::optional<bool> clean_up;
  bool skip_special_tokens = true;
  std::optional<bool> add_special_tokens;
  std::optional<std::int64_t> truncate_to;  // max_length of the call
  bool hole = false;
  std::int64_t batch_size = 1;
};

[[noreturn]] void refuse(const std::string& message) {
  throw Error(Code::invalid_argument, message);
}

bool as_flag(const Json& v, std::string_view key) {
  if (!v.is_bool()) refuse(std::string(key) + ": expected true or false, found " + v.dump());
  return v.as_bool();
}

std::string as_text(const Json& v, std::string_view key) {
  if (!v.is_string()) refuse(std::string(key) + ": expected a string, found " + v.dump());
  return v.as_string();
}

/// return_full_text, return_text and return_tensors exclude each other.
Call::Return returns_of(const Json& kwargs) {
  const auto given = [&](std::string_view key) {
    const Json* v = kwargs.find(key);
    return v != nullptr && !v->is_null();
  };
  if (given("return_full_text")) {
    for (const std::string_view other : {"return_text", "return_tensors"}) {
      if (given(other))
        refuse("return_full_text and " + std::string(other) + " exclude each other");
    }
    return as_flag(kwargs.at("return_full_text"), "return_full_text") ? Call::Return::full_text
                                                                      : Call::Return::new_text;
  }
  if (given("return_tensors")) {
    if (given("return_text")) refuse("return_text and return_tensors exclude each other");
    return Call::Return::tensors;
  }
  return Call::Return::full_text;
}

/// Keywords of the pipeline itself; all others are generation fields.
bool take_pipeline_keyword(Call& call, const std::string& key, const Json& v) {
  if (key == "return_full_text" || key == "return_text" || key == "return_tensors" ||
      key == "padding" || key == "truncation" || key == "continue_final_message") {
    return true;
  }
  if (key == "prefix") {
    if (!v.is_null()) call.prefix = as_text(v, key);
  } else if (key == "clean_up_tokenization_spaces") {
    if (!v.is_null()) call.clean_up = as_flag(v, key);
  } else if (key == "skip_special_tokens") {
    if (!v.is_null()) call.skip_special_tokens = as_flag(v, key);
  } else if (key == "add_special_tokens") {
    if (!v.is_null()) call.add_special_tokens = as_flag(v, key);
  } else if (key == "batch_size") {
    if (!v.is_integer() || v.as_integer() < 1) refuse("batch_size: expected a positive integer");
    call.batch_size = v.as_integer();
  } else if (key == "handle_long_generation") {
    if (v.is_null()) return true;
    if (as_text(v, key) != "hole") refuse("handle_long_generation: the only choice is \"hole\"");
    call.hole = true;
  } else {
    return false;
  }
  return true;
}

Call sort_keywords(const Json& kwargs) {
  Call call;
  call.returns = returns_of(kwargs);
  for (const auto& [key, v] : kwargs.as_object()) {
    if (take_pipeline_keyword(call, key, v)) continue;
    if (key == "stop_sequence") {
      if (!v.is_null())
        call.generation.set("stop_strings", v.is_string() ? Json(Json::Array{v}) : v);
    } else if (key == "generation_config") {
      call.generation_config = GenerationConfig::from_json(v);
    } else if (key == "max_length" && v.is_null()) {
      continue;  // the pipeline's own parameter: None is "not given"
    } else {
      call.generation.set(key, v);
      if (key == "max_length" && v.is_integer()) call.truncate_to = v.as_integer();
    }
  }
  return call;
}

/// The pipeline's own defaults, only for fields that neither call, config object nor model set.
void add_defaults(Call& call, const Model& model) {
  const auto set = [&](std::string_view key) -> const Json* {
    if (const Json* v = call.generation.find(key)) return v;
    if (call.generation_config) {
      if (const Json* v = call.generation_config->find(key)) return v;
    }
    const Json* v = model.generation_config().find(key);
    return v != nullptr && !v->is_null() ? v : nullptr;
  };
  const auto add = [&](std::string_view key, Json value) {
    if (set(key) != nullptr) return;
    auto& target = call.generation_config ? *call.generation_config : call.generation;
    target.set(std::string(key), std::move(value));
  };
  if (set("max_length") == nullptr) add("max_new_tokens", 256);
  add("do_sample", true);
  const Json* sample = set("do_sample");
  if (sample->is_bool() && sample->as_bool()) add("temperature", 0.7);
  if (const auto pad = model.tokenizer().pad_id()) add("pad_token_id", *pad);
}

/// A total length (as opposed to a number of new tokens) has to include the prefix.
void lengthen_for_prefix(Call& call, const Model& model) {
  if (call.prefix.empty()) return;
  const auto prefix = model.tokenizer().encode(
      call.prefix, {.add_special_tokens = call.add_special_tokens.value_or(false)});
  const auto value = [&](std::string_view key) -> const Json* {
    const Json* v = call.generation.find(key);
    if (v == nullptr) v = model.generation_config().find(key);
    return v != nullptr && v->is_integer() ? v : nullptr;
  };
  for (const auto& [length, fresh] :
       {std::pair("max_length", "max_new_tokens"), std::pair("min_length", "min_new_tokens")}) {
    const Json* v = value(length);
    if (v == nullptr || value(fresh) != nullptr) continue;
    call.generation.set(length, v->as_integer() + static_cast<std::int64_t>(prefix.ids.size()));
  }
}

/// Keeps the last ids, so that the new tokens still fit the tokenizer's longest text.
void leave_hole(Tokens& ids, const Call& call, const Model& model) {
  if (!call.hole) return;
  const auto longest = model.tokenizer().model_max_length();
  const Json* fresh = call.generation.find("max_new_tokens");
  if (fresh == nullptr || !fresh->is_integer()) fresh = call.generation.find("max_length");
  if (!longest || fresh == nullptr || !fresh->is_integer()) return;
  const auto length = static_cast<std::int64_t>(ids.size());
  if (length + fresh->as_integer() <= *longest) return;
  const auto keep = *longest - fresh->as_integer();
  if (keep <= 0) refuse("handle_long_generation: the new tokens alone exceed the model's length");
  ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(keep));
}

Tokens tokenise(const std::string& prompt, const Call& call, const Model& model) {
  auto ids = model.tokenizer()
                 .encode(call.prefix + prompt,
                         {.add_special_tokens = call.add_special_tokens.value_or(true)})
                 .ids;
  if (call.truncate_to && static_cast<std::int64_t>(ids.size()) > *call.truncate_to) {
    ids.resize(static_cast<std::size_t>(std::max<std::int64_t>(*call.truncate_to, 0)));
  }
  leave_hole(ids, call, model);
  return ids;
}

/// Prompts of one batch, padded on the left to the longest.
struct Batch {
  std::vector<Tokens> ids;
  std::vector<Mask> mask;
};

Batch pad(std::vector<Tokens> prompts, const Model& model) {
  std::size_t longest = 0;
  for (const Tokens& p : prompts) longest = std::max(longest, p.size());
  Batch batch;
  for (const Tokens& p : prompts) {
    const std::size_t missing = longest - p.size();
    if (missing > 0 && !model.tokenizer().pad_id()) {
      refuse("prompts of different length cannot share a batch: the tokenizer has no pad token");
    }
    Tokens row(missing, missing > 0 ? *model.tokenizer().pad_id() : 0);
    row.insert(row.end(), p.begin(), p.end());
    Mask mask(missing, 0);
    mask.insert(mask.end(), p.size(), 1);
    batch.ids.push_back(std::move(row));
    batch.mask.push_back(std::move(mask));
  }
  return batch;
}

/// Feeds tokens of one row to a stream decoder as they come.
class Stream {
 public:
  Stream(const Model& model, const PipelineOptions& options, bool skip_special)
      : decoder_(model.tokenizer(), skip_special), options_(options) {}
  void push(const std::vector<TokenId>& tokens) { emit(decoder_.push(tokens.at(0))); }
  void finish() { emit(decoder_.finish()); }

 private:
  void emit(const std::string& piece) {
    if (!piece.empty()) options_.on_text(piece);
  }
  StreamDecoder decoder_;
  const PipelineOptions& options_;
};

/// One record per returned sequence of prompt `row`.
Json records(const GenerateResult& result, std::size_t row, std::size_t rows,
             const std::string& prompt, std::size_t prompt_length, const Call& call,
             const Model& model) {
  const std::size_t each = result.sequences.size() / rows;
  Json list = Json::array();
  for (std::size_t i = 0; i < each; ++i) {
    const Tokens& sequence = result.sequences[row * each + i];
    Json record = Json::object();
    if (call.returns == Call::Return::tensors) {
      record.set("generated_token_ids", Json::array_of(sequence));
    } else {
      const std::span<const TokenId> fresh(
          sequence.begin() + static_cast<std::ptrdiff_t>(prompt_length), sequence.end());
      std::string text =
          model.tokenizer().decode(fresh, {.skip_special_tokens = call.skip_special_tokens,
                                           .clean_up_tokenization_spaces = call.clean_up});
      record.set("generated_text", call.returns == Call::Return::full_text ? prompt + text : text);
    }
    list.push_back(std::move(record));
  }
  return list;
}

/// Runs one batch of prompts and appends a list of records for each.
void run_batch(std::span<const std::string> prompts, const Call& call, const Model& model,
               const PipelineOptions& options, bool streaming, Json& out) {
  std::vector<Tokens> ids;
  for (const std::string& p : prompts) ids.push_back(tokenise(p, call, model));
  const Batch batch = pad(std::move(ids), model);

  GenerateRequest request{.keywords = call.generation,
                          .generation_config = call.generation_config,
                          .generator = options.generator,
                          .should_stop = options.should_stop,
                          .on_warning = options.on_warning,
                          .observer = options.observer};
  const std::size_t length = batch.ids[0].size();
  if (length > 0) {
    request.input_ids = batch.ids;
    request.attention_mask = batch.mask;
  }
  std::optional<Stream> stream;
  if (streaming) {
    stream.emplace(model, options, call.skip_special_tokens);
    request.on_tokens = [&](const std::vector<TokenId>& tokens) { stream->push(tokens); };
  }
  const GenerateResult result = model.generate(request);
  if (stream) stream->finish();
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    out.push_back(records(result, i, prompts.size(), prompts[i], length, call, model));
  }
}

/// A list of strings; a chat or a list of chats is refused by name.
std::vector<std::string> prompts_of(const Json& inputs) {
  const auto text = [](const Json& v) {
    if (v.is_object() || v.is_array()) {
      throw Error(Code::unsupported, "chats cannot be run yet: give the prompt as a string");
    }
    if (!v.is_string())
      refuse("inputs: expected a string or a list of strings, found " + v.dump().substr(0, 80));
    return v.as_string();
  };
  if (!inputs.is_array()) return {text(inputs)};
  std::vector<std::string> out;
  for (const Json& v : inputs.as_array()) out.push_back(text(v));
  if (out.empty()) refuse("inputs: the list is empty");
  return out;
}

bool is_single(const Call& call, std::string_view key) {
  const Json* v = call.generation.find(key);
  return v == nullptr || v->is_null() || (v->is_integer() && v->as_integer() == 1);
}

}  // namespace

Json text_generation(const Model& model, const Json& inputs, const Json& kwargs,
                     const PipelineOptions& options) {
  Call call = sort_keywords(kwargs.is_null() ? Json::object() : kwargs);
  const std::vector<std::string> prompts = prompts_of(inputs);
  add_defaults(call, model);
  lengthen_for_prefix(call, model);

  const bool streaming = options.on_text && prompts.size() == 1 && is_single(call, "num_beams") &&
                         is_single(call, "num_return_sequences");
  // The reference feeds lists through torch's DataLoader, which draws a seed of its own: 64 bits.
  if (inputs.is_array()) {
    Generator& random = options.generator != nullptr ? *options.generator : default_generator();
    random.next53();
  }

  Json out = Json::array();
  const auto size = static_cast<std::size_t>(call.batch_size);
  for (std::size_t at = 0; at < prompts.size(); at += size) {
    const auto batch = std::span(prompts).subspan(at, std::min(size, prompts.size() - at));
    run_batch(batch, call, model, options, streaming, out);
  }
  return inputs.is_string() ? out.as_array()[0] : out;
}

}  // namespace typecase
