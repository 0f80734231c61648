#include "models/rope.h"

#include <typecase/error.h>

#include <algorithm>
#include <cmath>

namespace typecase {
namespace {

/// What every scaling type starts from.
struct Base {
  const Config& config;  // the whole file
  Config parameters;     // rope_parameters, or rope_scaling
  double theta;
  int dim;  // rotated dims of a head
  int head_dim;
};

/// θ^(2i/d), in float32 as the reference computes it.
std::vector<float> wave_powers(double theta, int dim, int divisor) {
  std::vector<float> out;
  for (int i = 0; i < dim; i += 2) {
    out.push_back(
        std::pow(static_cast<float>(theta), static_cast<float>(i) / static_cast<float>(divisor)));
  }
  return out;
}

/// inv_freq_i = 1 / θ^(2i/d).  Su et al. 2021, arXiv:2104.09864.
std::vector<float> inverse_frequencies(double theta, int dim) {
  auto out = wave_powers(theta, dim, dim);
  for (float& f : out) f = 1.0f / f;
  return out;
}

double original_length(const Base& b) {
  // The top-level key wins, as Phi-3's files need it.
  const auto outer = b.config.count("original_max_position_embeddings", 0);
  if (outer > 0) return static_cast<double>(outer);
  if (b.parameters.has("original_max_position_embeddings")) {
    return b.parameters.positive("original_max_position_embeddings");
  }
  return static_cast<double>(b.config.count("max_position_embeddings", 2048));
}

/// All frequencies divided by the factor.
void linear(const Base& b, Rope& rope) {
  const auto factor = static_cast<float>(b.parameters.positive("factor"));
  for (float& f : rope.table.inv_freq) f /= factor;
}

/// The base grows with the length: see Rope::dynamic.
void dynamic(const Base& b, Rope& rope) {
  rope.dynamic = true;
  rope.dynamic_above = b.config.count("max_position_embeddings", 2048);
  rope.theta = b.theta;
  rope.factor = b.parameters.positive("factor");
}

/// Long waves divided by the factor, short ones kept, a ramp between.  Llama 3.1.
void llama3(const Base& b, Rope& rope) {
  const auto factor = static_cast<float>(b.parameters.positive("factor"));
  const double low = b.parameters.positive("low_freq_factor");
  const double high = b.parameters.positive("high_freq_factor");
  const double length = original_length(b);
  const auto low_wave = static_cast<float>(length / low);
  const auto high_wave = static_cast<float>(length / high);
  for (float& f : rope.table.inv_freq) {
    const float wave = static_cast<float>(2 * M_PI) / f;
    const float scaled = wave > low_wave ? f / factor : f;
    if (!(wave < high_wave) && !(wave > low_wave)) {
      const float smooth = (static_cast<float>(length) / wave - static_cast<float>(low)) /
                           static_cast<float>(high - low);
      f = (1 - smooth) * scaled / factor + smooth * scaled;
    } else {
      f = scaled;
    }
  }
}

/// Interpolation for slow dims, extrapolation for fast ones.  Peng et al. 2023, arXiv:2309.00071.
struct YarnRange {
  double low, high;
};
YarnRange yarn_range(const Base& b, double length) {
  const auto fast = b.parameters.positive("beta_fast", 32);
  const auto slow = b.parameters.positive("beta_slow", 1);
  const auto correction = [&](double rotations) {
    return b.dim * std::log(length / (rotations * 2 * M_PI)) / (2 * std::log(b.theta));
  };
  YarnRange r{correction(fast), correction(slow)};
  if (b.parameters.flag("truncate", true)) r = {std::floor(r.low), std::ceil(r.high)};
  r = {std::max(r.low, 0.0), std::min(r.high, b.dim - 1.0)};
  if (r.low == r.high) r.high += 0.001;
  return r;
}

double yarn_scaling(const Base& b, double factor) {
  if (b.parameters.has("attention_factor")) return b.parameters.positive("attention_factor");
  const auto grown = [&](double mscale) {
    return factor <= 1 ? 1.0 : 0.1 * mscale * std::log(factor) + 1;
  };
  const double m = b.parameters.number("mscale", 0), all = b.parameters.number("mscale_all_dim", 0);
  return m != 0 && all != 0 ? grown(m) / grown(all) : grown(1);
}

void yarn(const Base& b, Rope& rope) {
  const double length = original_length(b);
  const double longest = static_cast<double>(b.config.count("max_position_embeddings", 2048));
  const double factor = b.parameters.positive("factor", longest / length);
  const YarnRange range = yarn_range(b, length);
  const auto powers = wave_powers(b.theta, b.dim, b.dim);
  for (std::size_t i = 0; i < powers.size(); ++i) {
    const float ramp = std::clamp((static_cast<float>(i) - static_cast<float>(range.low)) /
                                      static_cast<float>(range.high - range.low),
                                  0.0f, 1.0f);
    const float extrapolated = 1 / powers[i];
    const float interpolated = 1 / (static_cast<float>(factor) * powers[i]);
    const float keep = 1 - ramp;
    rope.table.inv_freq[i] = interpolated * (1 - keep) + extrapolated * keep;
  }
  rope.table.scaling = static_cast<float>(yarn_scaling(b, factor));
}

/// A factor per dim, one set for short and one for long texts.  Ding et al. 2024, arXiv:2402.13753.
std::vector<float> divided(const Base& b, std::string_view key) {
  const Json* list = b.parameters.find(key);
  if (list == nullptr || !list->is_array()) b.parameters.fail(key, "a list of numbers is needed");
  auto out = wave_powers(b.theta, b.dim, b.dim);
  if (list->size() != out.size()) {
    b.parameters.fail(key, "expected " + std::to_string(out.size()) + " numbers, found " +
                               std::to_string(list->size()));
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Json& v = list->as_array()[i];
    if (!v.is_number() || !(v.as_number() > 0)) {
      b.parameters.fail(key, "expected numbers above 0, found " + v.dump().substr(0, 80));
    }
    out[i] = 1 / (static_cast<float>(v.as_number()) * out[i]);
  }
  return out;
}

void longrope(const Base& b, Rope& rope) {
  const double length = original_length(b);
  const double longest = static_cast<double>(b.config.count("max_position_embeddings", 2048));
  const double factor = b.parameters.positive("factor", longest / length);
  double scaling = factor <= 1 ? 1.0 : std::sqrt(1 + std::log(factor) / std::log(length));
  scaling = b.parameters.positive("attention_factor", scaling);
  const auto s = static_cast<float>(scaling);
  rope.table = {divided(b, "short_factor"), s};
  rope.long_table = Rope::Table{divided(b, "long_factor"), s};
  rope.long_above = static_cast<std::int64_t>(length);
}

/// The first part of the dims rotates, with the whole head's exponents; the rest stands still.
void proportional(const Base& b, Rope& rope) {
  const double share = b.parameters.positive("partial_rotary_factor", 1.0);
  const int angles = static_cast<int>(share * b.head_dim / 2);
  const auto factor = static_cast<float>(b.parameters.positive("factor", 1.0));
  rope.rotated_dim = b.head_dim;
  rope.table.inv_freq = wave_powers(b.theta, 2 * angles, b.head_dim);
  for (float& f : rope.table.inv_freq) f = 1 / f;
  rope.table.inv_freq.resize(static_cast<std::size_t>(b.head_dim / 2), 0.0f);
  for (float& f : rope.table.inv_freq) f /= factor;
}

constexpr std::pair<std::string_view, void (*)(const Base&, Rope&)> kTypes[] = {
    {"default", [](const Base&, Rope&) {}},
    {"linear", linear},
    {"dynamic", dynamic},
    {"yarn", yarn},
    {"longrope", longrope},
    {"su", longrope},
    {"llama3", llama3},
    {"proportional", proportional},
};

Config parameters_of(const Config& c) {
  static const Json kNone = Json::object();
  for (const std::string_view key : {"rope_scaling", "rope_parameters"}) {
    if (c.has(key) && (!c.find(key)->is_object() || c.find(key)->size() > 0)) return c.object(key);
  }
  return Config(kNone, c.file());
}

}  // namespace

Rope default_rope(int dim, double theta) {
  return {.rotated_dim = dim, .table = {inverse_frequencies(theta, dim), 1}};
}

Rope rope(const Config& c, int head_dim, const RopeKeys& keys) {
  const Config parameters = parameters_of(c);
  RopeKeys outer = keys;
  outer.theta = c.positive(keys.theta_key, keys.theta);
  outer.share = c.positive(keys.share_key, keys.share);
  return rope_of(c, parameters, head_dim, outer);
}

Rope rope_of(const Config& c, const Config& parameters, int head_dim, const RopeKeys& keys) {
  const double theta = parameters.positive("rope_theta", keys.theta);
  const double share = parameters.positive("partial_rotary_factor", keys.share);
  const int dim = static_cast<int>(head_dim * share);
  if (share > 1 || dim < 2) {
    parameters.fail("partial_rotary_factor", "must leave 2 to head_dim dimensions to rotate");
  }
  if (dim == head_dim && head_dim > 4 && head_dim % 2 != 0) {
    c.fail("head_dim", std::to_string(head_dim) + " is odd; rotary positions need an even one");
  }
  std::string type = parameters.text("rope_type", parameters.text("type", "default"));
  if (keys.yarn_is_longrope && type == "yarn") type = "longrope";
  Rope out = default_rope(dim, theta);
  for (const auto& [name, apply] : kTypes) {
    if (name == type) {
      apply({c, parameters, theta, dim, head_dim}, out);
      return out;
    }
  }
  parameters.fail_unsupported("rope_type", "unknown rotary type " + quote(type) +
                                               "; known are default, linear, dynamic, yarn, "
                                               "longrope, llama3, proportional");
}

}  // namespace typecase
