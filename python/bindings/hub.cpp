#include "values.h"

#include <typecase/hub.h>

namespace typecase::python {
namespace {

/// `on_progress` gets a list of (file, bytes done, bytes of it); None: nobody watches.
std::string path_of(const std::string& name, nb::object on_progress) {
  hub::PullOptions options;
  options.should_stop = [] {
    const nb::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    return false;
  };
  if (!on_progress.is_none()) {
    options.on_progress = [&](const std::vector<hub::FileProgress>& files) {
      const nb::gil_scoped_acquire gil;
      nb::list list;
      for (const auto& file : files) list.append(nb::make_tuple(file.path, file.done, file.total));
      on_progress(list);
    };
  }
  const nb::gil_scoped_release no_gil;
  return hub::path_of(name, options);
}

}  // namespace

void declare_hub(nb::module_& module) {
  module.def("path_of", &path_of, nb::arg("name"), nb::arg("on_progress").none());
}

}  // namespace typecase::python
