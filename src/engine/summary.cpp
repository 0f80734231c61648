/// What `typecase show` prints about a model.
#include "engine/loaded_model.h"

#include <unordered_set>

namespace typecase {
namespace {

/// Bytes of all stored tensors, and how many tensors have each format.
Json stored_formats(const Checkpoint& checkpoint, std::uint64_t& bytes) {
  Json formats = Json::object();
  for (const Tensor& t : checkpoint.tensors()) {
    bytes += t.bytes.size();
    const Json* count = formats.find(name(t.dtype));
    formats.set(name(t.dtype), (count != nullptr ? count->as_integer() : 0) + 1);
  }
  return formats;
}

/// Keys and values of one slot over all layers.
std::uint64_t cache_bytes_per_token(const Plan& plan) {
  const std::uint64_t number = plan.dtype == DType::float32 ? 4 : 2;
  std::uint64_t bytes = 0;
  for (const Block& b : plan.decoder.blocks) {
    bytes += 2 * number * static_cast<std::uint64_t>(b.attention.kv_heads) *
             static_cast<std::uint64_t>(b.attention.head_dim);
  }
  return bytes;
}

Json about(const Tokenizer& tokenizer) {
  Json out = Json::object();
  out.set("kind", tokenizer.kind());
  out.set("source", tokenizer.source());
  out.set("vocabulary_size", static_cast<std::int64_t>(tokenizer.vocabulary_size()));
  const auto id = [&](std::string_view key, std::optional<TokenId> value) {
    if (value) out.set(key, *value);
  };
  id("bos_token_id", tokenizer.bos_id());
  id("eos_token_id", tokenizer.eos_id());
  id("pad_token_id", tokenizer.pad_id());
  out.set("chat_template", tokenizer.chat_template().has_value());
  return out;
}

}  // namespace

Json summarise(const Model::Parts& model, const Tokenizer* tokenizer) {
  const Plan& plan = model.plan;
  std::uint64_t bytes = 0;
  const Json formats = stored_formats(model.checkpoint, bytes);
  const Json* positions = model.checkpoint.config().find("max_position_embeddings");
  if (positions == nullptr) positions = model.checkpoint.config().find("n_positions");

  Json out = Json::object();
  out.set("model", model.path);
  out.set("architecture", plan.architecture);
  out.set("num_parameters", num_parameters(plan));
  out.set("dtype", name(plan.dtype));
  out.set("stored_formats", formats);
  out.set("layers", static_cast<std::int64_t>(plan.decoder.blocks.size()));
  if (plan.encoder) {
    out.set("encoder_layers", static_cast<std::int64_t>(plan.encoder->blocks.size()));
  }
  out.set("hidden_size", plan.hidden_size);
  out.set("vocabulary", plan.vocabulary);
  if (positions != nullptr) out.set("max_position_embeddings", *positions);
  out.set("files", Json::array_of(model.checkpoint.files()));
  out.set("weight_bytes", static_cast<std::int64_t>(bytes));
  out.set("cache_bytes_per_token", static_cast<std::int64_t>(cache_bytes_per_token(plan)));
  out.set("tokenizer", tokenizer != nullptr ? about(*tokenizer) : Json());
  out.set("generation_config", model.generation_config.to_json());
  return out;
}

}  // namespace typecase
