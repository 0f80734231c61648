/// The same logits, bit for bit, under any schedule: threads, batch, chunks, forks of cached
/// prefixes, truncations. TYPECASE_TEST_ALL=1 tries twenty times as many.
#include "backend/cpu/amx_in_software.h"
#include "backend/cpu/isa/levels.h"
#include "backend/cpu/made_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>

namespace typecase {
namespace {

constexpr int kVocabulary = 50;
constexpr int kStem = 37;  // tokens that all texts begin with: two blocks of the cache and a part
constexpr int kLongest = 19;  // own tokens of a text
constexpr int kTexts = 24;

/// What a text's logits are when it is given whole and alone, to one thread.
struct Text {
  std::vector<TokenId> tokens;
  std::vector<float> logits;
};

class Random {
 public:
  explicit Random(unsigned seed) : random_(seed) {}
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  bool chance(int percent) { return below(100) < percent; }
  template <class T>
  const T& of(const std::vector<T>& v) {
    return v[static_cast<std::size_t>(below(static_cast<int>(v.size())))];
  }

 private:
  std::mt19937 random_;
};

/// A model's texts, and an executor that lives through many schedules with the stem in its cache.
class World {
 public:
  World(const MadeShape& shape, const std::string& level, bool int8) : model_(shape) {
    auto tokens = made_tokens(kStem, kVocabulary);
    const auto alone =
        make_cpu_executor(model_.plan, {.threads = 1, .isa = level, .int8_activations = int8});
    for (int t = 0; t < kTexts; ++t) {
      Text text{.tokens = tokens, .logits = {}};
      const auto own = made_tokens(1 + t % kLongest, kVocabulary, 100 + static_cast<unsigned>(t));
      text.tokens.insert(text.tokens.end(), own.begin(), own.end());
      const SequenceId s = alone->create();
      text.logits = alone->forward(made_rows(s, text.tokens)).logits;
      alone->drop(s);
      texts.push_back(std::move(text));
    }
    for (int threads : {1, 2}) {
      executors.push_back(make_cpu_executor(
          model_.plan, {.threads = threads, .isa = level, .int8_activations = int8}));
      stems.push_back(executors.back()->create());
      executors.back()->forward(made_rows(stems.back(), tokens));
    }
  }

  std::vector<Text> texts;
  std::vector<std::unique_ptr<Executor>> executors;  // of one and of two threads
  std::vector<SequenceId> stems;

 private:
  MadeModel model_;
};

/// One random schedule.
class Schedule {
 public:
  Schedule(World& world, unsigned seed) : world_(world), random_(seed) {
    const auto threads = static_cast<std::size_t>(random_.below(2));
    executor_ = world.executors[threads].get();
    stem_ = world.stems[threads];
  }

  void run() {
    for (int i = 1 + random_.below(17); i > 0; --i) begin();
    while (!running_.empty() && !testing::Test::HasFailure()) {
      step();
      disturb();
    }
    for (const Running& r : running_) executor_->drop(r.sequence);
  }

 private:
  struct Running {
    const Text* text;
    SequenceId sequence;
    int done = 0;
  };

  // From the first token, or from any length of the stem that is in the cache.
  void begin() {
    Running r{.text = &random_.of(world_.texts), .sequence = 0};
    if (random_.chance(25)) {
      r.sequence = executor_->create();
    } else {
      r.sequence = executor_->fork(stem_);
      r.done = random_.chance(50) ? kStem : random_.below(kStem + 1);
      executor_->truncate(r.sequence, r.done);
    }
    running_.push_back(r);
  }

