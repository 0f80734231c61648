#include "hub/download.h"

#include <chrono>
#include <thread>
#include <utility>

namespace typecase::hub {
namespace {

constexpr auto kTick = std::chrono::milliseconds(50);

/// What the connections share.
class Crew {
 public:
  Crew(std::vector<std::unique_ptr<BlobDownload>>& blobs, const Settings& settings,
       const std::string& repo)
      : blobs_(blobs), settings_(settings), repo_(repo) {}

  void work();
  /// Reports from this thread until all have ended; throws the first failure.
  void watch(const PullOptions& options);
  void start(int connections);
  ~Crew() { end(); }

 private:
  enum class Step { fetched, nothing_now, all_done };
  Step step(Client& client);
  void say(const std::string& text);
  void note_failure(std::exception_ptr failure);
  void end();

  std::vector<std::unique_ptr<BlobDownload>>& blobs_;
  const Settings& settings_;
  const std::string repo_;
  std::atomic<bool> stop_{false};
  std::atomic<int> running_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::exception_ptr failure_;
  std::vector<std::string> messages_;
  std::vector<std::jthread> threads_;
};

void Crew::note_failure(std::exception_ptr failure) {
  const std::lock_guard guard(mutex_);
  if (!failure_) failure_ = std::move(failure);
  stop_ = true;
}

void Crew::say(const std::string& text) {
  const std::lock_guard guard(mutex_);
  messages_.push_back(text);
}

// One part of the first blob that has one to give.
Crew::Step Crew::step(Client& client) {
  bool all_done = true;
  for (const auto& blob : blobs_) {
    std::optional<BlobDownload::Part> part;
    const auto next = blob->next(part);
    if (next == BlobDownload::Next::done) continue;
    all_done = false;
    if (next == BlobDownload::Next::later) continue;
    const std::uint64_t before = blob->fetched();
    try {
      blob->fetch(std::move(*part), client);
      blob->failures = 0;
    } catch (const Transient& failure) {
      if (blob->fetched() > before) blob->failures = 0;  // it does move on
      Retry retry{.stop = stop_, .say = [this](const auto& text) { say(text); }};
      retry.failures = blob->failures++;
      retry.after(failure);
    }
    return Step::fetched;
  }
  return all_done ? Step::all_done : Step::nothing_now;
}

void Crew::work() {
  try {
    Client client(settings_, repo_, stop_);
    while (!stop_) {
      const Step did = step(client);
      if (did == Step::all_done) break;
      std::unique_lock lock(mutex_);
      if (did == Step::nothing_now) changed_.wait_for(lock, kTick);
      if (did == Step::fetched) changed_.notify_all();
    }
  } catch (...) {
    note_failure(std::current_exception());
  }
  running_ -= 1;
  changed_.notify_all();
}

void Crew::start(int connections) {
  running_ = connections;
  for (int i = 0; i < connections; ++i) threads_.emplace_back([this] { work(); });
}

void Crew::end() {
  stop_ = true;
  changed_.notify_all();
  threads_.clear();
}

void Crew::watch(const PullOptions& options) {
  const auto report = [&] {
    std::vector<std::string> messages;
    {
      const std::lock_guard guard(mutex_);
      messages.swap(messages_);
    }
    for (const auto& message : messages) {
      if (options.on_message) options.on_message(message);
    }
    if (!options.on_progress) return;
    std::vector<FileProgress> files;
    for (const auto& blob : blobs_) files.push_back(blob->progress());
    options.on_progress(files);
  };
  while (running_ > 0) {
    if (options.should_stop && options.should_stop()) {
      end();
      throw Error(Code::interrupted, "interrupted; the same command goes on where it stopped");
    }
    report();
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kTick, [this] { return running_ == 0; });
  }
  report();
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace

void download(std::vector<std::unique_ptr<BlobDownload>>& blobs, const Settings& settings,
              const std::string& repo, const PullOptions& options) {
  if (blobs.empty()) return;
  Crew crew(blobs, settings, repo);
  crew.start(std::max(1, options.connections));
  crew.watch(options);
}

}  // namespace typecase::hub
