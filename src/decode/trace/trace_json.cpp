#include <typecase/trace.h>

#include <utility>

namespace typecase::trace {
namespace {

using Text = std::function<std::string(TokenId)>;

Json count(std::size_t n) { return static_cast<std::int64_t>(n); }

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}
Json or_null(const std::optional<std::size_t>& value) { return value ? count(*value) : Json(); }

/// Builds one event's object; token ids bring their text along.
class Writer {
 public:
  Writer(const Event& event, const Text& text) : text_(text) { add("event", name_of(event)); }

  Writer& add(std::string_view key, Json value) {
    out_.emplace_back(std::string(key), std::move(value));
    return *this;
  }
  Writer& at(const Place& place) {
    return add("step", count(place.step)).add("row", count(place.row));
  }
  Json::Object token(TokenId id) const {
    Json::Object out{{"id", id}};
    if (text_) out.emplace_back("text", text_(id));
    return out;
  }
  Writer& token_here(TokenId id) {
    for (auto& [key, value] : token(id)) add(key, std::move(value));
    return *this;
  }
  Json texts(const Tokens& ids) const {
    Json::Array out;
    for (const TokenId id : ids) out.emplace_back(text_(id));
    return out;
  }
  /// ids, and beside them their texts.
  void ids(Json::Object& to, const Tokens& ids) const {
    to.emplace_back("ids", Json::array_of(ids));
    if (text_) to.emplace_back("texts", texts(ids));
  }
  Json candidates(const std::vector<Candidate>& list) const {
    Json::Array out;
    for (const Candidate& c : list) {
      Json::Object one = token(c.id);
      one.emplace_back("score", c.score);
      one.emplace_back("probability", c.probability);
      out.emplace_back(std::move(one));
    }
    return out;
  }
  Json done() { return std::move(out_); }

 private:
  const Text& text_;
  Json::Object out_{};
};

void write(Writer& w, const Begin& e) {
  Json::Array prompts;
  for (const Tokens& prompt : e.prompts) prompts.push_back(Json::array_of(prompt));
  w.add("version", kVersion).add("mode", e.mode).add("prompts", std::move(prompts));
  w.add("rows_per_prompt", count(e.rows_per_prompt)).add("vocabulary", count(e.vocabulary));
  w.add("generation_config", e.config);
}

void write(Writer& w, const Logits& e) {
  w.at(e.at).add("entropy", e.entropy).add("top", w.candidates(e.top));
}

void write(Writer& w, const Processed& e) {
  Json::Array shown;
  for (const auto& change : e.shown) {
    Json::Object one = w.token(change.id);
    one.emplace_back("before", change.before);
    one.emplace_back("after", change.after);
    shown.emplace_back(std::move(one));
  }
  w.at(e.at).add("name", e.name).add("changed", count(e.changed)).add("cut", count(e.cut));
  w.add("kept", count(e.kept)).add("mass_cut", e.mass_cut).add("shown", std::move(shown));
}

void write(Writer& w, const Distribution& e) {
  Json::Array top;
  for (const auto& k : e.top) {
    Json::Object one = w.token(k.id);
    one.emplace_back("score", k.score);
    one.emplace_back("raw_probability", k.raw_probability);
    one.emplace_back("probability", k.probability);
    top.emplace_back(std::move(one));
  }
  w.at(e.at).add("kept", count(e.kept)).add("entropy", e.entropy).add("top", std::move(top));
}

void write(Writer& w, const Choice& e) {
  w.at(e.at).token_here(e.id).add("drawn", e.drawn);
  w.add("raw_probability", e.raw_probability).add("probability", e.probability);
}

void write(Writer& w, const Finish& e) { w.at(e.at).add("reason", e.reason); }

Json candidate_of(const Writer& w, const BeamStep::Candidate& c) {
  Json::Object one{{"rank", count(c.rank)}, {"parent", count(c.parent)}};
  for (auto& member : w.token(c.id)) one.push_back(std::move(member));
  one.emplace_back("log_probability", c.log_probability);
  one.emplace_back("score", c.score);
  one.emplace_back("ended", c.ended);
  one.emplace_back("fate", c.fate);
  if (!c.why.empty()) one.emplace_back("why", c.why);
  if (c.becomes) one.emplace_back("becomes", or_null(c.becomes));
  if (c.final_score) one.emplace_back("final_score", or_null(c.final_score));
  return one;
}

template <class T>
Json hypotheses(const Writer& w, const std::vector<T>& list) {
  Json::Array out;
  for (const T& h : list) {
    Json::Object one;
    w.ids(one, h.ids);
    one.emplace_back("score", h.score);
    out.emplace_back(std::move(one));
  }
  return out;
}

void write(Writer& w, const BeamStep& e) {
  Json::Array candidates;
  for (const auto& c : e.candidates) candidates.push_back(candidate_of(w, c));
  w.add("step", count(e.step)).add("prompt", count(e.prompt)).add("group", count(e.group));
  w.add("length", count(e.length));
  w.add("length_penalty", e.length_penalty).add("open", hypotheses(w, e.open));
  w.add("candidates", std::move(candidates)).add("finished", hypotheses(w, e.finished));
  w.add("reachable", e.reachable).add("worst_finished", or_null(e.worst_finished));
  w.add("improvable", e.improvable);
}

void write(Writer& w, const Stop& e) { w.add("step", count(e.step)).add("reason", e.reason); }

void write(Writer& w, const Contrast& e) {
  Json::Array candidates;
  for (const auto& c : e.candidates) {
    Json::Object one = w.token(c.id);
    one.emplace_back("probability", c.probability);
    one.emplace_back("penalty", c.penalty);
    one.emplace_back("score", c.score);
    candidates.emplace_back(std::move(one));
  }
  w.at(e.at).add("candidates", std::move(candidates));
}

void write(Writer& w, const Draft& e) {
  w.at(e.at);
  Json::Object ids;
  w.ids(ids, e.ids);
  for (auto& [key, value] : ids) w.add(key, std::move(value));
  w.add("accepted", count(e.accepted));
}

void write(Writer& w, const End& e) {
  Json::Array sequences;
  for (const auto& s : e.sequences) {
    Json::Object one;
    w.ids(one, s.ids);
    one.emplace_back("length", count(s.length));
    if (s.sum) one.emplace_back("sum", or_null(s.sum));
    if (s.score) one.emplace_back("score", or_null(s.score));
    sequences.emplace_back(std::move(one));
  }
  w.add("sequences", std::move(sequences));
}

}  // namespace

std::string name_of(const Event& event) {
  // In the order of the variant.
  static constexpr const char* kNames[] = {"begin",  "logits",   "processed", "distribution",
                                           "choice", "finish",   "beam_step", "stop",
                                           "end",    "contrast", "draft"};
  static_assert(std::size(kNames) == std::variant_size_v<Event>);
  return kNames[event.index()];
}

Json to_json(const Event& event, const Text& text) {
  Writer w(event, text);
  std::visit([&w](const auto& e) { write(w, e); }, event);
  return w.done();
}

}  // namespace typecase::trace
