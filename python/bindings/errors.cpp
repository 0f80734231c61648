/// typecase::Error as the exceptions of typecase/errors.py.
#include "values.h"

#include <typecase/error.h>

namespace typecase::python {
namespace {

std::string name_of(Code code) {
  switch (code) {
    case Code::invalid_argument:
      return "invalid_argument";
    case Code::not_found:
      return "not_found";
    case Code::access_denied:
      return "access_denied";
    case Code::network:
      return "network";
    case Code::bad_file:
      return "bad_file";
    case Code::unsupported:
      return "unsupported";
    case Code::limit:
      return "limit";
    case Code::io:
      return "io";
    case Code::out_of_memory:
      return "out_of_memory";
    case Code::mismatch:
      return "mismatch";
    case Code::interrupted:
      return "interrupted";
    case Code::failed:
      return "failed";
  }
  return "failed";
}

nb::object place_of(const Place& place) {
  nb::dict out;
  if (!place.file.empty()) out["file"] = place.file;
  if (place.offset) out["offset"] = *place.offset;
  if (place.line) out["line"] = *place.line;
  if (!place.key.empty()) out["key"] = place.key;
  return out;
}

void raise(const Error& error) {
  const nb::object make = nb::module_::import_("typecase.errors").attr("from_native");
  const std::string message = error.what();
  const nb::object exception =
      make(name_of(error.code()),
           nb::bytes(message.data(), message.size()).attr("decode")("utf-8", "replace"),
           place_of(error.place()));
  PyErr_SetObject(exception.type().ptr(), exception.ptr());
}

}  // namespace

void declare_errors(nb::module_&) {
  nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
    try {
      std::rethrow_exception(pointer);
    } catch (const Error& error) {
      raise(error);
    }
  });
}

}  // namespace typecase::python
