#include "hub/client.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace typecase::hub {
namespace {

constexpr int kMostRedirects = 8;
constexpr int kMostFailures = 4;
constexpr std::size_t kLongestPage = 64 << 10;
constexpr int kLongestWait = 300;  // seconds; the hub's rate limits are counted over five minutes

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool may_pass(int status) {
  return status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505);
}

// What the server said of its reasons, for the end of a message.
std::string details(const Headers& headers) {
  std::string out;
  if (const auto said = headers.get("X-Error-Message"); !said.empty()) {
    out += "; it says " + quote(said);
  }
  if (const auto id = headers.get("X-Request-Id"); !id.empty()) {
    out += " (request " + quote(id.substr(0, 80)) + ")";
  }
  return out;
}

bool wait(std::chrono::milliseconds time, const std::atomic<bool>& stop) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
    if (stop.load()) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace

void Retry::after(const Transient& failure) {
  failures += 1;
  const int asked = failure.wait_seconds().value_or(0);
  if (failures >= kMostFailures || asked > kLongestWait || stop.load()) throw failure;
  const auto own = std::chrono::milliseconds(250) * (1 << failures);
  const auto time = std::max<std::chrono::milliseconds>(std::chrono::seconds(asked), own);
  if (say) {
    say(failure.message() + "; trying again in " + std::to_string((time.count() + 999) / 1000) +
        " s");
  }
  wait(time, stop);
}

Client::Client(const Settings& settings, std::string repo, const std::atomic<bool>& stop)
    : settings_(settings),
      repo_(std::move(repo)),
      stop_(stop),
      http_(settings.http, stop),
      endpoint_is_private_(is_loopback(settings.endpoint.host) ||
                           is_private_address(settings.endpoint.host)) {}

Url Client::at(const std::string& path) const {
  Url out = settings_.endpoint;
  out.target += path;
  return out;
}

Url Client::redirect(const Url& from, const Headers& headers) const {
  const auto location = headers.get("Location");
  const auto to = resolve(from, location);
  const auto refuse_it = [&](const std::string& why) {
    throw Error(Code::network, from.origin() + " leads on to " + quote(location) + ", " + why);
  };
  if (!to) refuse_it("which is no http or https address");
  if (from.scheme == "https" && to->scheme == "http") {
    refuse_it("from https to http, where anyone could read and change what comes");
  }
  if (to->scheme == "http" && settings_.endpoint.scheme == "https") {
    refuse_it("over http though the endpoint speaks https");
  }
  if (!endpoint_is_private_ && is_private_address(to->host)) {
    refuse_it("into a private network");
  }
  return *to;
}

Http::Result Client::follow(Exchange exchange, Url& answered) {
  const auto headers = exchange.headers;
  const auto told = exchange.on_headers;
  const auto data = exchange.on_data;
  bool wanted = false;
  std::size_t unwanted_bytes = 0;
  exchange.on_headers = [&](const Headers& h) {
    wanted = h.status() == 200 || h.status() == 206;
    return !wanted || !told || told(h);
  };
  // A refusal's page is read past, if it is short: then the connection can be used again.
  exchange.on_data = [&](std::string_view bytes) {
    if (wanted) return !data || data(bytes);
    unwanted_bytes += bytes.size();
    return unwanted_bytes < kLongestPage;
  };
  for (int i = 0; i <= kMostRedirects; ++i) {
    const bool at_home = same_origin(exchange.url, settings_.endpoint);
    exchange.headers = headers;
    exchange.public_hosts_only = !endpoint_is_private_ && !at_home && !settings_.through_proxy;
    // Over plain http a token goes to this machine only.
    const bool safe = exchange.url.scheme == "https" || is_loopback(exchange.url.host);
    if (at_home && safe && !settings_.token.empty()) {
      exchange.headers.push_back("Authorization: Bearer " + settings_.token);
    }
    answered = exchange.url;
    Http::Result result;
    try {
      result = http_.run(exchange);
    } catch (const Error& error) {
      if (error.code() != Code::network) throw;
      throw Transient(Code::network, error.message());
    }
    // A proxy's own address says nothing of where it leads.
    if (at_home && result.connected_to_private_address && !settings_.through_proxy) {
      endpoint_is_private_ = true;
    }
    if (!is_redirect(result.headers.status())) return result;
    exchange.url = redirect(exchange.url, result.headers);
  }
  throw Error(Code::network, settings_.endpoint.origin() + ": more than 8 redirects");
}

