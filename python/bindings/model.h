#pragma once

#include <typecase/error.h>
#include <typecase/model.h>

#include <memory>
#include <mutex>

namespace typecase::python {

/// A model that several Python threads may hold: its calls take turns.
struct SharedModel {
  Model model;
  bool computing = false;
};

/// The turn of one call. All models share one generator of random numbers, so there is one turn for
/// all of them. REQUIRES: the thread does not hold Python's lock.
class Turn {
 public:
  /// Throws Error(failed) when a callback calls the model that is calling it.
  explicit Turn(SharedModel& model) : lock_(mutex()), model_(model) {
    if (model.computing) {
      throw Error(Code::failed, "a callback called the model that is generating");
    }
    model.computing = true;
  }
  ~Turn() { model_.computing = false; }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  static std::recursive_mutex& mutex();

 private:
  std::lock_guard<std::recursive_mutex> lock_;
  SharedModel& model_;
};

}  // namespace typecase::python
