#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

namespace typecase {

/// What kind of thing went wrong. Exit codes and batch-interface codes follow from it.
enum class Code {
  invalid_argument,  ///< the caller's input: an option, a request, a configuration (exit 2)
  not_found,         ///< model or file not found (exit 3)
  access_denied,     ///< exit 4
  network,           ///< network failure, or an offline miss (exit 5)
  bad_file,          ///< a file that does not hold what its format promises (exit 6)
  unsupported,       ///< a model, format or feature that cannot be run (exit 6)
  limit,             ///< a budget or size limit, named in the message (exit 6)
  io,                ///< read, write or disk failure (exit 7)
  out_of_memory,     ///< exit 7
  mismatch,          ///< a verification that did not hold (exit 8)
  interrupted,       ///< exit 130
  failed,            ///< anything else (exit 1)
};

/// Where the culprit stands. Every field may be empty.
struct Place {
  std::string file;                       ///< path as the caller gave it
  std::optional<std::uint64_t> offset{};  ///< byte offset in the file
  std::optional<int> line{};              ///< 1-based
  std::string key{};                      ///< key, tensor name or JSON pointer
};

/// The one exception type of the library.
///
/// Thrown by loaders, parsers and option checks; caught at the borders (command line, C interface,
/// request). The message names the culprit, what was expected, what was found and what to do;
/// untrusted text in it is quoted, escaped and cut (see quote()).
class Error : public std::exception {
 public:
  Error(Code code, std::string message, Place place = {});

  Code code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }
  const Place& place() const noexcept { return place_; }

  /// "file: key: message (at byte N)", with the parts that are known.
  const char* what() const noexcept override { return what_.c_str(); }

  /// The same error with the unset parts of its place filled from `outer`.
  Error at(const Place& outer) const;

 private:
  Code code_;
  std::string message_;
  Place place_;
  std::string what_;
};

/// The process exit code for an error: the table of docs/command-line.md.
int exit_code(Code code) noexcept;

/// "invalid_argument", "unsupported", "limit" or "failed": the batch interface's names.
std::string_view batch_name(Code code) noexcept;

/// Untrusted text in single quotes: control characters and invalid UTF-8 escaped, at most 200
/// bytes.
std::string quote(std::string_view text);

}  // namespace typecase
