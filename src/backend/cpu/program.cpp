#include "backend/cpu/program.h"

#include "base/checked.h"
#include "tensor/convert.h"

#include <algorithm>

namespace typecase::cpu {
namespace {

bool same(const Rope::Table& a, const Rope::Table& b) {
  return a.inv_freq == b.inv_freq && a.scaling == b.scaling;
}

bool same(const Rope& a, const Rope& b) {
  const bool both_long = a.long_table && b.long_table && same(*a.long_table, *b.long_table);
  return a.layout == b.layout && a.rotated_dim == b.rotated_dim && same(a.table, b.table) &&
         (both_long || (!a.long_table && !b.long_table)) && a.long_above == b.long_above &&
         a.dynamic == b.dynamic && a.dynamic_above == b.dynamic_above && a.theta == b.theta &&
         a.factor == b.factor && a.rounded_tables == b.rounded_tables &&
         a.rounded_products == b.rounded_products;
}

int padded(int n) { return (n + kPanel - 1) / kPanel * kPanel; }

constexpr std::size_t kLine = 64;
}  // namespace

NormOp Program::norm(const Norm& words, int n) const {
  NormOp op;
  op.weight = load_vector(words.weight, dtype);
  op.bias = load_vector(words.bias, dtype);
  if (!words.weight.empty()) TYPECASE_CHECK(words.weight.size() == n);
  op.words = {words.kind,
              words.rounding,
              op.weight.empty() ? nullptr : op.weight.data(),
              op.bias.empty() ? nullptr : op.bias.data(),
              n,
              words.eps};
  return op;
}

LinearOp Program::linear(const Linear& words) const { return linear(words, dtype); }

LinearOp Program::linear(const Linear& words, DType type) const {
  LinearOp op;
  op.dtype = type;
  if (words.empty()) return op;
  op.weight = packer->add(words.weight, type);
  op.bias = load_vector(words.bias, type);
  if (!words.bias.empty()) TYPECASE_CHECK(words.bias.size() == op.weight->out);
  return op;
}

std::vector<NormOp> Program::norms(const std::vector<Norm>& words, int n) const {
  std::vector<NormOp> out;
  for (const Norm& w : words) out.push_back(norm(w, n));
  return out;
}

AttentionOp Program::attention(const Attention& a) {
  AttentionOp op;
  op.q_proj = linear(a.q_proj);
  op.k_proj = linear(a.k_proj);
  op.v_proj = linear(a.v_proj);
  op.o_proj = linear(a.o_proj);
  TYPECASE_CHECK(a.heads > 0 && a.kv_heads > 0 && a.heads % a.kv_heads == 0 && a.head_dim > 0);
  TYPECASE_CHECK(op.q_proj.weight->out == a.heads * a.head_dim &&
                 op.k_proj.weight->out == a.kv_heads * a.head_dim &&
                 op.v_proj.weight->out == a.kv_heads * a.head_dim &&
                 op.o_proj.weight->in == a.heads * a.head_dim && op.o_proj.weight->out == hidden &&
                 op.q_proj.weight->in == hidden && op.k_proj.weight->in == hidden &&
                 op.v_proj.weight->in == hidden);
  op.whole_norm = a.head_norm == Attention::HeadNorm::whole;
  op.q_norm = norm(a.q_norm, op.whole_norm ? a.heads * a.head_dim : a.head_dim);
  op.k_norm = norm(a.k_norm, op.whole_norm ? a.kv_heads * a.head_dim : a.head_dim);
  op.q_norms = norms(a.q_norms, a.head_dim);
  op.k_norms = norms(a.k_norms, a.head_dim);
  TYPECASE_CHECK(op.q_norms.empty() || op.q_norms.size() == static_cast<std::size_t>(a.heads));
  TYPECASE_CHECK(op.k_norms.empty() || op.k_norms.size() == static_cast<std::size_t>(a.kv_heads));
  op.heads = a.heads;
  op.kv_heads = a.kv_heads;
  op.head_dim = a.head_dim;
  op.scale = a.scale;
  op.scaled_query = a.scaled_query;
  op.softcap = a.softcap;
  op.eager = a.implementation == Attention::Implementation::eager;
  op.float32_scores = a.float32_scores;
  op.window = a.window;
  op.kind = a.kind;
  if (const auto* bias = std::get_if<RelativeBias>(&a.position)) {
    op.relative = relative(*bias, a.heads);
  }
  if (const auto* rope = std::get_if<Rope>(&a.position)) {
    const auto known =
        std::find_if(ropes.begin(), ropes.end(), [&](const Rope& r) { return same(r, *rope); });
    op.rope = static_cast<int>(known - ropes.begin());
    if (known == ropes.end()) ropes.push_back(*rope);
    TYPECASE_CHECK(rope->rotated_dim <= a.head_dim && rope->rotated_dim % 2 == 0 &&
                   rope->table.inv_freq.size() * 2 == static_cast<std::size_t>(rope->rotated_dim));
  }
  if (const auto* alibi = std::get_if<Alibi>(&a.position)) {
    TYPECASE_CHECK(alibi->slopes.size() == static_cast<std::size_t>(a.heads));
    const auto known = std::find_if(alibis.begin(), alibis.end(), [&](const ScaledAlibi& s) {
      return s.alibi.slopes == alibi->slopes && s.alibi.scaled == alibi->scaled &&
             s.alibi.bfloat16 == alibi->bfloat16 && s.scale == a.scale;
    });
    op.alibi = static_cast<int>(known - alibis.begin());
    if (known == alibis.end()) alibis.push_back({*alibi, a.scale});
  }
  const std::size_t element = dtype == DType::float32 ? 4 : 2;
  op.key_bytes =
      (static_cast<std::size_t>((a.head_dim + 1) / 2 * 2) * kPanel * element + kLine - 1) / kLine *
      kLine;
  op.value_bytes = static_cast<std::size_t>(padded(a.head_dim)) * kPanel * element;
  std::size_t& block = a.kind == Attention::Kind::cross ? memory_block_bytes : cache_block_bytes;
  op.cache_offset = block;
  block += static_cast<std::size_t>(a.kv_heads) * (op.key_bytes + op.value_bytes);
  widest_q = std::max(widest_q, padded(a.heads * a.head_dim));
  widest_kv = std::max(widest_kv, padded(a.kv_heads * a.head_dim));
  widest_head_dim = std::max(widest_head_dim, a.head_dim);
  return op;
}

int Program::relative(const RelativeBias& bias, int heads) {
  for (std::size_t i = 0; i < relatives.size(); ++i) {
    const RelativeBias& known = relatives[i].words;
    if (known.table.bytes.data() == bias.table.bytes.data() && known.buckets == bias.buckets &&
        known.max_distance == bias.max_distance && known.bidirectional == bias.bidirectional) {
      return static_cast<int>(i);
    }
  }
  const auto stored = bias.table.shape.at(0), columns = bias.table.shape.at(1);
  TYPECASE_CHECK(columns == heads && bias.buckets <= stored);
  Relative out{.words = bias, .table = {}, .heads = heads};
  for (int h = 0; h < heads; ++h) {
    Vector head{.stored = bias.table};
    for (int b = 0; b < bias.buckets; ++b) head.rows.push_back(b * heads + h);
    const auto values = load_vector(head, dtype);
    out.table.insert(out.table.end(), values.begin(), values.begin() + bias.buckets);
  }
  relatives.push_back(std::move(out));
  return static_cast<int>(relatives.size()) - 1;
}

MlpOp Program::mlp(const Mlp& words, DType down) {
  MlpOp op{linear(words.gate_proj), linear(words.up_proj), linear(words.down_proj, down),
           words.activation};
  TYPECASE_CHECK(op.up_proj.weight->in == hidden && op.down_proj.weight->out == hidden &&
                 op.down_proj.weight->in == op.up_proj.weight->out);
  if (!op.gate_proj.empty()) {
    TYPECASE_CHECK(op.gate_proj.weight->in == hidden &&
                   op.gate_proj.weight->out == op.up_proj.weight->out);
  }
  widest_mlp = std::max(widest_mlp, padded(op.up_proj.weight->out));
  return op;
}

ExpertsOp Program::experts(const Experts& words) {
  ExpertsOp op;
  op.router = linear(words.router);
  op.shared_gate = linear(words.shared_gate);
  for (const Mlp& m : words.experts) op.experts.push_back(mlp(m, dtype));
  if (words.shared) op.shared = mlp(*words.shared, dtype);
  op.per_token = words.per_token;
  op.normalise = words.normalise_top_k;
  op.rounded_shares = words.rounded_shares;
  const int count = static_cast<int>(op.experts.size());
  TYPECASE_CHECK(op.router.weight->out == count && op.router.weight->in == hidden);
  TYPECASE_CHECK(op.per_token > 0 && op.per_token <= count);
  TYPECASE_CHECK(op.shared_gate.empty() || op.shared_gate.weight->out == 1);
  has_experts = true;
  return op;
}

BlockOp Program::block(const Block& b) {
  BlockOp op;
  op.attention_norm = norm(b.attention_norm, hidden);
  op.after_attention_norm = norm(b.after_attention_norm, hidden);
  op.mlp_norm = norm(b.mlp_norm, hidden);
  op.after_mlp_norm = norm(b.after_mlp_norm, hidden);
  op.attention = attention(b.attention);
  op.cross_attention_norm = norm(b.cross_attention_norm, hidden);
  if (b.cross_attention) op.cross_attention = attention(*b.cross_attention);
  if (const auto* plain = std::get_if<Mlp>(&b.mlp)) {
    op.mlp = mlp(*plain, b.mlp_sums(dtype));
  } else {
    op.experts = experts(std::get<Experts>(b.mlp));
  }
  op.post_norm = b.post_norm;
  op.residual_from_normed = b.residual_from_normed;
  op.parallel = b.arrangement == Block::Arrangement::parallel;
  op.sum_order = b.sum_order;
  op.multiplier = b.residual_multiplier;
  op.attention_sums = b.attention_sums(dtype);
  op.mlp_sums = b.mlp_sums(dtype);
  return op;
}

void Program::add_stack(const Plan& plan, const Stack& stack) {
  hidden = checked_cast<int>(plan.hidden_size, "hidden_size");
  const Embedding& e = stack.embedding;
  embedding.tokens = packer->add({.stored = e.tokens});
  if (!e.positions.empty()) embedding.positions = packer->add({.stored = e.positions});
  embedding.project_in = linear(e.project_in);
  const int width = embedding.tokens->in;
  widest_stream = std::max(hidden, width);
  TYPECASE_CHECK(embedding.tokens->out >= plan.vocabulary);
  TYPECASE_CHECK(embedding.project_in.empty() ? width == hidden
                                              : embedding.project_in.weight->in == width &&
                                                    embedding.project_in.weight->out == hidden);
  TYPECASE_CHECK(embedding.positions == nullptr || embedding.positions->in == hidden);
  embedding.position_offset = e.position_offset;
  embedding.sinusoidal = e.sinusoids > 0;
  embedding.scale = e.rounded_scale ? round_to(dtype, e.scale) : e.scale;
  if (!e.token_types.empty()) {
    Vector first{.stored = e.token_types};
    for (int i = 0; i < hidden; ++i) first.rows.push_back(i);
    embedding.token_type = load_vector(first, dtype);
  }
  embedding.norm = norm(e.norm, hidden);
  for (const Block& b : stack.blocks) {
    blocks.push_back(block(b));
    bidirectional |= b.attention.kind == Attention::Kind::bidirectional;
  }
}

void Program::add_head(const Head& head) {
  head_norm = norm(head.norm, hidden);
  project_out = linear(head.project_out);
  transform = linear(head.transform);
  transform_norm = norm(head.transform_norm, hidden);
  transform_activation = head.transform_activation;
  TYPECASE_CHECK(transform.empty() || (transform.weight->in == hidden &&
                                       transform.weight->out == hidden && project_out.empty()));
  lm_head = linear(head.lm_head);
  const int states = project_out.empty() ? hidden : project_out.weight->out;
  widest_stream = std::max(widest_stream, states);
  TYPECASE_CHECK(lm_head.empty() || lm_head.weight->in == states);
  hidden_scale = head.hidden_scale;
  head_scale = head.scale;
  head_softcap = head.softcap;
}

Program::Program(const Plan& plan, int threads, Layouts layouts)
    : Program(plan.dtype, std::make_shared<Packer>(plan.dtype, layouts)) {
  check_supported(plan);
  add_stack(plan, plan.decoder);
  add_head(plan.head);
  if (plan.encoder) {
    encoder.reset(new Program(dtype, packer));
    encoder->add_stack(plan, *plan.encoder);
    encoder->add_head({.norm = plan.encoder_norm});
    // Its scratch rows hold the keys and values of our cross attention too.
    encoder->widest_kv = std::max(encoder->widest_kv, widest_kv);
  }
  packer->reserve(threads);
  quads = packer->quads();
  eight_bits = layouts.eight_bits;
  if (encoder) {
    encoder->quads = quads;
    encoder->eight_bits = eight_bits;
  }
}

}  // namespace typecase::cpu
