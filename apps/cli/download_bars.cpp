#include "download_bars.h"

#include "terminal.h"

#include <typecase/error.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace typecase::cli {
namespace {

constexpr int kMostBars = 8;

// Three digits and a unit of 1000: 998, 1.23k, 45.6M, 789G.
std::string three_digits(double value) {
  constexpr const char* kUnits[] = {"", "k", "M", "G", "T"};
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < std::size(kUnits)) value /= 1000, unit += 1;
  char text[32];
  if (unit == 0) {
    std::snprintf(text, sizeof text, "%.0f", value);
  } else {
    const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    std::snprintf(text, sizeof text, "%.*f%s", decimals, value, kUnits[unit]);
  }
  return text;
}

std::string clock_text(double seconds) {
  const auto all = static_cast<long long>(seconds);
  char text[48];
  if (all >= 3600) {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", all / 3600, all / 60 % 60, all % 60);
  } else {
    std::snprintf(text, sizeof text, "%02lld:%02lld", all / 60, all % 60);
  }
  return text;
}

// `share` of `width` cells, the last one in eighths.
std::string bar(double share, int width) {
  constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const int eighths = static_cast<int>(share * width * 8);
  std::string out;
  for (int i = 0; i < eighths / 8; ++i) out += "█";
  const bool partial = eighths % 8 != 0;
  if (partial) out += kEighths[eighths % 8];
  return out + std::string(static_cast<std::size_t>(width - eighths / 8 - (partial ? 1 : 0)), ' ');
}

int error_columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

// The end of a long path says more than its beginning. The hub's names go through quote(), whose
// quotes are taken off: no control character may reach the terminal.
std::string shown_name(const std::string& path) {
  constexpr std::size_t kMost = 36;
  const std::string quoted = quote(path);
  const std::string safe = quoted.substr(1, quoted.size() - 2);
  if (safe.size() <= kMost) return safe;
  return "..." + safe.substr(safe.size() - (kMost - 3));
}

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' && std::string_view(value) != "0";
}

}  // namespace

std::string progress_line(const hub::FileProgress& file, double seconds, int columns) {
  const double total = static_cast<double>(file.total);
  const double done = static_cast<double>(file.done);
  const double share = total > 0 ? std::min(done / total, 1.0) : 1.0;
  const double fresh = done - static_cast<double>(std::min(file.resumed, file.done));
  const double rate = seconds > 0 && fresh > 0 ? fresh / seconds : 0;

  char percent[16];
  std::snprintf(percent, sizeof percent, ": %3.0f%%|", share * 100);
  const std::string before = shown_name(file.path) + percent;
  const std::string after = "| " + three_digits(done) + "/" + three_digits(total) + " [" +
                            clock_text(seconds) + "<" +
                            (rate > 0 ? clock_text((total - done) / rate) : "?") + ", " +
                            (rate > 0 ? three_digits(rate) : "?") + "B/s]";
  const int room = columns - 1 - static_cast<int>(before.size() + after.size());
  return before + bar(share, std::clamp(room, 1, 400)) + after;
}

DownloadBars::DownloadBars(bool quiet)
    : quiet_(quiet || is_set("HF_HUB_DISABLE_PROGRESS_BARS")),
      moving_(is_terminal(Stream::error)) {}

DownloadBars::~DownloadBars() { clear(); }

void DownloadBars::clear() {
  for (; lines_ > 0; --lines_) std::cerr << "\033[A\033[2K";
  std::cerr << std::flush;
}

void DownloadBars::say(const std::string& text) {
  clear();
  if (!quiet_) std::cerr << text << std::endl;
}

void DownloadBars::show(const std::vector<hub::FileProgress>& files) {
  if (quiet_) return;
  const auto now = Clock::now();
  const auto seconds_of = [&](const std::string& path) {
    auto it = std::ranges::find(began_, path, &std::pair<std::string, Clock::time_point>::first);
    if (it == began_.end()) it = began_.insert(began_.end(), {path, now});
    return std::chrono::duration<double>(now - it->second).count();
  };
  clear();
  std::vector<std::string> lines;
  for (const auto& file : files) {
    using State = hub::FileProgress::State;
    if (file.state == State::waiting) continue;
    const double seconds = seconds_of(file.path);
    if (file.state == State::done) {
      if (!complete_.insert(file.path).second) continue;
      std::cerr << (moving_ ? progress_line(file, seconds, error_columns())
                            : shown_name(file.path) + ": " +
                                  three_digits(static_cast<double>(file.total)) + "B in " +
                                  clock_text(seconds))
                << '\n';
    } else if (lines.size() < kMostBars) {
      lines.push_back(progress_line(file, seconds, error_columns()));
    }
  }
  if (moving_) {
    for (const auto& line : lines) std::cerr << line << '\n';
    lines_ = static_cast<int>(lines.size());
  }
  std::cerr << std::flush;
}

hub::PullOptions reporting(DownloadBars& bars) {
  hub::PullOptions out;
  out.on_progress = [&bars](const auto& files) { bars.show(files); };
  out.on_message = [&bars](const auto& text) { bars.say(text); };
  out.should_stop = [] { return CatchInterrupt::happened(); };
  return out;
}

}  // namespace typecase::cli
