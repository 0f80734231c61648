#pragma once

#include <typecase/error.h>
#include <typecase/json.h>
#include <typecase/typecase.h>
#include <typecase/utf8.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>

/// Where C++ ends: exceptions become statuses, pointers from outside become checked values.
namespace typecase::capi {

/// The status of an exception that was caught; its message becomes this thread's last error.
typecase_status status_of(std::exception_ptr exception) noexcept;

/// Runs `work`; whatever it throws ends here.
template <class Work>
typecase_status guarded(Work&& work) noexcept {
  try {
    work();
    return TYPECASE_OK;
  } catch (...) {
    return status_of(std::current_exception());
  }
}

/// `*pointer`, or Error(invalid_argument) "`what` is NULL".
template <class T>
T& required(T* pointer, const char* what) {
  if (pointer == nullptr) throw Error(Code::invalid_argument, std::string(what) + " is NULL");
  return *pointer;
}

/// A result that is empty until the call has succeeded.
template <class T>
T& cleared(T* result, const char* what) {
  required(result, what) = T{};
  return *result;
}

/// Text from outside. Throws Error(invalid_argument) for NULL and for what is not UTF-8.
std::string_view text_of(const char* text, std::size_t bytes, const char* what);
std::string_view text_of(const char* text, const char* what);

/// A JSON text from outside; `otherwise` for NULL.
Json json_of(const char* text, const char* what, Json otherwise);

/// A copy that typecase_free() gives back. Throws std::bad_alloc.
char* copy_of(std::string_view text);
std::int32_t* copy_of(const std::vector<std::int32_t>& ids);

/// A struct of the caller, whose first field says how much of it there is: what it lacks is zero.
/// `first_version` is the size that it had in the first version of the interface.
/// Throws Error(invalid_argument) for a size that no version had, Error(unsupported) when fields of
/// a later version are set.
template <class T>
T struct_of(const T* from, const char* what, std::size_t first_version = sizeof(T)) {
  T out{};
  if (from == nullptr) return out;
  std::size_t size = 0;
  std::memcpy(&size, from, sizeof size);
  constexpr std::size_t kLargest = 4096;
  if (size < first_version || size > kLargest) {
    throw Error(Code::invalid_argument, std::string(what) + ": size is " + std::to_string(size) +
                                            ", expected " + std::to_string(sizeof(T)) +
                                            "; initialise it with the macro of its name");
  }
  const char* bytes = reinterpret_cast<const char*>(from);
  const std::size_t known = std::min(size, sizeof(T));
  if (std::any_of(bytes + known, bytes + size, [](char b) { return b != 0; })) {
    throw Error(Code::unsupported, std::string(what) +
                                       ": fields are set that this version of the library does "
                                       "not know");
  }
  std::memcpy(static_cast<void*>(&out), from, known);
  return out;
}

}  // namespace typecase::capi
