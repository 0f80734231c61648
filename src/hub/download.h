#pragma once

#include "hub/cache.h"
#include "hub/client.h"
#include "hub/listing.h"
#include "hub/partial.h"

#include <typecase/hub.h>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace typecase::hub {

/// One blob to be fetched. Its bytes may come in parts over several connections, out of order, but
/// are hashed and written in order: those that come too early wait in memory.
class BlobDownload {
 public:
  BlobDownload(const RepoCache& cache, RepoFile file, Url url, std::uint64_t part_bytes);

  /// A range that one connection fetches.
  struct Part {
    std::uint64_t first = 0, end = 0;
    int generation = 0;
    std::uint64_t written = 0;  ///< of it, those on the disk already
    std::string waiting{};      ///< what came but cannot be written yet
  };
  enum class Next { part, later, done };
  /// Gives out the next part. `later`: all are being fetched, or another process has the blob.
  Next next(std::optional<Part>& part);
  /// Fetches it. A failure that may pass puts what is missing back and is thrown as Transient.
  void fetch(Part part, Client& client);

  FileProgress progress() const;
  const RepoFile& file() const noexcept { return file_; }
  std::uint64_t fetched() const noexcept { return fetched_.load(); }
  std::atomic<int> failures{0};  ///< in a row; the owner's

 private:
  enum class Ranges { unknown, no, yes };
  bool begin();
  bool on_headers(Part& part, const Headers& headers, const Url& answered);
  bool on_data(Part& part, std::string_view bytes);
  void deliver(Part& part);
  void put_back(const Part& part);
  void forget_location(const Url& used);
  void start_again();
  void complete();

  const RepoCache& cache_;
  const RepoFile file_;
  const Url url_;
  const std::uint64_t part_bytes_;

  mutable std::mutex mutex_;
  Folder blobs_;
  std::optional<Lock> lock_;
  std::optional<Partial> partial_;
  bool done_ = false;
  bool wrong_hash_ = false;
  int generation_ = 0;  // of parts; those of an older one are void
  int in_flight_ = 0;
  int restarts_ = 0;
  Ranges ranges_ = Ranges::unknown;
  std::string etag_;              // of the storage's answers: all parts are of one file
  std::uint64_t handed_out_ = 0;  // everything before it was given out once
  std::map<std::uint64_t, std::uint64_t> put_back_;  // first → end
  std::map<std::uint64_t, std::string> early_;       // first → bytes that came too early
  std::optional<Url> location_;                      // where the bytes really lie, once known
  std::atomic<std::uint64_t> received_{0};
  std::atomic<std::uint64_t> resumed_{0};
  std::atomic<std::uint64_t> fetched_{0};
  std::atomic<FileProgress::State> state_{FileProgress::State::waiting};
};

/// Fetches all of them over options.connections connections; returns when every blob is in place.
/// Throws the first failure, after the other connections have stopped; what came is kept.
void download(std::vector<std::unique_ptr<BlobDownload>>& blobs, const Settings& settings,
              const std::string& repo, const PullOptions& options);

}  // namespace typecase::hub
