/// Encoders, cross attention and distances: the CPU executor against the reference executor, and
/// against itself under every split of work.
#include "backend/cpu/amx_in_software.h"
#include "backend/cpu/made_model.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace typecase {
namespace {

class EncoderOnEveryLevel : public testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Executor> make(const Plan& plan, int threads = 1) const {
    return make_cpu_executor(plan, {.threads = threads, .isa = GetParam()});
  }
};
INSTANTIATE_TEST_SUITE_P(Isa, EncoderOnEveryLevel, testing::ValuesIn(cpu::levels_to_run()),
                         [](const auto& level) { return level.param; });

/// Two networks in one: `made` is the decoder, `read` what becomes its encoder.
struct EncoderDecoder {
  MadeModel made, read, cross;
  Plan plan;

  explicit EncoderDecoder(bool post_norm, DType dtype = DType::float32)
      : made(shape(dtype)), read(shape(dtype), 2), cross(shape(dtype), 3), plan(made.plan) {
    plan.encoder = read.plan.decoder;
    plan.encoder_norm = read.plan.head.norm;
    plan.head.hidden_scale = 0.5f;
    const Tensor far = made.matrix(DType::float32, 8, 3), near = made.matrix(DType::float32, 8, 3);
    for (Block& b : plan.encoder->blocks) {
      b.attention.kind = Attention::Kind::bidirectional;
      b.attention.position =
          RelativeBias{.table = far, .buckets = 8, .max_distance = 20, .bidirectional = true};
      b.post_norm = post_norm;
    }
    for (std::size_t i = 0; i < plan.decoder.blocks.size(); ++i) {
      Block& b = plan.decoder.blocks[i];
      b.attention.position = RelativeBias{.table = near, .buckets = 8, .max_distance = 20};
      b.cross_attention = cross.plan.decoder.blocks[i].attention;
      b.cross_attention->kind = Attention::Kind::cross;
      b.cross_attention->position = {};
      b.cross_attention_norm = cross.plan.decoder.blocks[i].attention_norm;
      b.post_norm = post_norm;
    }
  }

  /// Sizes that are no multiple of a vector.
  static MadeShape shape(DType dtype) {
    return {.hidden = 36,
            .heads = 3,
            .kv_heads = 3,
            .head_dim = 10,
            .inner = 50,
            .layers = 2,
            .vocabulary = 41,
            .gpt2 = true,
            .dtype = dtype};
  }
};

/// A text whose slots `masked` are hidden.
std::vector<Row> text(int n, unsigned seed, const std::vector<int>& masked = {}) {
  auto rows = made_rows(0, made_tokens(n, 41, seed));
  for (const int slot : masked) rows[static_cast<std::size_t>(slot)].visible = false;
  return rows;
}

std::vector<float> answer(Executor& executor, const std::vector<Row>& read, int n) {
  const SequenceId id = executor.create();
  executor.encode(id, read);
  auto logits = executor.forward(made_rows(id, made_tokens(n, 41, 5))).logits;
  executor.drop(id);
  return logits;
}

void expect_near(const std::vector<float>& got, const std::vector<float>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  float most = 0, largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    most = std::max(most, std::abs(got[i] - expected[i]));
    largest = std::max(largest, std::abs(expected[i]));
  }
  EXPECT_LE(most, 6e-6f * largest);
}

TEST_P(EncoderOnEveryLevel, EqualsTheReferenceExecutor) {
  for (const bool post_norm : {false, true}) {
    const EncoderDecoder model(post_norm);
    const auto expected = make_reference_executor(model.plan);
    const auto executor = make(model.plan);
    for (const int n : {1, 15, 16, 17, 70}) {
      expect_near(answer(*executor, text(n, 3), 19), answer(*expected, text(n, 3), 19));
    }
    const auto holes = text(40, 4, {0, 1, 7, 20, 21, 22, 39});
    expect_near(answer(*executor, holes, 6), answer(*expected, holes, 6));
  }
}

