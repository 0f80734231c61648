#pragma once

#include <typecase/json.h>
#include <typecase/token.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What happens while tokens are chosen, as typed events: docs/trace.md. Terminal, JSON and
/// pictures are drawn from this one stream.
namespace typecase::trace {

/// Of the JSON form. A new field or event kind keeps it; a changed meaning raises it.
inline constexpr int kVersion = 1;

/// Where something happens. Row r of a step continues prompt r / rows_per_prompt (Begin).
struct Place {
  std::size_t step = 0;  ///< the how-manieth new token, from 1
  std::size_t row = 0;
};

/// A token and how it stands at one point of a step.
struct Candidate {
  TokenId id = 0;
  float score = 0;  ///< a logit; with beams a log-probability
  double probability = 0;
};

/// First event of a call.
struct Begin {
  std::string mode{};             ///< "greedy decoding", "sampling", "beam search", …
  std::vector<Tokens> prompts{};  ///< padding included
  std::size_t rows_per_prompt = 1;
  std::size_t vocabulary = 0;
  Json config{};  ///< every field of the effective configuration
};

/// What the model gave one row.
struct Logits {
  Place at;
  std::vector<Candidate> top{};  ///< the most probable, greatest first: the shown ones of this row
  double entropy = 0;            ///< of the whole distribution, in nats
};

/// What one processor did to one row; no event when it changed nothing.
struct Processed {
  struct Change {
    TokenId id = 0;
    float before = 0;
    float after = 0;
  };
  Place at;
  std::string name{};           ///< the configuration field: "top_p"
  std::size_t changed = 0;      ///< scores that became another finite number
  std::size_t cut = 0;          ///< scores that became −∞
  std::size_t kept = 0;         ///< scores above −∞ afterwards
  double mass_cut = 0;          ///< probability that the cut tokens had just before
  std::vector<Change> shown{};  ///< those of the row's shown candidates that changed or were cut
};

/// What the choice is made from: softmax of the scores after all processors.
struct Distribution {
  struct Kept {
    TokenId id = 0;
    float score = 0;
    double raw_probability = 0;  ///< as the model gave it
    double probability = 0;      ///< after all processors
  };
  Place at;
  std::size_t kept = 0;  ///< scores above −∞
  /// The most probable, greatest first, and whichever of the row's shown candidates are kept.
  std::vector<Kept> top{};
  double entropy = 0;
};

/// The token one row received.
struct Choice {
  Place at;
  TokenId id = 0;
  bool drawn = false;          ///< by random numbers; false: the greatest score
  double raw_probability = 0;  ///< as the model gave it
  double probability = 0;      ///< after all processors
};

/// A row met a stopping criterion.
struct Finish {
  Place at;
  std::string reason{};  ///< "eos_token_id", "max_length", "max_time", "stop_strings", "criterion"
};

/// How contrastive search weighed its candidates in one row, before their choice.
struct Contrast {
  struct Candidate {
    TokenId id = 0;
    float probability = 0;  ///< p, after all processors
    float penalty = 0;      ///< the greatest cosine of its hidden state with one of the context
    float score = 0;  ///< (1 − penalty_alpha) · p − penalty_alpha · penalty: the greatest wins
  };
  Place at;
  std::vector<Candidate> candidates{};  ///< the most probable, greatest p first
};

/// One round of assisted decoding, before the steps of the tokens it yields: the accepted ones and
/// one that the model itself chose.
struct Draft {
  Place at;                  ///< of the first of these tokens
  Tokens ids{};              ///< drafted; may be empty
  std::size_t accepted = 0;  ///< the first of them, which the model agrees with
};

/// One step of a beam search for one prompt (or one group of its beams).
struct BeamStep {
  /// An open hypothesis before the step.
  struct Open {
    Tokens ids{};     ///< generated so far
    float score = 0;  ///< Σ log p
  };
  struct Candidate {
    std::size_t rank = 0;    ///< from 0, in the order of the choice
    std::size_t parent = 0;  ///< index in `open`
    TokenId id = 0;
    float log_probability = 0;  ///< after all processors
    float score = 0;            ///< the parent's + log_probability
    bool ended = false;         ///< meets a stopping criterion
    /// "kept": goes on as open hypothesis `becomes`. "pruned": outside the best that go on.
    /// "finished": joins the finished ones. "rejected": ended, but `why` kept it out.
    /// With constraints, why of a kept one may be "constraint": it is there because it advances
    /// one.
    std::string fate{};
    std::string why{};
    std::optional<std::size_t> becomes{};
    /// Of those that ended among the first: score / length^length_penalty.
    std::optional<float> final_score{};
  };
  struct Finished {
    Tokens ids{};     ///< generated
    float score = 0;  ///< final
  };

  std::size_t step = 0;
  std::size_t prompt = 0;
  std::size_t group = 0;   ///< of num_beam_groups
  std::size_t length = 0;  ///< generated, the new token included
  double length_penalty = 1;
  std::vector<Open> open{};
  std::vector<Candidate> candidates{};
  std::vector<Finished> finished{};  ///< after the step, best first
  float reachable = 0;               ///< what the best open hypothesis may still score
  std::optional<float> worst_finished{};
  bool improvable = true;  ///< whether the search for this prompt may still get better
};

/// Why the whole generation ended.
struct Stop {
  std::size_t step = 0;
  std::string reason{};  ///< "all_finished", "not_improvable", "early_stopping", "interrupted"
};

/// Last event: what is returned.
struct End {
  struct Sequence {
    Tokens ids{};                  ///< prompt and padding included
    std::size_t length = 0;        ///< generated, without fill behind the end
    std::optional<float> sum{};    ///< beams: Σ log p
    std::optional<float> score{};  ///< beams: sum / length^length_penalty
  };
  std::vector<Sequence> sequences{};
};

using Event = std::variant<Begin, Logits, Processed, Distribution, Choice, Finish, BeamStep, Stop,
                           End, Contrast, Draft>;

/// Who wants to see. Nothing is computed for it when `on_event` is empty.
struct Observer {
  std::function<void(const Event&)> on_event{};
  std::size_t candidates = 10;  ///< how many of a row are shown

  explicit operator bool() const { return static_cast<bool>(on_event); }
};

/// The name of the event in JSON: "logits", "beam_step", …
std::string name_of(const Event& event);

/// The JSON form of docs/trace.md: one object, `event` first. With `text` every id of a token is
/// followed by its text.
Json to_json(const Event& event, const std::function<std::string(TokenId)>& text = {});

}  // namespace typecase::trace
