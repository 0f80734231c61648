#include "checkpoint/checkpoint.h"

#include <typecase/error.h>

#include <unordered_set>
#include <utility>

namespace typecase {

struct Weights::State {
  const Checkpoint* checkpoint;
  std::vector<std::string> failures{};  // the first kMostNamed
  std::size_t failed = 0;
  std::unordered_set<const Tensor*> taken{};
};

namespace {

constexpr std::size_t kMostNamed = 10;

bool fits(const Shape& found, const Shape& expected) noexcept {
  if (found.size() != expected.size()) return false;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (expected[i] >= 0 && found[i] != expected[i]) return false;
  }
  return true;
}

/// −1, any extent, is shown as "any".
std::string shown(const Shape& shape) {
  std::string out = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    out += (i == 0 ? "" : ", ") + (shape[i] < 0 ? std::string("any") : std::to_string(shape[i]));
  }
  return out + "]";
}

std::string joined(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}

}  // namespace

Weights::Weights(const Checkpoint& checkpoint)
    : state_(std::make_shared<State>(State{&checkpoint})) {}
Weights::Weights(std::shared_ptr<State> state, std::string path)
    : state_(std::move(state)), path_(std::move(path)) {}

Weights Weights::operator/(std::string_view name) const {
  return Weights(state_, joined(path_, name));
}
Weights Weights::operator/(std::int64_t index) const { return *this / std::to_string(index); }

bool Weights::has(std::string_view name) const noexcept {
  return state_->checkpoint->find(joined(path_, name)) != nullptr;
}

Tensor Weights::tensor(std::string_view name, const Shape& shape) const {
  const std::string full = joined(path_, name);
  const Tensor* t = state_->checkpoint->find(full);
  if (t != nullptr) state_->taken.insert(t);
  if (t != nullptr && fits(t->shape, shape)) return *t;
  if (++state_->failed > kMostNamed) return {};
  state_->failures.push_back(
      quote(full) + (t == nullptr ? " " + shown(shape) + " is missing"
                                  : " is " + to_string(t->shape) + ", expected " + shown(shape)));
  return {};
}

/// Tensors that are there and that no question named: often the missing ones under another name.
std::string Weights::extra_tensors() const {
  constexpr std::size_t kMostExtra = 5;
  std::string names;
  std::size_t count = 0;
  for (const Tensor& t : state_->checkpoint->tensors()) {
    if (state_->taken.contains(&t)) continue;
    if (++count <= kMostExtra) names += (count == 1 ? "" : ", ") + quote(t.name);
  }
  if (count == 0) return "";
  return ". The file also has " + std::to_string(count) + (count == 1 ? " tensor" : " tensors") +
         " that nothing asks for: " + names + (count > kMostExtra ? ", …" : "");
}

void Weights::raise() const {
  const auto& failures = state_->failures;
  if (failures.empty()) return;
  std::string message = std::to_string(state_->failed) +
                        (state_->failed == 1 ? " tensor does" : " tensors do") +
                        " not fit config.json: ";
  for (std::size_t i = 0; i < failures.size(); ++i) {
    message += (i == 0 ? "" : "; ") + failures[i];
  }
  if (state_->failed > failures.size()) {
    message += "; and " + std::to_string(state_->failed - failures.size()) + " more";
  }
  message += extra_tensors();
  throw Error(Code::bad_file, std::move(message), {.file = state_->checkpoint->path()});
}

}  // namespace typecase
