#include "text_rows.h"

#include "request_fields.h"

#include <typecase/error.h>

#include <algorithm>

namespace typecase::cli {

TextRows text_rows(const Tokenizer& tokenizer, const std::vector<std::string>& texts) {
  TextRows out;
  for (const std::string& text : texts) out.input_ids.push_back(tokenizer.encode_ids(text));
  const auto empty = [](const Tokens& ids) { return ids.empty(); };
  if (std::all_of(out.input_ids.begin(), out.input_ids.end(), empty)) {
    throw Error(Code::invalid_argument, "text: there are no tokens in " + quote(texts[0]));
  }
  if (texts.size() == 1) {
    out.attention_mask.emplace_back(out.input_ids[0].size(), std::uint8_t{1});
    return out;
  }
  const std::optional<TokenId> pad = tokenizer.pad_id();
  if (!pad) {
    throw Error(Code::invalid_argument,
                "several texts need padding and the tokenizer has no padding token; give one text "
                "a request, or input_ids with attention_mask");
  }
  out.attention_mask = pad_left(out.input_ids, *pad);
  return out;
}

}  // namespace typecase::cli
