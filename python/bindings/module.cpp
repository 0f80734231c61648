/// typecase._native: the C++ interface with plain Python values. What users see is in
/// python/typecase.
#include "values.h"

NB_MODULE(_native, module) {
  typecase::python::declare_errors(module);
  typecase::python::declare_tokenizer(module);
  typecase::python::declare_trace(module);
  typecase::python::declare_model(module);
  typecase::python::declare_hub(module);
}
