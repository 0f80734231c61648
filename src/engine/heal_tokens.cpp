#include "engine/heal_tokens.h"

#include <typecase/error.h>

#include <algorithm>
#include <set>

namespace typecase {
namespace {

std::string stripped(std::string text) {
  constexpr std::string_view kSpaces = " \t\n\r\f\v";
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

/// Rows of one length: shorter ones get pad tokens on the tokenizer's side.
std::vector<Tokens> padded(std::vector<Tokens> rows, TokenId pad, bool left) {
  std::size_t longest = 0;
  for (const Tokens& row : rows) longest = std::max(longest, row.size());
  for (Tokens& row : rows) row.insert(left ? row.begin() : row.end(), longest - row.size(), pad);
  return rows;
}

/// Tokens whose string begins with `text`, itself among them.
std::set<TokenId> extensions(const Tokenizer& tokenizer, const std::string& text) {
  std::set<TokenId> out;
  for (TokenId id = 0; id < tokenizer.end_id(); ++id) {
    const auto token = tokenizer.token_of(id);
    if (token && token->starts_with(text)) out.insert(id);
  }
  return out;
}

Json bias_of(const std::set<TokenId>& tokens, TokenId tail) {
  Json list = Json::array();
  for (const TokenId id : tokens) {
    Json entry = Json::array();
    entry.push_back(Json::array_of(Tokens{id}));
    entry.push_back(Json(id == tail ? 11.0 : 10.0));
    list.push_back(std::move(entry));
  }
  return list;
}

class Healer {
 public:
  Healer(Model::Parts& model, const Tokenizer& tokenizer, TokenId pad,
         const GenerateRequest& request)
      : model_(model), tokenizer_(tokenizer), pad_(pad), request_(request) {}

  Tokens heal(const Tokens& row) const {
    const TokenId tail = row.back();
    const auto alternatives = extensions(tokenizer_, tokenizer_.decode(Tokens{tail}));
    const bool named = alternatives.contains(tail);
    const auto real = std::count_if(row.begin(), row.end(), [&](TokenId id) { return id != pad_; });
    if (real == 0 || alternatives.size() < 2 || !named || row.size() < 2) return row;

    GenerateRequest one;
    one.input_ids = {Tokens(row.begin(), row.end() - 1)};
    if (real == 1 && tokenizer_.bos_id()) one.input_ids[0].back() = *tokenizer_.bos_id();
    GenerationConfig config;
    config.set("max_new_tokens", 1).set("pad_token_id", pad_);
    config.set("sequence_bias", bias_of(alternatives, tail));
    one.generation_config = std::move(config);
    one.generator = request_.generator;
    return generate(model_, &tokenizer_, one, nullptr, nullptr).sequences.at(0);
  }

 private:
  Model::Parts& model_;
  const Tokenizer& tokenizer_;
  TokenId pad_;
  const GenerateRequest& request_;
};

}  // namespace

std::vector<Tokens> heal_tokens(Model::Parts& model, const Tokenizer* tokenizer,
                                const std::vector<Tokens>& rows, const GenerateRequest& request) {
  if (tokenizer == nullptr || !tokenizer->pad_id()) {
    throw Error(Code::invalid_argument,
                "token_healing: needs the model's tokenizer, with a pad token");
  }
  const TokenId pad = *tokenizer->pad_id();
  std::vector<Tokens> out;
  for (const Tokens& row : rows) {
    out.push_back(
        tokenizer->encode_ids(stripped(tokenizer->decode(row, {.skip_special_tokens = true}))));
  }
  out = padded(std::move(out), pad, tokenizer->pads_left());
  if (out[0].empty()) return out;
  const Healer healer(model, *tokenizer, pad, request);
  for (Tokens& row : out) {
    if (tokenizer->bos_id()) std::replace(row.begin(), row.end(), *tokenizer->bos_id(), pad);
    row = healer.heal(row);
  }
  return out;
}

}  // namespace typecase
