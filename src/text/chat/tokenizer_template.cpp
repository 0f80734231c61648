#include "text/tokenizer_impl.h"

#include <typecase/chat.h>
#include <typecase/error.h>
#include <typecase/tokenizer.h>

#include <algorithm>

namespace typecase {
namespace {

std::string names_of(const Tokenizer& tokenizer) {
  std::string out;
  for (const auto& [name, source] : tokenizer.named_chat_templates()) {
    out += (out.empty() ? "" : ", ") + quote(name);
  }
  return out;
}

/// The source of the named template; nullptr when there is none of that name.
const std::string* find(const Tokenizer& tokenizer, std::string_view name) {
  const auto& all = tokenizer.named_chat_templates();
  const auto at = std::find_if(all.begin(), all.end(), [&](auto& t) { return t.first == name; });
  return at == all.end() ? nullptr : &at->second;
}

std::string_view source_of(const Tokenizer& tokenizer, std::string_view asked, bool has_tools) {
  if (!asked.empty()) {
    const std::string* named = find(tokenizer, asked);
    return named != nullptr ? std::string_view(*named) : asked;
  }
  if (has_tools) {
    if (const std::string* tool_use = find(tokenizer, "tool_use")) return *tool_use;
  }
  if (tokenizer.chat_template()) return *tokenizer.chat_template();
  if (!tokenizer.named_chat_templates().empty()) {
    throw Error(Code::not_found,
                "the model has several chat templates and none is its default; name one of " +
                    names_of(tokenizer));
  }
  throw Error(Code::not_found, "the model has no chat template; give one, or messages as one text");
}

/// The added tokens that a chat is steered with, longest first.
std::vector<std::string> control_tokens(const Tokenizer::Impl& tokenizer,
                                        const std::string& literals) {
  const auto& listed = tokenizer.chat_control_tokens;
  std::vector<std::string> out;
  for (const auto& [id, token] : tokenizer.added.all()) {
    const std::string& text = token.content;
    const bool blank = text.find_first_not_of(" \t\n\v\f\r") == std::string::npos;
    const bool steers = listed ? std::find(listed->begin(), listed->end(), text) != listed->end()
                               : !blank && literals.find(text) != std::string::npos;
    if (!text.empty() && (token.special || steers)) out.push_back(text);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return out;
}

/// Cuts what was typed out of a rendered chat and encodes the pieces one by one.
class LiteralEncoder {
 public:
  LiteralEncoder(const Tokenizer& tokenizer, std::vector<std::string> control)
      : tokenizer_(tokenizer),
        control_(std::move(control)),
        newline_(tokenizer.encode_ids("\n", false)) {}

  Tokens encode(const RenderedText& chat) {
    std::size_t done = 0;
    for (const ByteSpan& span : chat.caller_spans) {
      for (std::size_t at = span.begin; at < span.end;) {
        const std::string_view rest = std::string_view(chat.text).substr(at, span.end - at);
        const std::string* token = token_at(rest);
        if (token == nullptr) {
          ++at;
          continue;
        }
        add(std::string_view(chat.text).substr(done, at - done), false);
        add(*token, true);
        at += token->size();
        done = at;
      }
    }
    add(std::string_view(chat.text).substr(done), false);
    return std::move(out_);
  }

 private:
  const std::string* token_at(std::string_view text) const {
    const auto at = std::find_if(control_.begin(), control_.end(),
                                 [&](const std::string& token) { return text.starts_with(token); });
    return at == control_.end() ? nullptr : &*at;
  }

  Tokens ids_of(std::string_view text, bool plain) const {
    return plain ? tokenizer_.impl().encode_plain(text) : tokenizer_.encode_ids(text, false);
  }

  void add(std::string_view piece, bool plain) {
    const bool first = !std::exchange(begun_, true);
    if (piece.empty()) return;
    Tokens ids;
    if (first) {
      ids = ids_of(piece, plain);
    } else {
      // Behind a line end, so that no tokenizer puts the space there that begins a text.
      ids = ids_of("\n" + std::string(piece), plain);
      const bool stands_apart = ids.size() >= newline_.size() &&
                                std::equal(newline_.begin(), newline_.end(), ids.begin());
      if (stands_apart) {
        ids.erase(ids.begin(), ids.begin() + std::ssize(newline_));
      } else {
        ids = ids_of(piece, plain);
      }
    }
    const auto id = plain ? tokenizer_.id_of(piece) : std::nullopt;
    if (id && std::find(ids.begin(), ids.end(), *id) != ids.end()) {
      throw Error(Code::invalid_argument, "the tokenizer makes the control token " + quote(piece) +
                                              " of plain text; a message must not contain it");
    }
    out_.insert(out_.end(), ids.begin(), ids.end());
  }

  const Tokenizer& tokenizer_;
  std::vector<std::string> control_;
  Tokens newline_;
  Tokens out_{};
  bool begun_ = false;
};

}  // namespace

ChatTemplate ChatTemplate::of(const Tokenizer& tokenizer, std::string_view asked, bool has_tools) {
  return parse(source_of(tokenizer, asked, has_tools), special_token_variables(tokenizer));
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
  for (const auto& [name, token] : tokenizer.impl().token_variables) out.set(name, token);
  return out;
}

Tokens encode_chat(const Tokenizer& tokenizer, const ChatTemplate& chat,
                   const RenderedText& rendered, TypedTokens typed) {
  if (typed == TypedTokens::control) return tokenizer.encode_ids(rendered.text, false);
  return LiteralEncoder(tokenizer, control_tokens(tokenizer.impl(), chat.literal_text()))
      .encode(rendered);
}

}  // namespace typecase
