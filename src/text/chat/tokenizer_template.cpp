#include <typecase/chat.h>
#include <typecase/error.h>
#include <typecase/tokenizer.h>

namespace typecase {

ChatTemplate ChatTemplate::of(const Tokenizer& tokenizer) {
  if (!tokenizer.chat_template()) {
    throw Error(Code::not_found,
                "the model has no chat template; give one, or messages as one text");
  }
  return parse(*tokenizer.chat_template(), special_token_variables(tokenizer));
}

Json special_token_variables(const Tokenizer& tokenizer) {
  Json out = Json::object();
  const auto add = [&](const char* name, std::optional<TokenId> id) {
    if (!id) return;
    if (const auto token = tokenizer.token_of(*id)) out.set(name, *token);
  };
  add("bos_token", tokenizer.bos_id());
  add("eos_token", tokenizer.eos_id());
  add("unk_token", tokenizer.unk_id());
  add("pad_token", tokenizer.pad_id());
  return out;
}

}  // namespace typecase
