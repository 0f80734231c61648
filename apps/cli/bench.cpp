#include "commands.h"
#include "shared_options.h"

#include <typecase/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <memory>

namespace typecase::cli {
namespace {

// At most `digits` behind the point.
std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

/// How a measure is printed.
struct Row {
  const char* name;
  const char* key;  ///< of the value in the result
  double unit;      ///< what it is divided by
  const char* suffix;
  int digits;
  const char* limit;  ///< what the share is a share of
};

constexpr Row kRows[] = {
    {"load", "seconds", 1, " s", 2, "read"},
    {"prefill", "tokens_per_second", 1, " tokens/s", 1, "multiply-add"},
    {"decode", "tokens_per_second", 1, " tokens/s", 1, "read"},
    {"tokenizer", "bytes_per_second", 1e6, " MB/s", 1, ""},
};

void print_row(Output& out, const Row& row, const Json& measure) {
  const auto number = [&row](const Json& value) {
    return fixed(value.as_number() / row.unit, row.digits);
  };
  const Json::Array& spread = measure.at("spread").as_array();
  std::string line = row.name;
  line.resize(12, ' ');
  line += number(measure.at(row.key)) + row.suffix;
  line.resize(32, ' ');
  line += number(spread.at(0)) + " to " + number(spread.at(1));
  if (const Json* share = measure.find("share_of_limit")) {
    line.resize(54, ' ');
    line += fixed(100 * share->as_number(), 0) + " % of " + row.limit;
  }
  out << line << "\n";
}

std::string in_gigas(const Json& value) { return fixed(value.as_number() / 1e9, 0); }

void print_units(Output& out, const Json& units) {
  std::string line;
  for (const auto& [name, rate] : units.as_object()) {
    line += (line.empty() ? "units       " : ", ") + name + " " + in_gigas(rate);
  }
  if (!line.empty()) out << line << " Gop/s\n";
}

void print_goal(Output& out, const Json& result) {
  const Json& decode = result.at("decode");
  const Json* ceiling = result.at("limits").find("dequantise_tokens_per_second");
  out << "decode goal " << fixed(decode.at("goal_tokens_per_second").as_number(), 1)
      << " tokens/s: 85 % of read";
  if (ceiling != nullptr) {
    out << " or 75 % of dequantise-and-multiply (" << fixed(ceiling->as_number(), 0)
        << " tokens/s)";
  }
  out << "; reached to " << fixed(100 * decode.at("share_of_goal").as_number(), 0) << " %\n";
}

/// The last line: beside the figures measured before.
void print_against(Output& out, const Json& result) {
  const Json* against = result.find("against");
  if (against == nullptr) return;
  const std::string& machine = result.at("machine").as_string();
  if (against->at("compared").as_integer() == 0) {
    out << "\nno earlier figures of this model on: " << machine << "\n";
    return;
  }
  std::string fell;
  for (const Json& one : against->at("fell").as_array()) {
    const double was = one.at("was").as_number(), now = one.at("now").as_number();
    fell += (fell.empty() ? "" : "; ") + one.at("measure").as_string() + " " +
            fixed(std::max(was, now) / std::min(was, now), 2) + " times worse";
  }
  out << "\nagainst earlier figures (" << machine
      << "): " << (fell.empty() ? "nothing fell by more than 15 %" : fell) << "\n";
}

void print(Output& out, const Json& result) {
  const auto text = [&result](const char* key) { return result.at(key).as_string(); };
  const auto limit = [&result](const char* key) { return result.at("limits").at(key).as_number(); };
  out << text("model") << "\n"
      << text("architecture") << ", " << text("dtype") << ", " << text("backend") << "\n"
      << result.at("prompt_tokens").dump() << " prompt tokens, " << result.at("new_tokens").dump()
      << " new tokens, medians of " << result.at("repeats").dump() << "\n\n"
      << "limits      " << fixed(limit("read_bytes_per_second") / 1e9, 1) << " GB/s read, "
      << fixed(limit("multiply_add_operations_per_second") / 1e9, 1)
      << " Gflop/s multiply-add, probed in this run\n";
  print_units(out, result.at("limits").at("units"));
  for (const Row& row : kRows) {
    if (const Json* measure = result.find(row.name)) print_row(out, row, *measure);
  }
  print_goal(out, result);
  print_against(out, result);
}

struct Bench {
  ModelFlags model{};
  TalkFlags talk{};
  BenchmarkOptions options{};
  bool json = false;

  int operator()(Output& out) {
    Messages messages(talk);
    options.on_progress = [&messages](const std::string& text) { messages.progress(text); };
    const Json result = benchmark(model.chosen(), model.options, options);
    messages.progress("");
    if (json) {
      out << result.pretty() << "\n";
    } else {
      print(out, result);
    }
    return 0;
  }
};

}  // namespace

Action declare_bench(Options& table) {
  const auto bench = std::make_shared<Bench>();
  auto& options = bench->options;
  table.integer("prompt-tokens", "N", "length of the prefill (128)", options.prompt_tokens, 1,
                1 << 20, 'p');
  table.integer("new-tokens", "N", "decode steps (32)", options.new_tokens, 1, 1 << 20, 'n');
  table.integer("repeats", "N", "each figure is a median of so many (5)", options.repeats, 1, 1000,
                'r');
  table.text("figures", "FILE", "says what fell by 15 % against the figures there",
             options.figures);
  table.flag("record", "puts this run's figures into that file", options.record);
  table.flag("json", "as one JSON document", bench->json);
  bench->talk.add_to(table);
  bench->model.add_to(table);
  return [bench](Output& out) { return (*bench)(out); };
}

}  // namespace typecase::cli
