#include "engine/all_logits.h"
#include "engine/kept_prompt.h"
#include "engine/loaded_model.h"
#include "models/registry.h"
#include "text/gguf.h"

#include <typecase/error.h>
#include <typecase/model.h>

#include <system_error>
#include <thread>
#include <utility>

namespace typecase {
namespace {

GenerationConfig defaults_of(const Checkpoint& checkpoint) {
  const Json* file = checkpoint.generation_config();
  if (file == nullptr) return GenerationConfig::from_model_config(checkpoint.config());
  return GenerationConfig::from_json(*file);
}

void check_choice(const std::string& name, const std::string& value) {
  if (value == "auto" || value == "on" || value == "off") return;
  throw Error(Code::invalid_argument, name + ": auto, on or off, not " + quote(value));
}

void check_activations(const ModelOptions& options) {
  if (options.activations != "full" && options.activations != "int8") {
    throw Error(Code::invalid_argument,
                "activations: full or int8, not " + quote(options.activations));
  }
}

/// The part of the head's bytes that its copy may take.
double screen_head(const ModelOptions& options) {
  if (options.screen_head == "on") return 0.8;  // more would gain nothing
  return options.chosen(options.screen_head) ? 0.34 : 0;
}

}  // namespace

std::unique_ptr<Executor> make_executor(const Plan& plan, const ModelOptions& options,
                                        bool tensors_stay) {
  if (options.device != "auto" && options.device != "cpu") {
    throw Error(Code::unsupported,
                "device: this build has auto and cpu, not " + quote(options.device));
  }
  const bool int8 = options.activations == "int8";
  if (options.isa == "reference") {
    if (int8) throw Error(Code::unsupported, "activations: the reference computes in full alone");
    return make_reference_executor(plan);
  }
  return make_cpu_executor(plan, {.threads = options.threads,
                                  .isa = options.isa,
                                  .recode = options.chosen(options.recode),
                                  .tensors_stay = tensors_stay,
                                  .screen_head = screen_head(options),
                                  .int8_activations = int8});
}

std::optional<std::size_t> Model::Parts::max_length() const noexcept {
  for (const char* key : {"max_position_embeddings", "n_positions"}) {
    const Json* v = checkpoint.config().find(key);
    if (v != nullptr && v->is_integer() && v->as_integer() > 0) {
      return static_cast<std::size_t>(v->as_integer());
    }
  }
  return std::nullopt;
}

Executor& Model::Parts::ready() {
  if (!executor) executor = make_executor(plan, options, true);
  return *executor;
}

DraftCopy* Model::Parts::draft_with() {
  if (!std::exchange(draft_copy_made, true)) draft_copy = DraftCopy::of(plan, options);
  return draft_copy.get();
}

Model::Model(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

Model Model::open(const std::string& path, const ModelOptions& options) {
  check_choice("recode", options.recode);
  check_choice("lookup", options.lookup);
  check_choice("screen_head", options.screen_head);
  check_choice("self_speculation", options.self_speculation);
  check_activations(options);
  Checkpoint checkpoint = Checkpoint::open(path);
  Plan plan = make_plan(
      checkpoint, {.dtype = options.dtype, .attn_implementation = options.attn_implementation});
  GenerationConfig defaults = defaults_of(checkpoint);
  auto warnings = checkpoint.warnings();
  return Model(std::make_unique<Parts>(Parts{.path = path,
                                             .options = options,
                                             .checkpoint = std::move(checkpoint),
                                             .plan = std::move(plan),
                                             .generation_config = std::move(defaults),
                                             .warnings = std::move(warnings)}));
}

const std::string& Model::path() const noexcept { return parts_->path; }
std::string_view Model::architecture() const noexcept { return parts_->plan.architecture; }
std::string_view Model::dtype() const noexcept { return name(parts_->plan.dtype); }
std::string Model::backend() const { return parts_->ready().describe(); }
std::int64_t Model::num_parameters() const { return typecase::num_parameters(parts_->plan); }
std::int64_t Model::vocabulary() const noexcept { return parts_->plan.vocabulary; }
std::optional<std::size_t> Model::max_length() const noexcept { return parts_->max_length(); }
bool Model::has_encoder() const noexcept { return parts_->plan.encoder.has_value(); }
const Json& Model::config() const noexcept { return parts_->checkpoint.config(); }
const GenerationConfig& Model::generation_config() const noexcept {
  return parts_->generation_config;
}
const std::vector<std::string>& Model::warnings() const noexcept { return parts_->warnings; }
void Model::prepare() const { parts_->ready().prepare(); }

void Model::prepare_first() const {
  std::jthread beside;
  try {
    beside = std::jthread([this] {
      try {
        tokenizer();
      } catch (...) {
        // It will be thrown again where the tokenizer is used.
      }
    });
  } catch (const std::system_error&) {
    // No thread to be had: it is read when it is used.
  }
  parts_->ready();
}

const Tokenizer& Model::tokenizer() const {
  if (!parts_->tokenizer) {
    if (const GgufTokenizer* gguf = parts_->checkpoint.gguf_tokenizer()) {
      parts_->tokenizer = tokenizer_from_gguf(*gguf);
    } else {
      parts_->tokenizer = Tokenizer::from_folder(parts_->path);
    }
  }
  return *parts_->tokenizer;
}

namespace {

bool asks_for(const GenerateRequest& request, std::string_view field) {
  const Json* v = request.keywords.find(field);
  if (v == nullptr && request.generation_config) v = request.generation_config->find(field);
  return v != nullptr && !v->is_null();
}

/// The tokenizer, for the fields that speak of text: stop strings are compared with the texts of
/// tokens, a logit bias may name its tokens by their text. nullptr when no such field is set.
const Tokenizer* tokenizer_for(const Model& model, const GenerateRequest& request) {
  for (const std::string_view field : {"stop_strings", "token_healing", "logit_bias"}) {
    if (!asks_for(request, field)) continue;
    try {
      return &model.tokenizer();
    } catch (const Error& error) {
      if (field == "logit_bias") return nullptr;  // biases by id need none
      throw Error(Code::invalid_argument,
                  std::string(field) + " needs the model's tokenizer: " + error.what());
    }
  }
  return nullptr;
}

}  // namespace

GenerateResult Model::generate(const GenerateRequest& request) const {
  Parts* assistant = request.assistant != nullptr ? request.assistant->parts_.get() : nullptr;
  if (assistant != nullptr && assistant->plan.vocabulary != parts_->plan.vocabulary) {
    tokenizer();  // both are needed: they speak through text
    request.assistant->tokenizer();
  }
  PromptCache::Parts* kept =
      request.prompt_cache != nullptr ? request.prompt_cache->parts_.get() : nullptr;
  return typecase::generate(*parts_, tokenizer_for(*this, request), request, assistant, kept);
}

std::vector<std::vector<std::vector<float>>> Model::logits(
    const std::vector<Tokens>& input_ids, const std::vector<Mask>& attention_mask,
    const std::vector<Tokens>& decoder_input_ids) const {
  return all_logits(*parts_, input_ids, attention_mask, decoder_input_ids);
}

Json Model::summary() const {
  const Tokenizer* found = nullptr;
  try {
    found = &tokenizer();
  } catch (const Error&) {
    // A model without a readable tokenizer can still be shown.
  }
  return summarise(*parts_, found);
}

}  // namespace typecase
