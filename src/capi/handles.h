#pragma once

#include <typecase/model.h>
#include <typecase/typecase.h>

#include <memory>

/// What the handles of typecase.h hold.
struct typecase_model {
  std::shared_ptr<const typecase::Model> model;
};

struct typecase_tokenizer {
  std::shared_ptr<const typecase::Tokenizer> tokenizer;  ///< keeps the model alive whose it is
};

struct typecase_result {
  typecase::GenerateResult result{};
};
