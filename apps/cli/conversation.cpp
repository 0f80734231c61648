#include "conversation.h"

#include "columns.h"

#include <typecase/error.h>
#include <typecase/stream_decoder.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace typecase::cli {
namespace {

constexpr std::int64_t kLongestAnswer = 1024;  // tokens, unless somebody says otherwise
constexpr double kTemperature = 0.7;           // the pipeline's, unless the model's files have one
constexpr std::size_t kCandidates = 10;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Json message(std::string_view role, std::string_view content) {
  return Json::Object{{"role", Json(role)}, {"content", Json(content)}};
}

bool has_role(const Json& message, std::string_view role) {
  const Json* is = message.find("role");
  return is != nullptr && *is == Json(role);
}

[[noreturn]] void refuse(const std::string& why) { throw Error(Code::invalid_argument, why); }

}  // namespace

Conversation::Conversation(const Model& model, const GenerationFlags& generation, ChatSetup setup)
    : model_(model), generation_(generation), setup_(std::move(setup)), cache_(model) {}

void Conversation::set_messages(Json messages) {
  if (!messages.is_array()) refuse("messages: a list of {role, content} is needed");
  for (const Json& m : messages.as_array()) {
    const Json* role = m.find("role");
    if (role == nullptr || !role->is_string()) refuse("messages: each needs a role");
  }
  messages_ = std::move(messages);
  last_.reset();
}

std::string Conversation::system() const {
  if (messages_.size() == 0 || !has_role(messages_.as_array()[0], "system")) return "";
  const Json* content = messages_.as_array()[0].find("content");
  return content != nullptr && content->is_string() ? content->as_string() : "";
}

void Conversation::set_system(const std::string& text) {
  auto& all = messages_.as_array();
  if (!all.empty() && has_role(all[0], "system")) all.erase(all.begin());
  if (!text.empty()) all.insert(all.begin(), message("system", text));
}

void Conversation::clear() {
  auto& all = messages_.as_array();
  const bool keeps = !all.empty() && has_role(all[0], "system");
  all.erase(all.begin() + (keeps ? 1 : 0), all.end());
  last_.reset();
}

bool Conversation::undo() {
  auto& all = messages_.as_array();
  const auto question =
      std::find_if(all.rbegin(), all.rend(), [](const Json& m) { return has_role(m, "user"); });
  if (question == all.rend()) return false;
  all.erase(std::prev(question.base()), all.end());
  last_.reset();
  return true;
}

std::size_t Conversation::forget(std::size_t turns) {
  auto& all = messages_.as_array();
  std::size_t forgotten = 0;
  const auto first = all.begin() + (!all.empty() && has_role(all[0], "system") ? 1 : 0);
  auto at = first;
  while (at != all.end() && forgotten < turns) {
    // A turn reaches to the next question.
    at = std::find_if(at + 1, all.end(), [](const Json& m) { return has_role(m, "user"); });
    ++forgotten;
  }
  all.erase(first, at);
  if (forgotten > 0) last_.reset();
  return forgotten;
}

RenderedText Conversation::rendered(bool for_answer) const {
  const auto& all = messages_.as_array();
  const bool goes_on = for_answer && !all.empty() && has_role(all.back(), "assistant");
  ChatRequest request;
  request.messages = messages_;
  request.tools = setup_.tools;
  request.documents = setup_.documents;
  request.variables = setup_.variables;
  request.now = setup_.now;
  request.add_generation_prompt = for_answer && !goes_on;
  if (goes_on) request.continue_final_message = "content";
  return setup_.chat.render(request);
}

Tokens Conversation::encoded(const RenderedText& text) const {
  return encode_chat(model_.tokenizer(), setup_.chat, text, setup_.typed);
}

std::size_t Conversation::tokens() const {
  if (messages_.size() == 0) return 0;
  if (last_) return last_->prompt.size() + last_->ids.size();
  return encoded(rendered(false)).size();
}

std::size_t Conversation::context() const { return model_.max_length().value_or(0); }

std::size_t Conversation::room(std::size_t length) const {
  const std::size_t most = context();
  if (most == 0) return static_cast<std::size_t>(-1);
  if (length >= most) {
    throw Error(Code::limit, "the conversation has " + grouped(length) +
                                 " tokens, and the longest text of this model has " +
                                 grouped(most));
  }
  return most - length;
}