TEST_P(EncoderOnEveryLevel, ReadsTheFirstTextWithWeightsFromTheFile) {
  for (const DType dtype : {DType::float32, DType::bfloat16}) {
    const EncoderDecoder model(false, dtype);
    const auto plain = make(model.plan);
    const auto lazy =
        make_cpu_executor(model.plan, {.threads = 2, .isa = GetParam(), .tensors_stay = true});
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(answer(*lazy, text(20, 3), 19), answer(*plain, text(20, 3), 19)) << "text " << i;
    }
  }
}

TEST_P(EncoderOnEveryLevel, DoesNotDependOnThreadsPiecesOrNeighbours) {
  for (const DType dtype : {DType::float32, DType::bfloat16}) {
    const EncoderDecoder model(false, dtype);
    const auto one = make(model.plan, 1), two = make(model.plan, 2);
    const auto whole = answer(*one, text(33, 3), 21);
    EXPECT_EQ(answer(*two, text(33, 3), 21), whole);

    // A step at a time, beside a neighbour with another memory.
    const auto tokens = made_tokens(21, 41, 5);
    const SequenceId a = two->create(), b = two->create();
    two->encode(a, text(33, 3));
    two->encode(b, text(12, 9));
    std::vector<float> steps;
    for (int i = 0; i < 21; ++i) {
      auto rows = made_rows(a, {tokens[static_cast<std::size_t>(i)]}, i);
      rows.push_back(rows[0]);
      rows[1].sequence = b;
      rows[1].logits = false;
      const auto logits = two->forward(rows).logits;
      steps.insert(steps.end(), logits.begin(), logits.end());
    }
    EXPECT_EQ(steps, whole);
  }
}

TEST_P(EncoderOnEveryLevel, ForksShareTheMemoryAndOutliveTheirParent) {
  const EncoderDecoder model(true);
  const auto executor = make(model.plan);
  const auto whole = answer(*executor, text(20, 3), 4);
  const auto tokens = made_tokens(4, 41, 5);
  const SequenceId parent = executor->create();
  executor->encode(parent, text(20, 3));
  executor->forward(made_rows(parent, {tokens[0], tokens[1], tokens[2]}));
  const SequenceId child = executor->fork(parent);
  executor->drop(parent);
  const auto last = executor->forward(made_rows(child, {tokens[3]}, 3)).logits;
  EXPECT_TRUE(std::equal(last.begin(), last.end(), whole.end() - std::ssize(last)));
}

TEST_P(EncoderOnEveryLevel, BidirectionalTextsAreOnePassWhateverTheirLength) {
  EncoderDecoder model(true);
  Plan plan = model.plan;
  plan.decoder = *plan.encoder;
  plan.encoder.reset();
  plan.head = {.transform = {.weight = {.stored = model.made.matrix(DType::float32, 36, 36)}},
               .transform_norm = model.made.plan.head.norm,
               .lm_head = model.made.plan.head.lm_head};
  const auto expected = make_reference_executor(plan);
  const auto executor = make(plan, 2);
  for (const int n : {1, 30, 120}) {
    auto rows = text(n, 6);
    rows[0].sequence = executor->create();
    for (Row& row : rows) row.sequence = rows[0].sequence;
    auto same = rows;
    same[0].sequence = expected->create();
    for (Row& row : same) row.sequence = same[0].sequence;
    expect_near(executor->forward(rows).logits, expected->forward(same).logits);
  }
  // Longer than a pass of decoder rows, alone and behind another text: the same bits.
  plan.decoder.embedding.positions = model.made.matrix(DType::float32, 700, 36);
  plan.max_positions = 700;
  const auto longer = make(plan);
  auto alone = text(600, 8);
  for (Row& row : alone) row.sequence = 0;
  ASSERT_EQ(longer->create(), 0);
  const auto logits = longer->forward(alone).logits;
  auto both = text(50, 9);
  const SequenceId first = longer->create(), second = longer->create();
  for (Row& row : both) row.sequence = first, row.logits = false;
  for (Row row : alone) {
    row.sequence = second;
    both.push_back(row);
  }
  EXPECT_EQ(longer->forward(both).logits, logits);
}

}  // namespace
}  // namespace typecase
