#include "commands.h"
#include "shared_options.h"

#include <typecase/benchmark.h>

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
  for (const Row& row : kRows) {
    if (const Json* measure = result.find(row.name)) print_row(out, row, *measure);
  }
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
  table.flag("json", "as one JSON document", bench->json);
  bench->talk.add_to(table);
  bench->model.add_to(table);
  return [bench](Output& out) { return (*bench)(out); };
}

}  // namespace typecase::cli
