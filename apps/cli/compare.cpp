#include "columns.h"
#include "commands.h"
#include "diversity.h"
#include "generation_flags.h"
#include "shared_options.h"
#include "terminal.h"
#include "text_rows.h"

#include <typecase/error.h>
#include <typecase/model.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace typecase::cli {
namespace {

constexpr int kDefaultTokens = 40;
constexpr std::size_t kAcross = 3;  // columns of 25, two apart: 79
constexpr std::size_t kColumn = 25;

/// A way to decode that --strategies can name.
struct Strategy {
  std::string_view name;
  std::string_view fields;  ///< what it sets, as JSON
  std::string_view means;
};

constexpr Strategy kStrategies[] = {
    {"greedy", R"({"do_sample": false, "num_beams": 1})", "always the greatest"},
    {"beam", R"({"do_sample": false, "num_beams": 4})", "4 beams"},
    {"sample", R"({"do_sample": true, "top_k": 0})", "draw from all"},
    {"temperature", R"({"do_sample": true, "top_k": 0, "temperature": 0.7})", "temperature 0.7"},
    {"top-k", R"({"do_sample": true, "top_k": 50})", "top_k 50"},
    {"top-p", R"({"do_sample": true, "top_k": 0, "top_p": 0.9})", "top_p 0.9"},
    {"min-p", R"({"do_sample": true, "top_k": 0, "min_p": 0.1})", "min_p 0.1"},
    {"typical", R"({"do_sample": true, "top_k": 0, "typical_p": 0.9})", "typical_p 0.9"},
    {"top-h", R"({"do_sample": true, "top_k": 0, "top_h": 0.4})", "top_h 0.4"},
    {"repetition", R"({"do_sample": false, "repetition_penalty": 1.3})", "greedy, penalty 1.3"},
    {"no-repeat", R"({"do_sample": false, "no_repeat_ngram_size": 3})", "greedy, no 3-gram twice"},
    {"beam-sample", R"({"do_sample": true, "top_k": 0, "num_beams": 4})", "4 beams, drawn"},
};
constexpr std::string_view kDefault = "greedy,beam,temperature,top-k,top-p,repetition";

const Strategy& strategy_of(std::string_view name) {
  std::string all;
  for (const Strategy& s : kStrategies) {
    if (s.name == name) return s;
    all += (all.empty() ? "" : ", ") + std::string(s.name);
  }
  throw Error(Code::invalid_argument,
              "--strategies: there is no " + quote(name) + "; there are " + all);
}

struct Outcome {
  const Strategy* strategy;
  Tokens fresh;
  std::string text;
  double distinct1 = 1, distinct2 = 1, repeated = 0, mean = 0;
};

class Compare {
 public:
  explicit Compare(Options& table);
  int operator()(Output& out);

 private:
  Outcome outcome_of(const Model& model, const Tokens& prompt, const Strategy& strategy);
  void print(Output& out, const std::string& prompt, const std::vector<Outcome>& all) const;
  Json document(const std::string& prompt, const std::vector<Outcome>& all) const;

