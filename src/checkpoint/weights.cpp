#include "checkpoint/checkpoint.h"

#include <typecase/error.h>

#include <utility>

namespace typecase {

struct Weights::State {
  const Checkpoint* checkpoint;
  std::vector<std::string> failures;
};

namespace {

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
    : state_(std::make_shared<State>(State{&checkpoint, {}})) {}
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
  if (t != nullptr && fits(t->shape, shape)) return *t;
  state_->failures.push_back(
      quote(full) + (t == nullptr ? " " + shown(shape) + " is missing"
                                  : " is " + to_string(t->shape) + ", expected " + shown(shape)));
  return {};
}

void Weights::raise() const {
  const auto& failures = state_->failures;
  if (failures.empty()) return;
  constexpr std::size_t kMostNamed = 10;
  std::string message = std::to_string(failures.size()) +
                        (failures.size() == 1 ? " tensor does" : " tensors do") +
                        " not fit config.json: ";
  for (std::size_t i = 0; i < std::min(failures.size(), kMostNamed); ++i) {
    message += (i == 0 ? "" : "; ") + failures[i];
  }
  if (failures.size() > kMostNamed) {
    message += "; and " + std::to_string(failures.size() - kMostNamed) + " more";
  }
  throw Error(Code::bad_file, std::move(message), {.file = state_->checkpoint->path()});
}

}  // namespace typecase
