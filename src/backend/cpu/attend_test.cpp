/// The attention kernels, level by level: what a query must not see cannot reach it, and neither
/// neighbours nor their number change a bit.
#include "backend/backend.h"
#include "backend/cpu/isa/levels.h"
#include "tensor/convert.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>

namespace typecase::cpu {
namespace {

constexpr int kKeys = 83;  // more than five blocks of sixteen

/// Blocks of one key head, with random keys and values.
class Cache {
 public:
  Cache(DType dtype, int dim) : dtype_(dtype), dim_(dim) {
    const auto padded = static_cast<std::size_t>((dim + kPanel - 1) / kPanel * kPanel);
    half_ = padded * kPanel * 4;
    bytes_.assign((kKeys + kPanel - 1) / kPanel, std::vector<std::byte>(2 * half_));
    for (int key = 0; key < kKeys; ++key) {
      for (int d = 0; d < dim; ++d) {
        set_key(key, d, number());
        set_value(key, d, number());
      }
    }
    for (const auto& block : bytes_) blocks_.push_back(block.data());
  }

  void set_key(int key, int d, float x) { put(key, key_at(dtype_, d, key % kPanel), x); }
  void set_value(int key, int d, float x) {
    put(key, half_ + value_at(dtype_, d, key % kPanel), x);
  }
  /// The nearest number of the dtype to one between −1 and 1.
  float number() { return round_to(dtype_, std::uniform_real_distribution<float>(-1, 1)(random_)); }

  const std::byte* const* blocks() const { return blocks_.data(); }
  std::size_t values() const { return half_; }
  DType dtype() const { return dtype_; }
  int dim() const { return dim_; }

 private:
  void put(int key, std::size_t at, float x) {
    std::byte* to = bytes_[static_cast<std::size_t>(key / kPanel)].data() + at;
    if (dtype_ == DType::float32) {
      std::memcpy(to, &x, 4);
    } else {
      const std::uint16_t bits =
          dtype_ == DType::bfloat16 ? float_to_bfloat16(x) : float_to_float16(x);
      std::memcpy(to, &bits, 2);
    }
  }

  DType dtype_;
  int dim_;
  std::size_t half_ = 0;
  std::vector<std::vector<std::byte>> bytes_;
  std::vector<const std::byte*> blocks_;
  std::mt19937 random_{7};
};

struct Query {
  std::vector<float> q;
  int begin, end;
};

std::vector<float> attended(const Kernels& kernels, const Cache& cache, bool eager,
                            const std::vector<Query>& queries) {
  const auto dim = static_cast<std::size_t>(cache.dim());
  std::vector<float> q, out(queries.size() * dim),
      scratch(attend_scratch(cache.dim(), kKeys, true));
  std::vector<int> begin, end;
  std::vector<std::size_t> at;
  for (const Query& one : queries) {
    at.push_back(q.size());
    q.insert(q.end(), one.q.begin(), one.q.end());
    begin.push_back(one.begin);
    end.push_back(one.end);
  }
  AttendTask task;
  task.blocks = cache.blocks();
  task.value_offset = cache.values();
  task.q = q.data();
  task.begin = begin.data();
  task.end = end.data();
  task.queries = static_cast<int>(queries.size());
  task.query_at = at.data();
  task.out = out.data();
  task.head_dim = cache.dim();
  task.scale = 0.3f;
  task.eager = eager;
  task.float32_scores = !eager;
  task.dtype = cache.dtype();
  task.scratch = scratch.data();
  kernels.attend(task);
  return out;
}

class AttendOfLevel : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!cpu_isa_available(GetParam())) GTEST_SKIP() << "this processor has no " << GetParam();
  }
};

TEST_P(AttendOfLevel, AQueryAloneHasTheBitsItHasAmongOthers) {
  const Kernels& kernels = kernels_for(GetParam());
  const float bad[] = {0, std::numeric_limits<float>::quiet_NaN(),
                       std::numeric_limits<float>::infinity()};
  for (const DType dtype : {DType::float32, DType::bfloat16, DType::float16}) {
    for (const int dim : {64, 20, 7}) {
      for (const bool eager : {false, true}) {
        Cache cache(dtype, dim);
        // Twelve queries of neighbouring rows; the later ones see keys the earlier ones do not.
        std::vector<Query> queries;
        for (int i = 0; i < kQueries; ++i) {
          std::vector<float> q(static_cast<std::size_t>(dim));
          for (float& x : q) x = cache.number();
          queries.push_back({q, std::max(0, i - 5) * 3, kKeys - 20 + i});
        }
        const auto seen = [&](int i) {
          return attended(kernels, cache, eager, {queries[static_cast<std::size_t>(i)]});
        };
        const auto together = attended(kernels, cache, eager, queries);
        for (int i = 0; i < kQueries; ++i) {
          const auto alone = seen(i);
          ASSERT_TRUE(std::equal(alone.begin(), alone.end(), together.begin() + i * dim))
              << "query " << i << " of " << dim << " dimensions";
        }
        // Keys that only the last query sees, and some that nobody does.
        const auto first = seen(0);
        for (const float x : bad) {
          for (int key = kKeys - 12; key < kKeys; ++key) cache.set_value(key, key % dim, x);
          const auto now = attended(kernels, cache, eager, queries);
          ASSERT_TRUE(std::equal(first.begin(), first.end(), now.begin())) << x;
          EXPECT_EQ(std::isfinite(std::accumulate(now.end() - dim, now.end(), 0.0f)),
                    std::isfinite(x));
        }
      }
    }
  }
}

TEST_P(AttendOfLevel, AKeyThatIsNoNumberIsNoticedByWhoSeesItAndByNobodyElse) {
  const Kernels& kernels = kernels_for(GetParam());
  constexpr int kDim = 16;
  for (const DType dtype : {DType::float32, DType::bfloat16, DType::float16}) {
    for (const bool eager : {false, true}) {
      for (int key = 0; key < kKeys; ++key) {
        Cache cache(dtype, kDim);
        cache.set_key(key, 3, std::numeric_limits<float>::quiet_NaN());
        const std::vector<float> q(kDim, 1.0f);
        const auto out = attended(kernels, cache, eager,
                                  {{q, 0, key}, {q, 0, kKeys}, {q, key, key + 1}, {q, key, kKeys}});
        for (std::size_t d = 0; d < out.size(); ++d) {
          const std::size_t query = d / kDim;
          ASSERT_EQ(std::isnan(out[d]), query > 0)
              << "query " << query << ", key " << key << (eager ? ", eager" : "");
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Isa, AttendOfLevel, testing::ValuesIn(cpu_isa_levels()),
                         [](const auto& level) { return level.param; });

}  // namespace
}  // namespace typecase::cpu
