#pragma once

#include <typecase/json.h>
#include <typecase/token.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace typecase {

class Tokenizer;

/// Half-open range of bytes in a text.
struct ByteSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(const ByteSpan&, const ByteSpan&) = default;
};

/// A conversation as the text a model reads.
struct RenderedText {
  std::string text{};
  /// What came from messages, tools, documents or variables and not from the template: sorted,
  /// disjoint. A control token spelled inside such a span was typed by somebody.
  std::vector<ByteSpan> caller_spans{};
  /// What stood inside {% generation %} … {% endgeneration %}, in order of rendering.
  std::vector<ByteSpan> generation_spans{};
};

/// A moment without a zone: what strftime_now() sees.
struct ClockTime {
  int year = 1970, month = 1, day = 1;  ///< month and day count from 1
  int hour = 0, minute = 0, second = 0, microsecond = 0;

  static ClockTime now();  ///< local time
  /// "2026-11-22" or "2026-11-22T10:00:00" with optional fraction. Throws Error(invalid_argument).
  static ClockTime parse(std::string_view iso8601);
};

/// What one render may cost; each is an Error(limit) that names the limit and the place.
struct TemplateLimits {
  std::uint64_t steps = 20'000'000;     ///< statements, iterations, expressions, 64 bytes copied
  std::uint64_t output = 64ull << 20;   ///< bytes
  std::uint64_t memory = 256ull << 20;  ///< bytes of all live values
  std::uint64_t string = 64ull << 20;   ///< bytes of one string
  std::uint64_t list = 4'000'000;       ///< elements of one list or dict
  double seconds = 1.0;                 ///< of processor time of the rendering thread
};

/// What to render.
struct ChatRequest {
  Json messages{};   ///< list of objects
  Json tools{};      ///< null, or a list of JSON schemas
  Json documents{};  ///< null, or a list of objects
  bool add_generation_prompt = false;
  /// Empty: no. Else the field of the last message that is to be continued, usually "content".
  std::string continue_final_message{};
  Json variables = Json::object();  ///< win over special tokens; cannot replace the names above
  std::optional<ClockTime> now{};   ///< unset: local time
  TemplateLimits limits{};
};

/// A compiled chat template: the Jinja dialect of the reference's apply_chat_template.
///
/// Templates are untrusted: they reach nothing but their arguments, and every cost is bounded.
/// Movable. Const methods may be called from many threads at once.
class ChatTemplate {
 public:
  /// `special_tokens`: an object like {"bos_token": "<s>"}, variables of every render.
  /// Throws Error(invalid_argument) for what the reference refuses to compile and Error(limit),
  /// both with line and column.
  static ChatTemplate parse(std::string_view source, Json special_tokens = Json::object());

  /// A tokenizer's template, chosen as the reference chooses it, with its token strings. `asked`:
  /// the name of one of its templates, or a source; empty: the only template, or of several
  /// "tool_use" (when there are tools) or "default". Throws Error(not_found) when it has no such
  /// template.
  static ChatTemplate of(const Tokenizer& tokenizer, std::string_view asked = {},
                         bool has_tools = false);

  ChatTemplate(ChatTemplate&&) noexcept;
  ChatTemplate& operator=(ChatTemplate&&) noexcept;
  ~ChatTemplate();

  /// Throws Error(invalid_argument) for what the template or the reference refuses, Error(limit).
  RenderedText render(const ChatRequest& request) const;

  const std::string& source() const noexcept;
  /// What the template itself may write: its text and its string literals, each ended by '\0'.
  const std::string& literal_text() const noexcept;

 private:
  struct Parts;
  explicit ChatTemplate(std::unique_ptr<Parts> parts) noexcept;
  std::unique_ptr<Parts> parts_;
};

/// What a control token is that somebody typed into a message.
enum class TypedTokens {
  control,  ///< a control token, as in the reference
  text,     ///< plain text: the reference's sanitize_control_tokens
};

/// The tokens of a rendered chat; nothing is added, the template writes the special tokens itself.
/// Control tokens are the special ones and the model's chat_control_tokens, or without such a list
/// the added tokens that `chat` writes. Throws Error(invalid_argument) when a typed one cannot be
/// text because the tokenizer's model makes the control token of it.
Tokens encode_chat(const Tokenizer& tokenizer, const ChatTemplate& chat,
                   const RenderedText& rendered, TypedTokens typed = TypedTokens::control);

/// The special tokens of `tokenizer` as template variables: {"bos_token": …, …}.
Json special_token_variables(const Tokenizer& tokenizer);

}  // namespace typecase
