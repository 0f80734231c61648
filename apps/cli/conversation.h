#pragma once

#include "generation_flags.h"

#include <typecase/chat.h>
#include <typecase/model.h>
#include <typecase/prompt_cache.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace typecase::cli {

/// What the model wrote last, token by token.
struct ChatAnswer {
  enum class End {
    finished,     ///< an end token or a stop string
    interrupted,  ///< should_stop
    length,       ///< max_new_tokens
    context,      ///< the model's longest text
  };
  Tokens prompt{};        ///< what the model read
  Tokens ids{};           ///< what it wrote, an end token included
  std::string text{};     ///< of `ids`
  std::string opening{};  ///< of the message, where the prompt has its beginning already
  End end = End::finished;
  // Of the last call; an answer can be taken up again.
  std::size_t kept = 0;     ///< tokens that were in the cache
  std::size_t read = 0;     ///< tokens computed before the first new one
  std::size_t written = 0;  ///< new tokens
  double read_seconds = 0;
  double write_seconds = 0;
};

/// A token that could have stood at some place of an answer.
struct Candidate {
  TokenId id = 0;
  double model = 0;  ///< probability as the model gave it
  double after = 0;  ///< after all processors; 0: cut
};

/// Who follows an answer as it is written. Everything may be empty.
struct ChatListener {
  std::function<void(std::string_view)> text{};
  /// While the prompt is computed: so many of so many tokens are done.
  std::function<void(std::size_t done, std::size_t all)> reading{};
  std::function<bool()> should_stop{};
  std::function<void(const std::string&)> warning{};
};

/// How a conversation is put to the model.
struct ChatSetup {
  ChatTemplate chat;
  Json tools{};      ///< null, or a list
  Json documents{};  ///< null, or a list
  Json variables = Json::object();
  std::optional<ClockTime> now{};
  TypedTokens typed = TypedTokens::control;
};

/// Messages, and a model that answers the last one. The model's cache is kept between answers, so
/// each computes only what is new. A call that throws leaves the messages as they were.
class Conversation {
 public:
  /// `generation` is read at every answer. REQUIRES: both outlive this object.
  Conversation(const Model& model, const GenerationFlags& generation, ChatSetup setup);

  const Json& messages() const noexcept { return messages_; }
  /// Replaces them. Throws Error(invalid_argument) unless they are a list of objects with a role.
  void set_messages(Json messages);
  std::string system() const;                ///< "" when there is none
  void set_system(const std::string& text);  ///< "" removes it
  void clear();                              ///< all but the system message
  bool undo();                               ///< takes the last question and its answer back
  std::size_t forget(std::size_t turns);     ///< the oldest ones; returns how many there were

  /// Adds a question and answers. When nothing has been written, the question is taken back.
  void ask(const std::string& question, const ChatListener& listener);
  /// Answers the last message; a final answer is continued.
  void answer(const ChatListener& listener);
  void retry(const ChatListener& listener);  ///< the last answer anew
  void more(const ChatListener& listener);   ///< the last answer goes on
  /// The last answer up to its token `back` from the end, `token` in that one's place, and on.
  void take(TokenId token, std::size_t back, const ChatListener& listener);

  /// The last answer as it came, while it is the last message.
  const std::optional<ChatAnswer>& last() const noexcept { return last_; }
  /// What else could have been the last answer's token `back` from the end (1 is the last).
  /// Most probable first.
  std::vector<Candidate> candidates(std::size_t back);

  RenderedText rendered(bool for_answer) const;
  std::size_t tokens() const;   ///< of the conversation as the model reads it
  std::size_t context() const;  ///< the model's longest text; 0: no limit
  const Model& model() const noexcept { return model_; }
  /// Whether answers are drawn at random.
  bool samples() const;

 private:
  Tokens encoded(const RenderedText& text) const;
  bool named(std::string_view field) const;
  GenerateRequest request(const Tokens& ids) const;
  std::size_t room(std::size_t length) const;
  void write(ChatAnswer& answer, const ChatListener& listener);
  void store(ChatAnswer answer);
  bool answer_or_undo(const Json& before, const std::optional<ChatAnswer>& last,
                      const ChatListener& listener);
  bool ends(TokenId id) const;

  const Model& model_;
  const GenerationFlags& generation_;
  ChatSetup setup_;
  PromptCache cache_;
  Json messages_ = Json::array();
  std::optional<ChatAnswer> last_{};
};

}  // namespace typecase::cli