bool Conversation::named(std::string_view field) const {
  const auto set = [&](const GenerationConfig& config) {
    const Json* v = config.find(field);
    return v != nullptr && !v->is_null();
  };
  return generation_.keywords.find(field) != nullptr ||
         (generation_.config && set(*generation_.config)) || set(model_.generation_config());
}

bool Conversation::samples() const {
  const GenerationConfig& keywords = request({}).keywords;
  std::optional<bool> said = keywords.boolean("do_sample");
  if (!said && generation_.config) said = generation_.config->boolean("do_sample");
  if (!said) said = model_.generation_config().boolean("do_sample");
  return said.value_or(false);
}

/// The caller's fields, and ours where nobody says anything.
GenerateRequest Conversation::request(const Tokens& ids) const {
  GenerateRequest out{.input_ids = {ids}};
  out.attention_mask = {Mask(ids.size(), 1)};  // a pad token in a chat was put there on purpose
  out.keywords = generation_.keywords;
  out.generation_config = generation_.config;
  if (!named("do_sample")) {
    out.keywords.set("do_sample", true);
    if (!named("temperature")) out.keywords.set("temperature", kTemperature);
  }
  if (!named("max_new_tokens") && !named("max_length")) {
    out.keywords.set("max_new_tokens", kLongestAnswer);
  }
  if (!named("pad_token_id")) {
    if (const auto pad = model_.tokenizer().pad_id()) out.keywords.set("pad_token_id", Json(*pad));
  }
  return out;
}

bool Conversation::ends(TokenId id) const {
  const auto& own = generation_.keywords;
  const Json* end = own.find("eos_token_id");
  if (end == nullptr && generation_.config) end = generation_.config->find("eos_token_id");
  if (end == nullptr) end = model_.generation_config().find("eos_token_id");
  if (end == nullptr) return false;
  if (!end->is_array()) return *end == Json(id);
  const auto& all = end->as_array();
  return std::find(all.begin(), all.end(), Json(id)) != all.end();
}

/// Lets the model go on behind answer.prompt and answer.ids.
void Conversation::write(ChatAnswer& answer, const ChatListener& listener) {
  Tokens ids = answer.prompt;
  ids.insert(ids.end(), answer.ids.begin(), answer.ids.end());
  const std::size_t left = room(ids.size());
  GenerateRequest request = this->request(ids);
  const auto most = static_cast<std::int64_t>(std::min<std::size_t>(left, 1U << 30));
  std::int64_t asked = request.keywords.integer("max_new_tokens").value_or(most);
  if (asked > most || !request.keywords.find("max_new_tokens")) {
    asked = most;
    if (!named("max_length")) request.keywords.set("max_new_tokens", most);
  }
  request.prompt_cache = &cache_;
  request.on_warning = listener.warning;
  request.should_stop = listener.should_stop;

  StreamDecoder decoder(model_.tokenizer(), true);
  std::string text;
  for (const TokenId id : answer.ids) text += decoder.push(id);
  const auto say = [&](const std::string& piece) {
    text += piece;
    if (listener.text && !piece.empty()) listener.text(piece);
  };

  const auto start = Clock::now();
  const std::size_t before = answer.ids.size();
  answer.read_seconds = answer.write_seconds = 0;
  bool stopped = !cache_.read(ids, [&] {
    if (listener.reading) listener.reading(cache_.tokens().size(), ids.size());
    return listener.should_stop && listener.should_stop();
  });
  answer.kept = cache_.reused();
  answer.read = ids.size() - answer.kept;
  if (!stopped) {
    request.on_tokens = [&](const std::vector<TokenId>& fresh) {
      if (answer.ids.size() == before) answer.read_seconds = seconds_since(start);
      answer.ids.push_back(fresh.at(0));
      say(decoder.push(fresh.at(0)));
    };
    stopped = model_.generate(request).stopped;
  }
  say(decoder.finish());
  answer.text = std::move(text);
  answer.written = answer.ids.size() - before;
  answer.write_seconds = seconds_since(start) - answer.read_seconds;
  const bool full = std::cmp_greater_equal(answer.written, asked) && !ends(answer.ids.back());
  answer.end = stopped                 ? ChatAnswer::End::interrupted
               : full && asked == most ? ChatAnswer::End::context
               : full                  ? ChatAnswer::End::length
                                       : ChatAnswer::End::finished;
}

