#pragma once

#include <typecase/error.h>

#include <cstdlib>

/// What most fuzz targets say: a question may end in an Error, an answer must hold what is
/// promised.
namespace typecase::fuzz {

template <class Question>
void ask(Question question) {
  try {
    question();
  } catch (const Error&) {
  }
}

inline void expect(bool holds) {
  if (!holds) std::abort();
}

}  // namespace typecase::fuzz
