#pragma once

#include <typecase/hub.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

namespace typecase::cli {

/// One file's progress in the form people know:
///     model.safetensors:  43%|████▎     | 236M/548M [00:12<00:16, 19.0MB/s]
/// `seconds` is the time since it began, `columns` the width to fill.
std::string progress_line(const hub::FileProgress& file, double seconds, int columns);

/// Shows downloads on standard error: bars that move on a terminal, else one line for each file
/// that is complete. Silent with -q or HF_HUB_DISABLE_PROGRESS_BARS.
class DownloadBars {
 public:
  explicit DownloadBars(bool quiet);
  ~DownloadBars();
  DownloadBars(const DownloadBars&) = delete;
  DownloadBars& operator=(const DownloadBars&) = delete;

  void show(const std::vector<hub::FileProgress>& files);
  void say(const std::string& text);  ///< a line above the bars

 private:
  using Clock = std::chrono::steady_clock;
  void clear();

  bool quiet_;
  bool moving_;
  int lines_ = 0;  ///< of bars on the screen, the cursor below them
  std::vector<std::pair<std::string, Clock::time_point>> began_{};
  std::set<std::string> complete_{};
};

/// Pull options that report to standard error and stop at Ctrl-C.
hub::PullOptions reporting(DownloadBars& bars);

}  // namespace typecase::cli
