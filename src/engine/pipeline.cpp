/// The text-generation pipeline: text in, text out, with the reference's defaults.
#include "engine/pipeline_call.h"

#include <typecase/chat.h>
#include <typecase/error.h>
#include <typecase/pipeline.h>
#include <typecase/stream_decoder.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace typecase {
namespace {

/// What one answer continues: a text, or a conversation.
struct Prompt {
  std::string text;
  Json messages;  // null: a text
  bool is_chat() const { return !messages.is_null(); }
};

bool is_message(const Json& v) { return v.has("role") && v.has("content"); }

Prompt chat_of(const Json& messages) {
  for (const Json& m : messages.as_array()) {
    if (!is_message(m)) refuse("inputs: every message of a chat needs a role and a content");
  }
  return {.text = {}, .messages = messages};
}

/// A final assistant message is continued, unless the call says otherwise.
bool continues(const Prompt& prompt, const PipelineCall& call) {
  const Json& role = prompt.messages.as_array().back().at("role");
  return call.continue_final_message.value_or(role == Json("assistant"));
}

/// Keeps the last ids, so that the new tokens still fit the tokenizer's longest text.
void leave_hole(Tokens& ids, const PipelineCall& call, const Model& model) {
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

/// The model's chat template, compiled when the first chat of a call needs it.
class Chats {
 public:
  explicit Chats(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}
  const ChatTemplate& chat_template() {
    if (!template_) template_.emplace(ChatTemplate::of(tokenizer_));
    return *template_;
  }

 private:
  const Tokenizer& tokenizer_;
  std::optional<ChatTemplate> template_;
};

Tokens tokenise_chat(const Prompt& prompt, const PipelineCall& call, const Model& model,
                     const ChatTemplate& chat) {
  const bool goes_on = continues(prompt, call);
  const RenderedText rendered = chat.render({.messages = prompt.messages,
                                             .add_generation_prompt = !goes_on,
                                             .continue_final_message = goes_on ? "content" : ""});
  // The template writes the special tokens itself.
  return model.tokenizer().encode_ids(rendered.text, false);
}

Tokens tokenise(const Prompt& prompt, const PipelineCall& call, const Model& model, Chats& chats) {
  Tokens ids = prompt.is_chat()
                   ? tokenise_chat(prompt, call, model, chats.chat_template())
                   : model.tokenizer().encode_ids(call.prefix + prompt.text,
                                                  call.add_special_tokens.value_or(true));
  if (!prompt.is_chat() && call.truncate_to &&
      static_cast<std::int64_t>(ids.size()) > *call.truncate_to) {
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

/// The prompt and what was generated behind it, as the caller gave the prompt.
Json full_text(const Prompt& prompt, const std::string& fresh, const PipelineCall& call) {
  if (!prompt.is_chat()) return prompt.text + fresh;
  Json messages = prompt.messages;
  if (!continues(prompt, call)) {
    messages.push_back(Json::Object{{"role", "assistant"}, {"content", fresh}});
    return messages;
  }
  Json& last = messages.as_array().back();
  last =
      Json::Object{{"role", last.at("role")}, {"content", last.at("content").as_string() + fresh}};
  return messages;
}

/// One record per returned sequence of prompt `row`.
Json records(const GenerateResult& result, std::size_t row, std::size_t rows, const Prompt& prompt,
             std::size_t prompt_length, const PipelineCall& call, const Model& model) {
  const std::size_t each = result.sequences.size() / rows;
  Json list = Json::array();
  for (std::size_t i = 0; i < each; ++i) {
    const Tokens& sequence = result.sequences[row * each + i];
    Json record = Json::object();
    if (call.returns == PipelineCall::Return::tensors) {
      record.set("generated_token_ids", Json::array_of(sequence));
    } else {
      const std::span<const TokenId> fresh(
          sequence.begin() + static_cast<std::ptrdiff_t>(prompt_length), sequence.end());
      std::string text =
          model.tokenizer().decode(fresh, {.skip_special_tokens = call.skip_special_tokens,
                                           .clean_up_tokenization_spaces = call.clean_up});
      const bool whole = call.returns == PipelineCall::Return::full_text && !model.has_encoder();
      record.set("generated_text", whole ? full_text(prompt, text, call) : Json(text));
    }
    list.push_back(std::move(record));
  }
  return list;
}

/// Runs one batch of prompts and appends a list of records for each.
void run_batch(std::span<const Prompt> prompts, const PipelineCall& call, const Model& model,
               Chats& chats, const PipelineOptions& options, bool streaming, Json& out) {
  std::vector<Tokens> ids;
  for (const Prompt& p : prompts) ids.push_back(tokenise(p, call, model, chats));
  const Batch batch = pad(std::move(ids), model);

  GenerateRequest request{.keywords = call.generation,
                          .generation_config = call.generation_config,
                          .assistant = options.assistant,
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
    // Behind an encoder the answer begins with a start token, not with the prompt.
    const std::size_t before = model.has_encoder() ? 1 : length;
    out.push_back(records(result, i, prompts.size(), prompts[i], before, call, model));
  }
}

/// A text or a chat is one prompt; a list of either is several.
struct Prompts {
  std::vector<Prompt> items;
  bool listed = false;
};

Prompts prompts_of(const Json& inputs) {
  if (inputs.is_string()) return {.items = {{.text = inputs.as_string(), .messages = {}}}};
  if (!inputs.is_array()) {
    refuse("inputs: expected a string, a chat or a list of these, found " +
           std::string(inputs.kind()));
  }
  if (inputs.size() == 0) refuse("inputs: the list is empty");
  if (is_message(inputs.as_array()[0])) return {.items = {chat_of(inputs)}};
  Prompts out{.items = {}, .listed = true};
  for (const Json& v : inputs.as_array()) {
    if (v.is_string()) {
      out.items.push_back({.text = v.as_string(), .messages = {}});
    } else if (v.is_array() && v.size() > 0) {
      out.items.push_back(chat_of(v));
    } else {
      refuse("inputs: expected strings or chats in the list, found " + std::string(v.kind()));
    }
  }
  return out;
}

bool is_single(const PipelineCall& call, std::string_view key) {
  const Json* v = call.generation.find(key);
  return v == nullptr || v->is_null() || (v->is_integer() && v->as_integer() == 1);
}

}  // namespace

Json text_generation(const Model& model, const Json& inputs, const Json& kwargs,
                     const PipelineOptions& options) {
  const PipelineCall call = read_pipeline_call(kwargs, model);
  const auto [prompts, listed] = prompts_of(inputs);

  // The reference feeds lists through torch's DataLoader, which draws a seed of its own: 64 bits.
  if (listed) {
    Generator& random = options.generator != nullptr ? *options.generator : default_generator();
    random.next53();
  }

  const bool streaming = options.on_text && prompts.size() == 1 && is_single(call, "num_beams") &&
                         is_single(call, "num_return_sequences");
  Json out = Json::array();
  Chats chats(model.tokenizer());
  const auto size = static_cast<std::size_t>(call.batch_size);
  for (std::size_t at = 0; at < prompts.size(); at += size) {
    const auto batch = std::span(prompts).subspan(at, std::min(size, prompts.size() - at));
    run_batch(batch, call, model, chats, options, streaming, out);
  }
  return listed ? out : out.as_array()[0];
}

}  // namespace typecase
