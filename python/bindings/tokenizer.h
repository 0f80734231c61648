#pragma once

#include <typecase/tokenizer.h>

#include <memory>

namespace typecase::python {

/// A tokenizer of its own files, or the one inside a model, which it then keeps alive.
struct SharedTokenizer {
  std::shared_ptr<const Tokenizer> tokenizer;
};

}  // namespace typecase::python