  ModelFlags model_{};
  GenerationFlags generation_{};
  TalkFlags talk_{};
  TextFlags prompt_{};
  std::string strategies_{kDefault};
  bool json_ = false;
  std::int64_t seed_ = 0;
  Messages messages_{talk_};
};

Compare::Compare(Options& table) {
  prompt_.add_to(table, "PROMPT");
  std::string names;
  for (const Strategy& s : kStrategies) names += (names.empty() ? "" : ", ") + std::string(s.name);
  table.text("strategies", "A,B,C", "which of: " + names, strategies_);
  table.flag("json", "as one JSON document", json_);
  talk_.add_to(table);
  generation_.add_to(table);
  model_.add_to(table);
}

Outcome Compare::outcome_of(const Model& model, const Tokens& prompt, const Strategy& strategy) {
  GenerateRequest request{.input_ids = {prompt},
                          .keywords = generation_.keywords,
                          .generation_config = generation_.config};
  const Json fields = Json::parse(strategy.fields);
  for (const auto& [field, value] : fields.as_object()) {
    request.keywords.set(field, value);
  }
  const bool has_length = request.keywords.find("max_new_tokens") != nullptr ||
                          request.keywords.find("max_length") != nullptr;
  if (!has_length) request.keywords.set("max_new_tokens", kDefaultTokens);
  request.should_stop = CatchInterrupt::happened;
  Generator generator(seed_);  // every strategy begins with the same random numbers
  request.generator = &generator;
  const GenerateResult result = model.generate(request);

  const Tokens& all = result.sequences.at(0);
  Outcome out{.strategy = &strategy,
              .fresh = {all.begin() + static_cast<std::ptrdiff_t>(prompt.size()), all.end()},
              .text = {}};
  out.text = model.tokenizer().decode(out.fresh, {.skip_special_tokens = true});
  out.distinct1 = distinct(out.fresh, 1);
  out.distinct2 = distinct(out.fresh, 2);
  out.repeated = repetition(out.fresh, 4);
  const auto windows = static_cast<std::int64_t>(std::max<std::size_t>(2, all.size()));
  const TextScore score = model.score(all, {.max_length = windows, .stride = windows});
  double sum = 0;
  for (std::size_t i = prompt.size(); i < all.size(); ++i) {
    sum += static_cast<double>(score.log_probabilities[i]);
  }
  out.mean = sum / static_cast<double>(std::max<std::size_t>(1, out.fresh.size()));
  return out;
}

std::string column_lines(const std::vector<std::vector<std::string>>& columns, std::size_t height) {
  std::string out;
  for (std::size_t y = 0; y < height; ++y) {
    std::string line;
    for (std::size_t x = 0; x < columns.size(); ++x) {
      if (x > 0) line += "  ";
      line += fit(y < columns[x].size() ? columns[x][y] : "", kColumn);
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

/// Up to three strategies beside each other.
std::string side_by_side(std::span<const Outcome> group) {
  std::string titles;
  std::string means;
  std::vector<std::vector<std::string>> columns;
  std::size_t height = 0;
  for (const Outcome& o : group) {
    titles += fit(o.strategy->name, kColumn) + "  ";
    means += fit(o.strategy->means, kColumn) + "  ";
    const std::string text = o.text.substr(std::min(o.text.find_first_not_of(' '), o.text.size()));
    columns.push_back(broken(one_line(text), kColumn));
    height = std::max(height, columns.back().size());
  }
  const auto trimmed = [](const std::string& line) {
    return line.substr(0, line.find_last_not_of(' ') + 1);
  };
  return paint(Stream::output, Paint::bold, trimmed(titles)) + "\n" +
         paint(Stream::output, Paint::faint, trimmed(means)) + "\n" +
         column_lines(columns, height) + "\n";
}

void Compare::print(Output& out, const std::string& prompt, const std::vector<Outcome>& all) const {
  for (const std::string& line : broken(one_line(prompt), 80)) {
    out << paint(Stream::output, Paint::cyan, line) << "\n";
  }
  out << "\n";
  for (std::size_t at = 0; at < all.size(); at += kAcross) {
    out << side_by_side(std::span(all).subspan(at, std::min(kAcross, all.size() - at)));
  }
  out << paint(Stream::output, Paint::bold,
               fit("strategy", 14) + fit_right("tokens", 7) + fit_right("distinct-1", 12) +
                   fit_right("distinct-2", 12) + fit_right("repeated", 10) +
                   fit_right("mean ln p", 11) + fit_right("perplexity", 12))
      << "\n";
  for (const Outcome& o : all) {
    out << fit(o.strategy->name, 14) << fit_right(std::to_string(o.fresh.size()), 7)
        << fit_right(decimal(o.distinct1, 2), 12) << fit_right(decimal(o.distinct2, 2), 12)
        << fit_right(percent(o.repeated), 10) << fit_right(decimal(o.mean, 3), 11)
        << fit_right(decimal(std::exp(-o.mean), 2), 12) << "\n";
  }
  out << paint(Stream::output, Paint::faint,
               "repeated: 4-grams that stood there before. ln p: by the model alone, unfiltered.")
      << "\n";
}

Json Compare::document(const std::string& prompt, const std::vector<Outcome>& all) const {
  Json::Array list;
  for (const Outcome& o : all) {
    list.emplace_back(Json::Object{{"strategy", o.strategy->name},
                                   {"generation_config", Json::parse(o.strategy->fields)},
                                   {"ids", Json::array_of(o.fresh)},
                                   {"text", o.text},
                                   {"distinct_1", o.distinct1},
                                   {"distinct_2", o.distinct2},
                                   {"repetition_4", o.repeated},
                                   {"mean_log_likelihood", o.mean}});
  }
  return Json::Object{{"prompt", prompt}, {"seed", seed_}, {"strategies", std::move(list)}};
}

int Compare::operator()(Output& out) {
  std::vector<const Strategy*> chosen;
  for (std::string_view rest = strategies_; !rest.empty();) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    chosen.push_back(&strategy_of(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (chosen.empty()) throw Error(Code::invalid_argument, "--strategies: name at least one");
  const std::string prompt = prompt_.read();
  const Model model = model_.open();
  for (const auto& warning : model.warnings()) messages_.warn(warning);
  const Tokens ids = text_rows(model.tokenizer(), {prompt}).input_ids.at(0);
  seed_ = generation_.sow();
  messages_.note("seed " + std::to_string(seed_));

  const CatchInterrupt interrupt;
  std::vector<Outcome> all;
  for (const Strategy* strategy : chosen) {
    messages_.progress(std::string(strategy->name) + " …");
    all.push_back(outcome_of(model, ids, *strategy));
    if (CatchInterrupt::happened()) break;
  }
  messages_.progress("");
  if (json_) {
    out << document(prompt, all).dump() << "\n";
  } else {
    print(out, prompt, all);
  }
  out.flush();
  return CatchInterrupt::happened() ? exit_code(Code::interrupted) : 0;
}

}  // namespace

Action declare_compare(Options& table) {
  const auto compare = std::make_shared<Compare>(table);
  return [compare](Output& out) { return (*compare)(out); };
}

}  // namespace typecase::cli
