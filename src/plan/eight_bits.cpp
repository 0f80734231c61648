#include "plan/eight_bits.h"

#include "tensor/convert.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <tuple>

namespace typecase {
namespace {

constexpr std::size_t kBlock = 32, kBlockBytes = 34;

/// d = max |w| / 127 as float16, then 32 numbers round(w / d).
void quantise(std::span<const float> w, std::byte* to) {
  float most = 0;
  for (const float x : w) most = std::max(most, std::abs(x));
  const std::uint16_t scale = float_to_float16(most / 127);
  const float d = float16_to_float(scale);
  const float per = d > 0 ? 1 / d : 0;
  std::memcpy(to, &scale, sizeof scale);
  for (std::size_t i = 0; i < w.size(); ++i) {
    const float q = std::clamp(w[i] * per, -127.0f, 127.0f);
    // To the nearest integer: the sum's last bit is worth one.
    to[2 + i] = static_cast<std::byte>(static_cast<std::int8_t>((q + 0x1.8p23f) - 0x1.8p23f));
  }
}

class Quantiser {
 public:
  Quantiser(std::deque<Storage>& storage, ThreadPool& pool) : storage_(storage), pool_(pool) {}

  void operator()(Linear& linear) {
    if (!linear.empty()) linear.weight = matrix(linear.weight);
  }
  void operator()(Mlp& mlp) {
    for (Linear* l : {&mlp.gate_proj, &mlp.up_proj, &mlp.down_proj}) (*this)(*l);
  }
  void operator()(Attention& a) {
    for (Linear* l : {&a.q_proj, &a.k_proj, &a.v_proj, &a.o_proj}) (*this)(*l);
  }
  void operator()(Block& block) {
    (*this)(block.attention);
    if (block.cross_attention) (*this)(*block.cross_attention);
    if (auto* mlp = std::get_if<Mlp>(&block.mlp)) return (*this)(*mlp);
    auto& experts = std::get<Experts>(block.mlp);  // the router stays: it is small, and decides
    for (Mlp& mlp : experts.experts) (*this)(mlp);
    if (experts.shared) (*this)(*experts.shared);
  }
  void operator()(Stack& stack) {
    stack.embedding.tokens = matrix({.stored = stack.embedding.tokens}).stored;
    for (Block& block : stack.blocks) (*this)(block);
  }

 private:
  Matrix matrix(const Matrix& from) {
    const DType dtype = from.stored.dtype;
    const bool floats =
        dtype == DType::float32 || dtype == DType::bfloat16 || dtype == DType::float16;
    if (!floats || from.in() % static_cast<std::int64_t>(kBlock) != 0) return from;
    // An embedding that is the head too is kept once.
    const auto key = std::tuple(from.stored.bytes.data(), from.in_out, from.rows, from.stored.rows);
    const auto known = done_.find(key);
    if (known != done_.end()) return {.stored = known->second->tensor()};
    const Storage& made = storage_.emplace_back(from.stored.name, DType::q8_0,
                                                Shape{from.out(), from.in()}, bytes(from));
    done_.emplace(key, &made);
    return {.stored = made.tensor()};
  }

  std::vector<std::byte> bytes(const Matrix& from) {
    const std::vector<float> all = to_float32(from.stored);
    const auto out = static_cast<std::size_t>(from.out()), in = static_cast<std::size_t>(from.in());
    const auto stored_out = static_cast<std::size_t>(from.stored.shape.at(from.in_out ? 1 : 0));
    std::vector<std::byte> to(out * (in / kBlock) * kBlockBytes);
    constexpr std::size_t kTogether = 64;
    pool_.run(static_cast<int>((out + kTogether - 1) / kTogether), [&](int task, int) {
      const std::size_t first = static_cast<std::size_t>(task) * kTogether;
      for (std::size_t o = first; o < std::min(out, first + kTogether); ++o) {
        const std::size_t at = from.rows.empty() ? o : static_cast<std::size_t>(from.rows[o]);
        for (std::size_t k = 0; k < in; k += kBlock) {
          std::array<float, kBlock> w;
          for (std::size_t i = 0; i < kBlock; ++i) {
            w[i] = from.in_out ? all[(k + i) * stored_out + at] : all[at * in + k + i];
          }
          quantise(w, to.data() + (o * (in / kBlock) + k / kBlock) * kBlockBytes);
        }
      }
    });
    return to;
  }

  std::deque<Storage>& storage_;
  ThreadPool& pool_;
  std::map<std::tuple<const std::byte*, bool, std::vector<std::int32_t>, std::vector<std::int32_t>>,
           const Storage*>
      done_;
};

}  // namespace

EightBits in_eight_bits(const Plan& plan, ThreadPool& pool) {
  EightBits out{.plan = plan};
  out.plan.dtype = DType::float32;
  Quantiser quantise(out.storage, pool);
  if (out.plan.encoder) quantise(*out.plan.encoder);
  quantise(out.plan.decoder);
  for (Linear* l : {&out.plan.head.project_out, &out.plan.head.transform, &out.plan.head.lm_head}) {
    quantise(*l);
  }
  return out;
}

}  // namespace typecase