/// The answer becomes, or replaces, the last message.
void Conversation::store(ChatAnswer answer) {
  auto& all = messages_.as_array();
  if (!all.empty() && has_role(all.back(), "assistant")) {
    all.back().set("content", answer.opening + answer.text);
  } else {
    all.push_back(message("assistant", answer.text));
  }
  last_ = std::move(answer);
}

/// answer(), or the messages `before` where nothing comes of it; false then.
bool Conversation::answer_or_undo(const Json& before, const std::optional<ChatAnswer>& last,
                                  const ChatListener& listener) {
  try {
    answer(listener);
  } catch (...) {
    messages_ = before;
    last_ = last;
    throw;
  }
  if (!last_ || !last_->ids.empty()) return true;
  messages_ = before;
  return false;
}

void Conversation::ask(const std::string& question, const ChatListener& listener) {
  const Json before = messages_;
  const auto last = last_;
  messages_.push_back(message("user", question));
  if (!answer_or_undo(before, last, listener)) last_.reset();
}

void Conversation::answer(const ChatListener& listener) {
  auto& all = messages_.as_array();
  if (all.empty()) refuse("there is nothing to answer yet");
  ChatAnswer fresh;
  fresh.prompt = encoded(rendered(true));
  if (has_role(all.back(), "assistant")) fresh.opening = all.back().at("content").as_string();
  write(fresh, listener);
  if (!fresh.ids.empty()) return store(std::move(fresh));
  last_ = std::move(fresh);
}

void Conversation::retry(const ChatListener& listener) {
  auto& all = messages_.as_array();
  if (all.empty()) refuse("there is no answer to try again");
  const Json before = messages_;
  if (has_role(all.back(), "assistant")) all.pop_back();
  const auto last = std::exchange(last_, std::nullopt);
  if (!answer_or_undo(before, last, listener)) last_ = last;
}

void Conversation::more(const ChatListener& listener) {
  if (!last_) return answer(listener);
  if (last_->end == ChatAnswer::End::finished) {
    refuse("the answer is complete; /alt 2 takes another token than its end");
  }
  ChatAnswer goes_on = *last_;
  write(goes_on, listener);
  store(std::move(goes_on));
}

void Conversation::take(TokenId token, std::size_t back, const ChatListener& listener) {
  if (!last_ || back < 1 || back > last_->ids.size()) refuse("the last answer has no such token");
  ChatAnswer other = *last_;
  other.ids.resize(other.ids.size() - back);
  other.ids.push_back(token);
  StreamDecoder decoder(model_.tokenizer(), true);
  std::string text;
  for (const TokenId id : other.ids) text += decoder.push(id);
  if (listener.text) listener.text(text);
  if (ends(token)) {
    other.text = text + decoder.finish();
    other.end = ChatAnswer::End::finished;
    return store(std::move(other));
  }
  write(other, listener);
  store(std::move(other));
}

std::vector<Candidate> Conversation::candidates(std::size_t back) {
  if (!last_ || back < 1 || back > last_->ids.size()) refuse("the last answer has no such token");
  Tokens ids = last_->prompt;
  ids.insert(ids.end(), last_->ids.begin(), last_->ids.end() - static_cast<std::ptrdiff_t>(back));
  GenerateRequest one = request(ids);
  one.keywords.set("max_new_tokens", 1);
  one.prompt_cache = &cache_;
  Generator unrelated;  // looking does not change what will be drawn
  one.generator = &unrelated;
  std::vector<Candidate> out;
  one.observer.candidates = kCandidates;
  one.observer.on_event = [&out](const trace::Event& event) {
    if (const auto* logits = std::get_if<trace::Logits>(&event)) {
      for (const auto& c : logits->top) out.push_back({c.id, c.probability, 0});
    } else if (const auto* kept = std::get_if<trace::Distribution>(&event)) {
      for (Candidate& c : out) {
        const auto same = [&c](const auto& k) { return k.id == c.id; };
        const auto found = std::find_if(kept->top.begin(), kept->top.end(), same);
        if (found != kept->top.end()) c.after = found->probability;
      }
    }
  };
  model_.generate(one);
  return out;
}

}  // namespace typecase::cli
