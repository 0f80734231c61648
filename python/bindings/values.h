#pragma once

#include <typecase/json.h>
#include <typecase/model.h>
#include <typecase/token.h>

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <span>
#include <string>
#include <vector>

namespace typecase::python {

namespace nb = nanobind;

/// None, bool, int, float, str, list, tuple and dict with string keys as Json.
/// Throws TypeError naming a value of another type, OverflowError for integers of more than 64
/// bits, Error(limit) for what is nested deeper than 64.
Json json_of(nb::handle value);

/// The same as plain Python objects.
nb::object object_of(const Json& value);

/// A list of integers as ids, and back. Throws Error(invalid_argument) naming an id that is none.
Tokens tokens_of(nb::handle list);
std::vector<Tokens> rows_of(nb::handle list);
nb::list list_of(std::span<const TokenId> ids);
nb::list list_of(const std::vector<Tokens>& rows);

/// Floats as the bytes of an array: Python makes arrays of them without this module knowing numpy.
nb::bytes bytes_of(std::span<const float> values);
nb::bytes bytes_of(const std::vector<std::vector<float>>& rows);

/// The places where the classes of this module are declared.
void declare_errors(nb::module_& module);
void declare_tokenizer(nb::module_& module);
void declare_trace(nb::module_& module);
void declare_model(nb::module_& module);
void declare_hub(nb::module_& module);

}  // namespace typecase::python
