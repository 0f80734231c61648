#include "base/utf8.h"
#include "text/shape.h"
#include "text/tokenizer_impl.h"

#include <typecase/error.h>

#include <simdjson.h>

#include <limits>

namespace typecase {
namespace {

constexpr std::size_t kIdleWorkspaces = 64;
constexpr std::size_t kKeptBuffer = 1u << 20;  // bytes a workspace may keep for the next call

/// Refuses what cannot be a text of the reference.
void check_text(std::string_view text) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max() / 4) {
    throw Error(Code::limit, "the text has " + std::to_string(text.size()) +
                                 " bytes; a tokenizer takes at most 1 GiB at once");
  }
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    throw Error(Code::invalid_argument,
                "the text is not valid UTF-8 at byte " +
                    std::to_string(first_invalid_utf8(text).value_or(text.size())));
  }
}

class Loan {
 public:
  explicit Loan(const Tokenizer::Impl& impl) : impl_(impl), workspace_(impl.borrow()) {}
  ~Loan() {
    if (workspace_->pieces.text.text.capacity() <= kKeptBuffer)
      impl_.release(std::move(workspace_));
  }
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;
  TokenizerWorkspace& operator*() const { return *workspace_; }

 private:
  const Tokenizer::Impl& impl_;
  std::unique_ptr<TokenizerWorkspace> workspace_;
};

}  // namespace

std::unique_ptr<TokenizerWorkspace> Tokenizer::Impl::borrow() const {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto out = std::move(idle_.back());
      idle_.pop_back();
      return out;
    }
  }
  auto out = std::make_unique<TokenizerWorkspace>();
  out->model = model->make_workspace();
  return out;
}

void Tokenizer::Impl::release(std::unique_ptr<TokenizerWorkspace> workspace) const {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleWorkspaces) idle_.push_back(std::move(workspace));
}

EncodedPart Tokenizer::Impl::encode(std::string_view text, bool detailed,
                                    bool split_special) const {
  check_text(text);
  EncodedPart out;
  out.detailed = detailed;
  out.ids.reserve(text.size() / 4 + 8);
  const Loan loan(*this);
  TokenizerWorkspace& work = *loan;
  added.cut_raw(text, split_special, work.raw_sections);
  work.split_special = split_special;
  const bool tracked =
      detailed || (pre_tokenizer && pre_tokenizer->needs_origins(normalizer != nullptr));
  std::size_t counted = 0;     // bytes whose characters are in `position`
  std::uint32_t position = 0;  // code points
  for (const auto& section : work.raw_sections) {
    const auto part = text.substr(section.begin, section.end - section.begin);
    if (tracked) {
      // Swallowed white space can make sections overlap, so this may go back.
      if (section.begin < counted) counted = position = 0;
      position += static_cast<std::uint32_t>(
          count_code_points(text.substr(counted, section.begin - counted)));
      counted = section.begin;
    } else {
      position = section.begin;  // bytes will do: only whether it is 0 is asked
    }
    if (!section.id) {
      work.normalized.assign(part, position, tracked);
      encode_section(work, section.begin == 0, out);
      continue;
    }
    out.ids.push_back(*section.id);
    if (!detailed) continue;
    out.tokens.emplace_back(part);
    out.offsets.push_back(
        {position, position + static_cast<std::uint32_t>(count_code_points(part))});
  }
  return out;
}

Tokens Tokenizer::Impl::encode_plain(std::string_view text) const {
  check_text(text);
  EncodedPart out;
  out.detailed = false;
  const Loan loan(*this);
  TokenizerWorkspace& work = *loan;
  work.normalized.assign(text, 0, false);
  if (normalizer) normalizer->normalize(work.normalized);
  std::swap(work.pieces.text, work.normalized);
  work.pieces.starts_text = true;
  run_model(work, out);
  return std::move(out.ids);
}

