#include "hub/download.h"

#include <algorithm>
#include <utility>

namespace typecase::hub {
namespace {

/// How far parts may run ahead of what is written; bounds the memory of what waits.
constexpr std::uint64_t kWindow = 8;  // parts
constexpr int kMostRestarts = 5;

}  // namespace

BlobDownload::BlobDownload(const RepoCache& cache, RepoFile file, Url url, std::uint64_t part_bytes)
    : cache_(cache),
      file_(std::move(file)),
      url_(std::move(url)),
      part_bytes_(part_bytes),
      blobs_(cache.blobs()) {}

FileProgress BlobDownload::progress() const {
  return {.path = file_.path,
          .done = std::min(received_.load(), file_.size),
          .total = file_.size,
          .resumed = resumed_.load(),
          .state = state_.load()};
}

// Takes the lock and what an earlier download left. False while another process has the lock.
bool BlobDownload::begin() {
  lock_ = Lock::try_take(cache_.locks(), file_.digest() + ".lock");
  if (!lock_) return false;
  if (cache_.has_blob(file_)) {  // another process was first
    complete();
    return true;
  }
  partial_.emplace(blobs_, file_);
  resumed_ = received_ = handed_out_ = partial_->size();
  state_ = FileProgress::State::fetching;
  return true;
}

BlobDownload::Next BlobDownload::next(std::optional<Part>& part) {
  const std::lock_guard guard(mutex_);
  if (done_) return Next::done;
  if (!partial_ && !begin()) return Next::later;
  if (done_) return Next::done;
  if (partial_->size() == file_.size && in_flight_ == 0) {
    complete();
    if (done_) return Next::done;
  }
  if (ranges_ != Ranges::yes && in_flight_ > 0) return Next::later;

  part.emplace();
  part->generation = generation_;
  if (!put_back_.empty()) {
    const auto first = put_back_.begin();
    part->first = first->first;
    part->end = first->second;
    put_back_.erase(first);
  } else {
    if (handed_out_ == file_.size || handed_out_ >= partial_->size() + kWindow * part_bytes_) {
      return Next::later;
    }
    part->first = handed_out_;
    part->end =
        ranges_ == Ranges::no ? file_.size : std::min(file_.size, part->first + part_bytes_);
    handed_out_ = part->end;
  }
  in_flight_ += 1;
  return Next::part;
}

bool BlobDownload::on_headers(Part& part, const Headers& headers, const Url& answered) {
  const std::lock_guard guard(mutex_);
  if (part.generation != generation_) return false;
  if (!same_origin(answered, url_)) location_ = answered;
  const std::string who = answered.origin();

  if (headers.status() == 200) {
    if (part.first != 0 || partial_->size() != 0) {
      // The server does not know ranges; from the beginning then, in one piece.
      ranges_ = Ranges::no;
      start_again();
      return false;
    }
    if (part.end != file_.size) {
      ranges_ = Ranges::no;
      part.end = handed_out_ = file_.size;
    }
  } else {
    const auto range = parse_content_range(headers.get("Content-Range"));
    const bool fits = range && range->first == part.first && range->last + 1 == part.end &&
                      (!range->total || *range->total == file_.size);
    if (!fits) {
      throw Transient(Code::network, who + " sends another part of " + quote(file_.path) +
                                         " than asked for (" + quote(headers.get("Content-Range")) +
                                         ")");
    }
    const auto etag = normalised_etag(headers.get("ETag"));
    if (ranges_ != Ranges::yes) etag_ = etag;
    if (etag != etag_) {
      start_again();
      throw Transient(Code::network,
                      quote(file_.path) + " changed on " + who + " while it was fetched");
    }
    ranges_ = Ranges::yes;
  }

  const auto announced = headers.get("Content-Length");
  if (!announced.empty() && parse_decimal(announced) != part.end - part.first) {
    throw Error(Code::mismatch, who + " announces " + quote(announced) + " bytes of " +
                                    quote(file_.path) + " where the hub's listing makes it " +
                                    std::to_string(part.end - part.first));
  }
  return true;
}

bool BlobDownload::on_data(Part& part, std::string_view bytes) {
  const std::lock_guard guard(mutex_);
  if (part.generation != generation_) return false;
  if (part.written + part.waiting.size() + bytes.size() > part.end - part.first) {
    throw Error(Code::mismatch,
                "more bytes of " + quote(file_.path) + " come than the hub's listing says it has");
  }
  part.waiting += bytes;
  received_ += bytes.size();
  fetched_ += bytes.size();
  deliver(part);
  return true;
}

// Writes what can be written: this part if it is next, then those that came before their turn.
void BlobDownload::deliver(Part& part) {
  if (part.first + part.written != partial_->size()) return;
  partial_->append(part.waiting);
  part.written += part.waiting.size();
  part.waiting.clear();
  while (!early_.empty() && early_.begin()->first == partial_->size()) {
    partial_->append(early_.begin()->second);
    early_.erase(early_.begin());
  }
}

void BlobDownload::put_back(const Part& part) {
  received_ -= part.waiting.size();
  if (part.first + part.written < part.end) put_back_[part.first + part.written] = part.end;
}

void BlobDownload::start_again() {
  if (++restarts_ > kMostRestarts) {
    throw Error(Code::network, quote(file_.path) +
                                   " cannot be fetched: the server gives other "
                                   "parts of it each time");
  }
  partial_->restart();
  if (ranges_ == Ranges::yes) ranges_ = Ranges::unknown;
  generation_ += 1;
  handed_out_ = 0;
  put_back_.clear();
  early_.clear();
  etag_.clear();
  received_ = resumed_ = 0;
}

void BlobDownload::complete() {
  if (partial_ && !partial_->finish()) {
    const bool resumed = resumed_ > 0;
    start_again();
    if (resumed || !std::exchange(wrong_hash_, true)) return;
    throw Error(Code::mismatch, "the content of " + quote(file_.path) +
                                    " does not have the hash that the hub's listing names (" +
                                    file_.digest() +
                                    "); it was fetched twice and thrown away, nothing was kept");
  }
  partial_.reset();
  lock_.reset();
  done_ = true;
  received_ = file_.size;
  state_ = FileProgress::State::done;
}

// A signed address expires: the hub gives a new one.
void BlobDownload::forget_location(const Url& used) {
  const std::lock_guard guard(mutex_);
  if (location_ && location_->text() == used.text()) location_.reset();
}

void BlobDownload::fetch(Part part, Client& client) {
  const Url url = [&] {
    const std::lock_guard guard(mutex_);
    return location_.value_or(url_);
  }();
  const bool whole = part.first == 0 && part.end == file_.size;
  std::exception_ptr failure;
  try {
    Client::Part request{.url = url};
    if (!whole) request.range = {part.first, part.end};
    request.on_headers = [&](const Headers& h, const Url& u) { return on_headers(part, h, u); };
    request.on_data = [&](std::string_view bytes) { return on_data(part, bytes); };
    request.on_bad_range = [&] {
      const std::lock_guard guard(mutex_);
      if (part.generation == generation_) start_again();
    };
    const bool complete = client.get_part(request);
    const std::lock_guard guard(mutex_);
    if (complete && part.generation == generation_ &&
        part.written + part.waiting.size() < part.end - part.first) {
      throw Transient(Code::network, url.origin() + " ended " + quote(file_.path) + " too early");
    }
  } catch (const Transient&) {
    failure = std::current_exception();
  } catch (const Error& error) {
    failure = std::current_exception();
    if (!same_origin(url, url_) &&
        (error.code() == Code::access_denied || error.code() == Code::not_found)) {
      forget_location(url);
      failure = std::make_exception_ptr(Transient(error.code(), error.message()));
    }
  }

  const std::lock_guard guard(mutex_);
  in_flight_ -= 1;
  if (part.generation == generation_) {
    if (!part.waiting.empty() && part.first + part.written + part.waiting.size() == part.end &&
        !failure) {
      early_[part.first + part.written] = std::move(part.waiting);
    } else {
      put_back(part);
    }
    // What was put among the early ones may be next by now.
    Part nothing{.first = partial_->size(), .end = partial_->size(), .generation = generation_};
    deliver(nothing);
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace typecase::hub