  // Some of the sequences go on by a chunk each; some rows ask for logits.
  void step() {
    static const std::vector<int> kChunks = {1, 1, 1, 2, 3, 5, 8, 13, 16, 31, 60};
    std::vector<Row> rows;
    std::vector<const float*> expected;
    for (Running& r : running_) {
      if (!random_.chance(70)) continue;
      const int left = static_cast<int>(r.text->tokens.size()) - r.done;
      for (int n = std::min(left, random_.of(kChunks)); n > 0; --n, ++r.done) {
        const auto at = static_cast<std::size_t>(r.done);
        rows.push_back({.sequence = r.sequence,
                        .token = r.text->tokens[at],
                        .slot = r.done,
                        .position = r.done,
                        .logits = n == 1 || random_.chance(30),
                        .rotary_length = r.done + 1});
        if (rows.back().logits) expected.push_back(&r.text->logits[at * kVocabulary]);
      }
    }
    if (!rows.empty()) compare(rows, expected);
  }

  void compare(const std::vector<Row>& rows, const std::vector<const float*>& expected) {
    const auto logits = executor_->forward(rows).logits;
    ASSERT_EQ(logits.size(), expected.size() * kVocabulary);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_TRUE(std::equal(expected[i], expected[i] + kVocabulary, &logits[i * kVocabulary]))
          << "a step of " << rows.size() << " rows on " << executor_->describe();
    }
  }

  // Ends what is complete; now and then takes tokens back, or lets a fork go on instead.
  void disturb() {
    for (std::size_t i = running_.size(); i-- > 0;) {
      Running& r = running_[i];
      if (random_.chance(10)) {
        r.done -= random_.below(std::min(r.done, 20) + 1);
        executor_->truncate(r.sequence, r.done);
      }
      if (random_.chance(10)) {
        const SequenceId fork = executor_->fork(r.sequence);
        executor_->drop(r.sequence);
        r.sequence = fork;
      }
      if (r.done < static_cast<int>(r.text->tokens.size())) continue;
      executor_->drop(r.sequence);
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  World& world_;
  Random random_;
  Executor* executor_;
  SequenceId stem_;
  std::vector<Running> running_;
};

struct Kind {
  const char* name;
  MadeShape shape;
  bool int8 = false;
};
std::ostream& operator<<(std::ostream& out, const Kind& kind) { return out << kind.name; }

MadeShape shape(DType stored, DType dtype, bool gpt2 = false) {
  // Sums of two chains and more, whole and not; chains of pairs and of blocks are longer.
  const int inner = dtype == DType::bfloat16 || is_quantised(stored) ? 544 : 288;
  return {.hidden = 160, .inner = inner, .gpt2 = gpt2, .stored = stored, .dtype = dtype};
}

class Schedules : public testing::TestWithParam<std::tuple<std::string, Kind>> {};
INSTANTIATE_TEST_SUITE_P(
    Isa, Schedules,
    testing::Combine(testing::ValuesIn(cpu::levels_to_run()),
                     testing::Values(Kind{"float32", shape(DType::float32, DType::float32)},
                                     Kind{"gpt2", shape(DType::float32, DType::float32, true)},
                                     Kind{"bfloat16", shape(DType::bfloat16, DType::bfloat16)},
                                     Kind{"q8_0", shape(DType::q8_0, DType::float32)},
                                     Kind{"q4_1", shape(DType::q4_1, DType::float32)},
                                     Kind{"q4_0_in_bfloat16", shape(DType::q4_0, DType::bfloat16)},
                                     Kind{"q8_0_int8", shape(DType::q8_0, DType::bfloat16), true})),
    [](const auto& about) {
      return std::get<0>(about.param) + "_" + std::get<1>(about.param).name;
    });

TEST_P(Schedules, ChangeNoBit) {
  const auto& [level, kind] = GetParam();
  if (kind.int8 && cpu::kernels_for(level).pack_eight_bits == nullptr) GTEST_SKIP();
  World world(kind.shape, level, kind.int8);
  const bool all = std::getenv("TYPECASE_TEST_ALL") != nullptr;
  const bool slow = level == cpu::kAmxInSoftware;
  const unsigned count = slow ? (all ? 60 : 2) : all ? 2000 : 84;  // 24 · 84 > 2000
  for (unsigned seed = 0; seed < count; ++seed) {
    Schedule(world, seed).run();
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace typecase
