#include "engine/prompt_rows.h"

#include "decode/decode.h"

#include <typecase/error.h>

#include <algorithm>

namespace typecase {

void check_rectangle(const std::vector<Tokens>& ids, const std::vector<Mask>& mask) {
  for (const Tokens& row : ids) {
    if (row.size() != ids[0].size()) {
      throw Error(Code::invalid_argument,
                  "input_ids: all rows of a batch must have one length; pad the shorter ones");
    }
  }
  const bool same =
      mask.size() == ids.size() &&
      std::all_of(mask.begin(), mask.end(), [&](auto& m) { return m.size() == ids[0].size(); });
  if (!mask.empty() && !same) {
    throw Error(Code::invalid_argument, "attention_mask: must have the shape of input_ids");
  }
}

bool right_padded(const GenerateRequest& request, const std::vector<Tokens>& ids,
                  const GenerationConfig& merged) {
  if (!request.attention_mask.empty()) {
    return std::any_of(request.attention_mask.begin(), request.attention_mask.end(),
                       [](const Mask& m) { return !m.empty() && m.back() == 0; });
  }
  const auto pad = merged.integer("pad_token_id");
  return ids.size() > 1 && pad && std::any_of(ids.begin(), ids.end(), [&](const Tokens& row) {
           return !row.empty() && row.back() == *pad;
         });
}

std::vector<Tokens> unconditional_prompts(const GenerateRequest& request,
                                          const std::vector<Tokens>& ids) {
  if (!request.negative_prompt_ids.empty()) {
    check_rectangle(request.negative_prompt_ids, {});
    return request.negative_prompt_ids;
  }
  std::vector<Tokens> out;
  for (const Tokens& row : ids) out.push_back({row.back()});
  return out;
}

std::vector<Tokens> decoder_starts(const EffectiveConfig& config, std::size_t rows) {
  Tokens starts = config.decoder_start_token_id;
  if (starts.empty() && config.bos_token_id) starts = {*config.bos_token_id};
  if (starts.empty()) {
    throw Error(
        Code::invalid_argument,
        "`decoder_start_token_id` or `bos_token_id` has to be set for a model with an encoder");
  }
  const bool one = config.all.find("decoder_start_token_id") == nullptr ||
                   !config.all.find("decoder_start_token_id")->is_array();
  if (!one && starts.size() != rows) {
    throw Error(Code::invalid_argument, "`decoder_start_token_id` must be one id or one a row, " +
                                            std::to_string(rows) + ", found " +
                                            std::to_string(starts.size()));
  }
  std::vector<Tokens> out;
  for (std::size_t i = 0; i < rows; ++i) out.push_back({starts[one ? 0 : i]});
  return out;
}

std::vector<Mask> all_visible(const std::vector<Tokens>& ids) {
  std::vector<Mask> mask;
  for (const Tokens& row : ids) mask.emplace_back(row.size(), std::uint8_t{1});
  return mask;
}

std::vector<Mask> mask_of(const GenerateRequest& request, const std::vector<Tokens>& ids,
                          const std::vector<Tokens>& written, const EffectiveConfig& config) {
  if (ids[0].size() != written[0].size()) return infer_mask(ids, config);
  return request.attention_mask.empty() ? infer_mask(written, config) : request.attention_mask;
}

}  // namespace typecase
