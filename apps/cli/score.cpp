#include "columns.h"
#include "commands.h"
#include "shared_options.h"
#include "terminal.h"

#include <typecase/error.h>
#include <typecase/model.h>
#include <typecase/utf8.h>

#include <cmath>
#include <memory>

namespace typecase::cli {
namespace {

constexpr std::size_t kLongestText = 64 << 20;
constexpr int kMost = 1 << 30;

class Score {
 public:
  explicit Score(Options& table);
  int operator()(Output& out);

 private:
  std::string text() const;
  Json document(const Model& model, const TextScore& score) const;
  void print(Output& out, const Model& model, const TextScore& score) const;
  void print_token(Output& out, const Model& model, const TextScore& score, std::size_t i) const;

  ModelFlags model_{};
  TalkFlags talk_{};
  std::string file_{};
  int max_length_ = 0;
  int stride_ = 0;
  bool tokens_ = false;
  bool json_ = false;
  bool special_ = true;
  bool replace_invalid_ = false;
  Messages messages_{talk_};
};

Score::Score(Options& table) {
  table.positional("FILE", "the text; - or nothing: standard input", file_);
  table.integer("max-length", "N", "tokens the model sees at once (its context, at most 1024)",
                max_length_, 2, kMost);
  table.integer("stride", "N", "how far each window moves on (half of --max-length)", stride_, 1,
                kMost);
  table.flag("tokens", "also every token with its log-likelihood", tokens_);
  table.flag("add-special-tokens", "with the tokens the tokenizer puts around a text (default)",
             special_);
  table.flag("replace-invalid", "invalid UTF-8 in the text becomes U+FFFD", replace_invalid_);
  table.flag("json", "as one JSON document", json_);
  talk_.add_to(table);
  model_.add_to(table);
}

std::string Score::text() const {
  const std::string bytes = read_all(file_.empty() ? "-" : file_, kLongestText);
  if (replace_invalid_) return replace_invalid_utf8(bytes);
  if (const auto offset = first_invalid_utf8(bytes)) {
    throw Error(Code::invalid_argument,
                "the text is not valid UTF-8; --replace-invalid puts U+FFFD there",
                Place{.file = file_, .offset = *offset});
  }
  return bytes;
}

Json Score::document(const Model& model, const TextScore& score) const {
  Json out = Json::Object{{"tokens", static_cast<std::int64_t>(score.ids.size())},
                          {"scored", score.scored},
                          {"log_likelihood", score.log_likelihood},
                          {"mean_log_likelihood", score.mean()},
                          {"perplexity", score.perplexity()},
                          {"max_length", score.max_length},
                          {"stride", score.stride},
                          {"windows", score.windows}};
  if (!tokens_) return out;
  Json::Array list;
  for (std::size_t i = 0; i < score.ids.size(); ++i) {
    const float p = score.log_probabilities[i];
    list.emplace_back(Json::Object{{"id", score.ids[i]},
                                   {"token", model.tokenizer().decode(Tokens{score.ids[i]})},
                                   {"log_probability", std::isnan(p) ? Json() : Json(p)}});
  }
  out.set("per_token", std::move(list));
  return out;
}

void Score::print_token(Output& out, const Model& model, const TextScore& score,
                        std::size_t i) const {
  const std::string token = visible(model.tokenizer().decode(Tokens{score.ids[i]}));
  const double p = static_cast<double>(score.log_probabilities[i]);
  const bool known = !std::isnan(p);
  const std::string line = fit(token, 24) + fit_right(std::to_string(score.ids[i]), 9) +
                           fit_right(known ? decimal(p, 4) : "–", 11) +
                           fit_right(known ? percent(std::exp(p)) : "", 9) + "  " +
                           (known ? bar(std::exp(p), 24) : "");
  out << std::string_view(line).substr(0, line.find_last_not_of(' ') + 1) << "\n";
}

void Score::print(Output& out, const Model& model, const TextScore& score) const {
  if (tokens_) {
    out << paint(Stream::output, Paint::faint,
                 fit("token", 24) + fit_right("id", 9) + fit_right("ln p", 11) + fit_right("p", 9))
        << "\n";
    for (std::size_t i = 0; i < score.ids.size(); ++i) print_token(out, model, score, i);
    out << "\n";
  }
  const auto line = [&out](std::string_view name, const std::string& value) {
    out << fit(name, 22) << fit_right(value, 16) << "\n";
  };
  line("tokens", grouped(score.ids.size()));
  line("scored", grouped(static_cast<std::size_t>(score.scored)));
  line("log-likelihood", decimal(score.log_likelihood, 4));
  line("per token", decimal(score.mean(), 6));
  line("perplexity", decimal(score.perplexity(), 4));
  if (score.windows > 1) {
    line("windows", grouped(static_cast<std::size_t>(score.windows)) + " of " +
                        grouped(static_cast<std::size_t>(score.max_length)));
    line("stride", grouped(static_cast<std::size_t>(score.stride)));
  }
}

int Score::operator()(Output& out) {
  const std::string input = text();
  const Model model = model_.open();
  for (const auto& warning : model.warnings()) messages_.warn(warning);
  const TextScore score = model.score(model.tokenizer().encode_ids(input, special_),
                                      {.max_length = max_length_, .stride = stride_});
  messages_.note("backend " + model.backend());
  if (json_) {
    out << document(model, score).dump() << "\n";
  } else {
    print(out, model, score);
  }
  return 0;
}

}  // namespace

Action declare_score(Options& table) {
  const auto score = std::make_shared<Score>(table);
  return [score](Output& out) { return (*score)(out); };
}

}  // namespace typecase::cli
