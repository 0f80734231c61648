#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace typecase {

/// "blk.{}.attn_q" ↔ "model.layers.{}.self_attn.q_proj"; {} is the layer number, # the number of
/// an expert: GGUF keeps all experts of a layer in one tensor. The last part of a name (.weight,
/// .bias) is the same on both sides.
struct GgufName {
  std::string_view gguf;
  std::string_view hugging_face;
};

using GgufNames = std::vector<GgufName>;

/// T5 with a gate, where the tensor ffn_up is another matrix than without one.
inline constexpr std::string_view kGatedT5 = "t5 with a gate";

/// The table of an architecture (general.architecture, or kGatedT5), empty when it is unknown.
GgufNames gguf_names(std::string_view architecture);

/// The Hugging Face name of a GGUF tensor, or nothing when the table has no row for it.
std::optional<std::string> hugging_face_name(std::span<const GgufName> table,
                                             std::string_view gguf_name);

}  // namespace typecase
