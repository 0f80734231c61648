#include "base/checked.h"
#include "text/byte_alphabet.h"
#include "text/stream_sink.h"
#include "text/tokenizer_impl.h"

#include <typecase/tokenizer.h>

#include <array>

namespace typecase {

Tokenizer make_tokenizer(TokenizerParts parts) {
  TYPECASE_CHECK(parts.model != nullptr);
  parts.added.finish(parts.normalizer.get());
  return Tokenizer(std::make_unique<Tokenizer::Impl>(std::move(parts)));
}

Tokenizer::Tokenizer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

std::string Tokenizer::decode(std::span<const TokenId> ids, const DecodeOptions& options) const {
  std::string out;
  DecodePipe pipe(*impl_, out, options.skip_special_tokens);
  for (const TokenId id : ids) pipe.push(id);
  pipe.finish();
  const bool wanted = options.clean_up_tokenization_spaces.value_or(impl_->clean_up);
  const bool works = kind() != "BPE" || impl_->clean_up_even_bpe;
  return wanted && works ? clean_up(std::move(out)) : out;
}

std::string Tokenizer::clean_up(std::string text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kRules = {{
      {" .", "."},
      {" ?", "?"},
      {" !", "!"},
      {" ,", ","},
      {" ' ", "'"},
      {" n't", "n't"},
      {" 'm", "'m"},
      {" 's", "'s"},
      {" 've", "'ve"},
      {" 're", "'re"},
  }};
  for (const auto& [from, to] : kRules) {
    std::string out;
    std::size_t done = 0;
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, done)) {
      out.append(text, done, at - done);
      out += to;
      done = at + from.size();
    }
    out.append(text, done);
    text = std::move(out);
  }
  return text;
}

std::optional<std::string> Tokenizer::token_of(TokenId id) const {
  if (const AddedToken* token = impl_->added.find(id)) return token->shown;
  if (!impl_->model->has(id)) return std::nullopt;
  return std::string(impl_->model->token_of(id));
}

std::optional<TokenId> Tokenizer::id_of(std::string_view token) const {
  if (const auto id = impl_->added.id_of(token)) return id;
  return impl_->model->id_of(token);
}

bool Tokenizer::is_special(TokenId id) const {
  const auto token = token_of(id);
  return token && impl_->added.is_special(*token);
}

std::size_t Tokenizer::vocabulary_size() const {
  std::size_t size = impl_->model->size();
  for (const auto& [id, token] : impl_->added.all()) size += !impl_->model->id_of(token.content);
  return size;
}

TokenId Tokenizer::end_id() const {
  const auto& added = impl_->added.all();
  const auto model_end = static_cast<TokenId>(impl_->model->end());
  return added.empty() ? model_end : std::max(model_end, added.rbegin()->first + 1);
}

namespace {
std::optional<TokenId> id_of(const Tokenizer& tokenizer, const std::optional<std::string>& token) {
  return token ? tokenizer.id_of(*token) : std::nullopt;
}
}  // namespace

std::optional<TokenId> Tokenizer::bos_id() const {
  return typecase::id_of(*this, impl_->bos_token);
}
std::optional<TokenId> Tokenizer::eos_id() const {
  return typecase::id_of(*this, impl_->eos_token);
}
std::optional<TokenId> Tokenizer::pad_id() const {
  return typecase::id_of(*this, impl_->pad_token);
}
std::optional<TokenId> Tokenizer::unk_id() const {
  return typecase::id_of(*this, impl_->unk_token);
}

const std::optional<std::string>& Tokenizer::chat_template() const { return impl_->chat_template; }
const std::vector<std::pair<std::string, std::string>>& Tokenizer::named_chat_templates() const {
  return impl_->named_chat_templates;
}
std::optional<std::int64_t> Tokenizer::model_max_length() const { return impl_->model_max_length; }
bool Tokenizer::pads_left() const { return impl_->pads_left; }
std::string_view Tokenizer::kind() const { return impl_->model->name(); }
std::string_view Tokenizer::source() const { return impl_->source; }

bool Tokenizer::stop_strings_are_bytes() const {
  return impl_->decoder && (impl_->decoder->has_byte_fallback() || impl_->decoder->is_byte_level());
}

std::string Tokenizer::stop_string_text(TokenId id) const {
  const auto token = token_of(id);
  if (!token) return {};
  if (impl_->decoder && impl_->decoder->has_byte_fallback()) {
    if (token->size() == 6 && token->starts_with("<0x") && token->ends_with('>')) {
      return std::string(1, static_cast<char>(std::stoi(token->substr(3, 2), nullptr, 16)));
    }
  } else if (impl_->decoder && impl_->decoder->is_byte_level()) {
    std::string bytes;
    if (byte_alphabet::append_bytes(bytes, *token)) return bytes;
  }
  // What the token looks like behind other text: some decoders treat the first token differently.
  constexpr std::string_view kBefore = "abcdef";
  Tokens ids = encode_ids(kBefore, false);
  ids.push_back(id);
  const std::string text = decode(ids);
  const auto at = text.find(kBefore);
  return at == std::string::npos ? text : text.substr(at + kBefore.size());
}

}  // namespace typecase
