#include "capi/border.h"

#include <typecase/system.h>

#include <cstdlib>
#include <new>

namespace typecase::capi {
namespace {

std::string& last_error() {
  thread_local std::string message;
  return message;
}

// Where even the message does not fit into memory, the status says enough.
typecase_status failed(typecase_status status, const char* message) noexcept {
  try {
    last_error() = message;
  } catch (...) {
    last_error().clear();
  }
  return status;
}

typecase_status status_of(Code code) noexcept {
  switch (code) {
    case Code::invalid_argument:
      return TYPECASE_INVALID_ARGUMENT;
    case Code::not_found:
      return TYPECASE_NOT_FOUND;
    case Code::access_denied:
      return TYPECASE_ACCESS_DENIED;
    case Code::network:
      return TYPECASE_NETWORK;
    case Code::bad_file:
      return TYPECASE_BAD_FILE;
    case Code::unsupported:
      return TYPECASE_UNSUPPORTED;
    case Code::limit:
      return TYPECASE_LIMIT;
    case Code::io:
      return TYPECASE_IO;
    case Code::out_of_memory:
      return TYPECASE_OUT_OF_MEMORY;
    case Code::mismatch:
      return TYPECASE_MISMATCH;
    case Code::interrupted:
      return TYPECASE_INTERRUPTED;
    case Code::failed:
      return TYPECASE_FAILED;
  }
  return TYPECASE_FAILED;
}

void* allocated(std::size_t bytes) {
  void* memory = std::malloc(std::max<std::size_t>(bytes, 1));
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

typecase_status status_of(std::exception_ptr exception) noexcept {
  try {
    std::rethrow_exception(exception);
  } catch (const Error& error) {
    return failed(status_of(error.code()), error.what());
  } catch (const std::bad_alloc&) {
    return failed(TYPECASE_OUT_OF_MEMORY, "not enough memory");
  } catch (const std::exception& error) {
    return failed(TYPECASE_FAILED, error.what());
  } catch (...) {
    return failed(TYPECASE_FAILED, "unknown error");
  }
}

std::string_view text_of(const char* text, std::size_t bytes, const char* what) {
  required(text, what);
  const std::string_view out(text, bytes == TYPECASE_NUL_TERMINATED ? std::strlen(text) : bytes);
  if (const auto at = first_invalid_utf8(out)) {
    throw Error(Code::invalid_argument,
                std::string(what) + " is not UTF-8 at byte " + std::to_string(*at));
  }
  return out;
}

std::string_view text_of(const char* text, const char* what) {
  return text_of(text, TYPECASE_NUL_TERMINATED, what);
}

Json json_of(const char* text, const char* what, Json otherwise) {
  if (text == nullptr) return otherwise;
  try {
    return Json::parse(text_of(text, what));
  } catch (const Error& error) {
    // What the caller gave is no file.
    const Code code = error.code() == Code::bad_file ? Code::invalid_argument : error.code();
    throw Error(code, std::string(what) + ": " + error.message(),
                Place{.file = {}, .offset = error.place().offset});
  }
}

char* copy_of(std::string_view text) {
  char* out = static_cast<char*>(allocated(text.size() + 1));
  if (!text.empty()) std::memcpy(out, text.data(), text.size());
  out[text.size()] = '\0';
  return out;
}

std::int32_t* copy_of(const std::vector<std::int32_t>& ids) {
  const std::size_t bytes = ids.size() * sizeof(std::int32_t);
  void* out = allocated(bytes);
  if (bytes > 0) std::memcpy(out, ids.data(), bytes);
  return static_cast<std::int32_t*>(out);
}

}  // namespace typecase::capi

using namespace typecase;

const char* typecase_version(void) {
  static const std::string text = version();
  return text.c_str();
}

int32_t typecase_api_version(void) { return TYPECASE_API_VERSION; }

const char* typecase_status_name(typecase_status status) {
  constexpr const char* kNames[] = {"ok",         "failed",        "invalid_argument",
                                    "not_found",  "access_denied", "network",
                                    "bad_file",   "unsupported",   "limit",
                                    "io",         "out_of_memory", "mismatch",
                                    "interrupted"};
  return status >= TYPECASE_OK && status <= TYPECASE_INTERRUPTED ? kNames[status] : "unknown";
}

const char* typecase_last_error(void) { return capi::last_error().c_str(); }

void typecase_free(void* memory) { std::free(memory); }
