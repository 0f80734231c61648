#include "output.h"

#include <typecase/error.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace typecase::cli {
namespace {

constexpr std::size_t kBlock = 64 << 10;

[[noreturn]] void fail(const std::string& name, const char* what) {
  const int error = errno;
  const Code code = error == ENOENT || error == ENOTDIR ? Code::not_found
                    : error == EACCES || error == EPERM ? Code::access_denied
                                                        : Code::io;
  throw Error(code, std::string(what) + ": " + std::strerror(error), Place{.file = name});
}

int open_input(const std::string& path) {
  if (path == "-") return STDIN_FILENO;
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) fail(path, "cannot be opened");
  struct stat about{};
  if (::fstat(file, &about) == 0 && S_ISDIR(about.st_mode)) {
    ::close(file);
    throw Error(Code::invalid_argument, "is a folder, a file is needed", Place{.file = path});
  }
  return file;
}

// How many bytes came; 0 at the end.
std::size_t read_some(int file, char* to, std::size_t size, const std::string& name) {
  for (;;) {
    const ssize_t got = ::read(file, to, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) fail(name, "cannot be read");
  }
}

}  // namespace

Output Output::standard() { return Output(STDOUT_FILENO, "standard output"); }

Output Output::to_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) fail(path, "cannot be written");
  return Output(file, path);
}

Output::Output(Output&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      name_(std::move(other.name_)),
      waiting_(std::move(other.waiting_)) {}

Output::~Output() {
  if (file_ > STDERR_FILENO) ::close(file_);
}

Output& Output::operator<<(std::string_view text) {
  waiting_ += text;
  if (waiting_.size() >= kBlock) flush();
  return *this;
}

void Output::flush() {
  std::string_view rest = waiting_;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      throw ClosedPipe{};
    } else if (errno != EINTR) {
      fail(name_, "cannot be written");
    }
  }
  waiting_.clear();
}

std::string read_all(const std::string& path, std::size_t limit) {
  const std::string name = path == "-" ? "standard input" : path;
  const int file = open_input(path);
  std::string all;
  try {
    for (;;) {
      const std::size_t size = all.size();
      all.resize(size + kBlock);
      const std::size_t got = read_some(file, all.data() + size, kBlock, name);
      all.resize(size + got);
      if (got == 0) break;
      if (all.size() > limit) {
        throw Error(Code::limit, "is longer than the limit of " + std::to_string(limit) + " bytes",
                    Place{.file = name});
      }
    }
  } catch (...) {
    if (file != STDIN_FILENO) ::close(file);
    throw;
  }
  if (file != STDIN_FILENO) ::close(file);
  return all;
}

LineReader::LineReader(const std::string& path, std::size_t longest)
    : file_(open_input(path)), name_(path == "-" ? "standard input" : path), longest_(longest) {}

LineReader::~LineReader() {
  if (file_ != STDIN_FILENO) ::close(file_);
}

bool LineReader::refill() {
  block_.resize(kBlock);
  block_.resize(read_some(file_, block_.data(), kBlock, name_));
  at_ = 0;
  return !block_.empty();
}

bool LineReader::next(std::string& line) {
  line.clear();
  too_long_ = false;
  if (at_ == block_.size() && !refill()) return false;
  number_ += 1;
  do {
    const std::size_t end = block_.find('\n', at_);
    const std::string_view part = std::string_view(block_).substr(at_, end - at_);
    too_long_ = too_long_ || line.size() + part.size() > longest_;
    if (!too_long_) line += part;
    at_ += part.size();
    if (end != std::string::npos) {
      at_ += 1;
      break;
    }
  } while (refill());
  if (too_long_) line = std::string();
  return true;
}

}  // namespace typecase::cli
