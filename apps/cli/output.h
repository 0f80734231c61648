#pragma once

#include <string>
#include <string_view>

namespace typecase::cli {

/// Thrown when the reader of our output has gone: no error, the program ends quietly.
struct ClosedPipe {};

/// Bytes to standard output or a file, gathered until flush() or until there are many.
/// Every write is checked: throws Error(io) for a full disk and ClosedPipe for a closed pipe.
class Output {
 public:
  static Output standard();
  /// Makes or empties the file. Throws Error(not_found), Error(access_denied) or Error(io).
  static Output to_file(const std::string& path);
  Output(Output&& other) noexcept;
  Output& operator=(Output&&) = delete;
  ~Output();  ///< drops what is not flushed

  Output& operator<<(std::string_view text);
  void flush();

 private:
  Output(int file, std::string name) : file_(file), name_(std::move(name)) {}

  int file_;
  std::string name_;
  std::string waiting_{};
};

/// The whole of a file, at most `limit` bytes. "-" is standard input.
/// Throws Error(not_found), Error(access_denied), Error(limit) or Error(io).
std::string read_all(const std::string& path, std::size_t limit);

/// Lines of a file, one at a time, so that memory does not grow with the file.
class LineReader {
 public:
  /// "-" is standard input. Throws like read_all.
  LineReader(const std::string& path, std::size_t longest);
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;
  ~LineReader();

  /// The next line without its end; false at the end of the file. A line over the limit comes back
  /// empty with too_long() set, and the next call goes on behind it.
  bool next(std::string& line);
  bool too_long() const noexcept { return too_long_; }
  int number() const noexcept { return number_; }  ///< of the line last returned, from 1

 private:
  bool refill();

  int file_;
  std::string name_;
  std::size_t longest_;
  std::string block_{};
  std::size_t at_ = 0;
  bool too_long_ = false;
  int number_ = 0;
};

}  // namespace typecase::cli