/// A stretch between the added tokens of the raw text: normalize, cut again, pre-tokenize, model.
void Tokenizer::Impl::encode_section(TokenizerWorkspace& work, bool starts_text,
                                     EncodedPart& out) const {
  AlignedText& text = work.normalized;
  if (normalizer) normalizer->normalize(text);
  added.cut_normalized(text.text, work.split_special, work.sections);
  for (const auto& part : work.sections) {
    if (part.id) {
      out.ids.push_back(*part.id);
      if (!out.detailed) continue;
      out.tokens.push_back(text.text.substr(part.begin, part.end - part.begin));
      out.offsets.push_back(text.span(part.begin, part.end));
      continue;
    }
    if (work.sections.size() == 1) {
      std::swap(work.pieces.text, text);
    } else {
      work.pieces.text.clear();
      work.pieces.text.append(text, part.begin, part.end);
    }
    work.pieces.starts_text = starts_text && part.begin == 0;
    run_model(work, out);
  }
}

void Tokenizer::Impl::run_model(TokenizerWorkspace& work, EncodedPart& out) const {
  work.pieces.restart();
  if (pre_tokenizer) pre_tokenizer->split(work.pieces);
  const std::size_t before = out.ids.size();
  work.ranges.clear();
  model->tokenize(work.pieces, *work.model, {out.ids, out.detailed ? &work.ranges : nullptr});
  if (!out.detailed) return;
  for (std::size_t i = before; i < out.ids.size(); ++i) {
    const Piece range = work.ranges[i - before];
    out.tokens.emplace_back(model->shows_text(out.ids[i]) ? work.pieces.at(range)
                                                          : model->token_of(out.ids[i]));
    out.offsets.push_back(work.pieces.text.span(range.begin, range.end));
  }
}

namespace {

/// What comes behind the model: truncation and special tokens.
void post_process(const Tokenizer::Impl& impl, std::vector<EncodedPart>& parts,
                  const EncodeOptions& options) {
  const auto& truncation = options.truncation ? options.truncation : impl.truncation;
  if (truncation) {
    const bool adds = options.add_special_tokens && impl.post_processor;
    truncate(parts, *truncation, adds ? impl.post_processor->added_tokens(parts.size() > 1) : 0);
  }
  if (impl.post_processor) impl.post_processor->process(parts, options.add_special_tokens);
}

Encoding finish(const Tokenizer::Impl& impl, std::vector<EncodedPart> parts,
                const EncodeOptions& options) {
  post_process(impl, parts, options);
  Encoding out;
  for (EncodedPart& part : parts) {
    out.ids.insert(out.ids.end(), part.ids.begin(), part.ids.end());
    out.type_ids.insert(out.type_ids.end(), part.ids.size(), part.type_id);
    for (auto& token : part.tokens) out.tokens.push_back(std::move(token));
    if (options.offsets) {
      out.offsets.insert(out.offsets.end(), part.offsets.begin(), part.offsets.end());
    }
  }
  const auto& padding = options.padding ? options.padding : impl.padding;
  if (padding) pad(out, *padding, out.ids.size());
  return out;
}

}  // namespace

Tokens Tokenizer::encode_ids(std::string_view text, bool add_special_tokens) const {
  const EncodeOptions options{.add_special_tokens = add_special_tokens};
  if (impl_->padding) return encode(text, options).ids;
  std::vector<EncodedPart> parts;
  parts.push_back(impl_->encode(text, false, impl_->split_special_tokens));
  post_process(*impl_, parts, options);
  if (parts.size() == 1) return std::move(parts[0].ids);
  Tokens out;
  for (const EncodedPart& part : parts) out.insert(out.end(), part.ids.begin(), part.ids.end());
  return out;
}

Encoding Tokenizer::encode(std::string_view text, const EncodeOptions& options) const {
  const bool split = options.split_special_tokens.value_or(impl_->split_special_tokens);
  std::vector<EncodedPart> parts;
  parts.push_back(impl_->encode(text, true, split));
  return finish(*impl_, std::move(parts), options);
}

Encoding Tokenizer::encode(std::string_view text, std::string_view pair,
                           const EncodeOptions& options) const {
  const bool split = options.split_special_tokens.value_or(impl_->split_special_tokens);
  std::vector<EncodedPart> parts;
  parts.push_back(impl_->encode(text, true, split));
  parts.push_back(impl_->encode(pair, true, split));
  parts[1].type_id = 1;
  return finish(*impl_, std::move(parts), options);
}

}  // namespace typecase
