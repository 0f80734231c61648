/// Speed of choosing a token from one row of logits, without any model:
///
///     bench_decode [rows per kind]
///
/// Every way to choose at the vocabularies of SmolLM2 (49 152) and Llama 3 (128 256, rounded up to
/// 131 072), on rows like those of a model: a bell of unlikely tokens and a few dozen that stand
/// out; "flat" has the bell alone. Lower quartiles in µs a row. A sampled choice is a warper,
/// softmax, and the draw; the draw's random numbers are demanded by the seed and listed on their
/// own.
#include "decode/draw.h"
#include "decode/order.h"
#include "decode/softmax.h"
#include "decode/warpers/min_p.h"
#include "decode/warpers/temperature.h"
#include "decode/warpers/top_k.h"
#include "decode/warpers/top_p.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

namespace typecase {
namespace {

using Row = std::vector<float>;

/// A bell of width 2 and, unless flat, forty tokens above it whose odds fall like 1/rank.
Row made_row(std::size_t vocabulary, bool flat, Generator& random) {
  Row row(vocabulary);
  for (float& x : row) {
    const float radius = std::sqrt(-2 * std::log(1 - random.uniform()));
    x = 2 * radius * std::cos(6.2831853f * random.uniform());
  }
  for (int rank = 1; rank <= 40 && !flat; ++rank) {
    const auto at = static_cast<std::size_t>(random.uniform() * static_cast<float>(vocabulary));
    row[std::min(at, vocabulary - 1)] = 17 - 1.5f * std::log(static_cast<float>(rank));
  }
  return row;
}

/// The lower quartile of the time of `work` over the rows, each a fresh copy, in µs: other load on
/// the machine only ever makes a row slower.
double quartile_us(const std::vector<Row>& rows,
                   const std::function<void(std::span<float>)>& work) {
  std::vector<double> times;
  Row copy;
  for (int round = 0; round < 3; ++round) {
    for (const Row& row : rows) {
      copy = row;
      const auto start = std::chrono::steady_clock::now();
      work(copy);
      const std::chrono::duration<double, std::micro> took =
          std::chrono::steady_clock::now() - start;
      times.push_back(took.count());
    }
  }
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 4),
                   times.end());
  return times[times.size() / 4];
}

struct Way {
  const char* name;
  std::function<void(std::span<float>)> work;
};

void measure(std::size_t vocabulary, bool flat, std::size_t row_count) {
  Generator random(1);
  std::vector<Row> rows;
  for (std::size_t i = 0; i < row_count; ++i) rows.push_back(made_row(vocabulary, flat, random));

  TokenId sink = 0;
  const auto draw_from = [&](std::span<float> p) { draw(p, vocabulary, random, {&sink, 1}); };
  const double words = quartile_us(rows, [&](std::span<float> row) {
    for (std::size_t left = 2 * row.size(); left > 0;) {
      const std::size_t n = std::min(random.ready().size(), left);
      random.take(n);
      left -= n;
    }
  });
  const auto sampled = [&](auto warper) {
    return [&, warper](std::span<float> row) mutable {
      warper.apply(row, {});
      softmax(row, row);
      draw_from(row);
    };
  };
  const std::vector<Way> choices{{"temperature 0.7", sampled(Temperature(0.7))},
                                 {"top-k 50", sampled(TopK(50))},
                                 {"top-p 0.9", sampled(TopP(0.9, 1))},
                                 {"min-p 0.05", sampled(MinP(0.05, 1))}};
  std::printf("%zu tokens, %s\n", vocabulary, flat ? "flat" : "peaked");
  std::printf("  %-18s %8.1f\n", "greedy",
              quartile_us(rows, [&](std::span<float> row) { sink ^= argmax(row); }));
  for (const Way& way : choices) {
    const double all = quartile_us(rows, way.work);
    std::printf("  %-18s %8.1f   and %.1f for random numbers\n", way.name, all - words, words);
  }
  std::printf("  %-18s %8.1f\n", "softmax alone",
              quartile_us(rows, [](std::span<float> row) { softmax(row, row); }));
  Selections count;
  TopP top_p(0.9, 1, &count);
  const double alone = quartile_us(rows, [&](std::span<float> row) { top_p.apply(row, {}); });
  std::printf("  %-18s %8.1f   %zu of %zu rows sorted after all\n", "top-p alone", alone,
              count.sorted, count.rows);
}

}  // namespace
}  // namespace typecase

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 60;
  for (const std::size_t vocabulary : {49152u, 131072u}) {
    for (const bool flat : {false, true}) {
      typecase::measure(vocabulary, flat, static_cast<std::size_t>(std::max(count, 1)));
    }
  }
  return 0;
}