void Client::refuse(const Headers& headers, const Url& url) const {
  const int status = headers.status();
  const auto code = headers.get("X-Error-Code");
  const std::string page = settings_.endpoint.text() + "/" + repo_;
  const std::string tail = details(headers);
  const bool anonymous = settings_.token.empty();

  if (code == "GatedRepo") {
    throw Error(Code::access_denied,
                repo_ + " is gated: open " + page + ", accept its terms" +
                    (anonymous ? ", and set HF_TOKEN to a token of that account" : "") + tail);
  }
  if (code == "RevisionNotFound") {
    throw Error(Code::not_found, repo_ + " has no such revision" + tail);
  }
  if (code == "EntryNotFound") {
    throw Error(Code::not_found, repo_ + " has no file " + quote(url.target) + tail);
  }
  if (status == 401 && anonymous) {
    throw Error(Code::access_denied,
                url.origin() + " has no public model " + repo_ +
                    ": it does not exist, or is private or gated; check its name, or set HF_TOKEN" +
                    tail);
  }
  if (status == 401 && code != "RepoNotFound") {
    throw Error(Code::access_denied,
                url.origin() + " does not accept the token (HF_TOKEN or the token file)" + tail);
  }
  if (status == 401 || status == 404) {
    throw Error(Code::not_found, url.origin() + " has no model " + repo_ +
                                     (anonymous ? "" : " that this token may see") + tail);
  }
  if (status == 403) {
    throw Error(Code::access_denied, url.origin() + " refuses access to " + repo_ +
                                         "; if it is gated, accept its terms at " + page + tail);
  }
  if (status == 429) {
    const auto wait_for = seconds_to_wait(headers);
    throw Transient(Code::network,
                    url.origin() + " says too many requests" +
                        (wait_for ? " (wait " + std::to_string(*wait_for) + " s)" : "") +
                        (anonymous ? "; with HF_TOKEN set its limits are higher" : "") + tail,
                    wait_for);
  }
  const std::string what = url.origin() + " answers with status " + std::to_string(status) + tail;
  if (may_pass(status)) throw Transient(Code::network, what, seconds_to_wait(headers));
  throw Error(Code::network, what);
}

Client::Document Client::get(const Url& url, std::size_t most,
                             const std::function<void(const std::string&)>& say) {
  Document out{.text = {}, .headers = {}, .url = url};
  const auto once = [&] {
    out.text.clear();
    Exchange exchange{.url = url, .headers = {"Accept-Encoding: identity"}};
    exchange.on_data = [&](std::string_view bytes) {
      if (out.text.size() + bytes.size() > most) {
        throw Error(Code::limit, url.origin() + " answers with more than " +
                                     std::to_string(most >> 20) + " MiB of JSON");
      }
      out.text += bytes;
      return true;
    };
    auto result = follow(std::move(exchange), out.url);
    out.headers = std::move(result.headers);
    if (out.headers.status() != 200) refuse(out.headers, out.url);
    if (!result.complete) throw Error(Code::interrupted, "interrupted");
  };
  Retry retry{.stop = stop_, .say = say};
  while (true) {
    try {
      once();
      return out;
    } catch (const Transient& failure) {
      retry.after(failure);
    }
  }
}

bool Client::get_part(const Part& part) {
  Exchange exchange{.url = part.url, .headers = {"Accept-Encoding: identity"}};
  if (part.range) {
    exchange.headers.push_back("Range: bytes=" + std::to_string(part.range->first) + "-" +
                               std::to_string(part.range->second - 1));
  }
  Url answered = part.url;
  exchange.on_headers = [&](const Headers& headers) {
    const auto coding = headers.get("Content-Encoding");
    if (!coding.empty() && coding != "identity") {
      throw Error(Code::network, answered.origin() + " sends " + quote(coding) +
                                     " data though they were not asked for; a proxy may change "
                                     "what passes it");
    }
    return part.on_headers(headers, answered);
  };
  exchange.on_data = part.on_data;
  const auto result = follow(std::move(exchange), answered);
  const int status = result.headers.status();
  if (status == 416) {
    if (part.on_bad_range) part.on_bad_range();
    throw Transient(Code::network, answered.origin() + " does not have the part asked for");
  }
  if (status != 200 && status != 206) refuse(result.headers, answered);
  return result.complete;
}

}  // namespace typecase::hub
