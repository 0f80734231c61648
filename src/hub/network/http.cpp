#if TYPECASE_HAS_CURL

#include "hub/http.h"

#include "hub/network/libraries.h"

#include <typecase/error.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <exception>

namespace typecase::hub {

struct Http::State {
  HttpSettings settings;
  const std::atomic<bool>* stop;
  CURL* handle = nullptr;
  // Of the exchange that runs:
  const Exchange* exchange = nullptr;
  Result result{};
  bool headers_told = false;
  bool ended_by_caller = false;
  bool private_refused = false;
  std::exception_ptr thrown{};

  template <class Value>
  void set(CURLoption option, Value value) {
    curl().easy_setopt(handle, option, value);
  }
  void configure(const Exchange& wanted);
  bool tell_headers();
};

namespace {

using State = Http::State;

// The callbacks stand between C frames: an exception waits in `thrown` until these have returned.
template <class Action>
bool guarded(State& state, Action action) {
  try {
    return action();
  } catch (...) {
    state.thrown = std::current_exception();
    return false;
  }
}

std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* user) {
  auto& state = *static_cast<State*>(user);
  const bool goes_on = guarded(state, [&] {
    state.result.headers.add_line({bytes, count});
    return true;
  });
  return goes_on ? count : 0;
}

std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* user) {
  auto& state = *static_cast<State*>(user);
  const bool goes_on = guarded(state, [&] {
    if (!state.tell_headers()) return false;
    if (state.exchange->on_data && !state.exchange->on_data({bytes, count})) {
      state.ended_by_caller = true;
      return false;
    }
    return true;
  });
  return goes_on ? count : 0;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<State*>(user)->stop->load(std::memory_order_relaxed) ? 1 : 0;
}

std::string address_text(const sockaddr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* raw =
      address.sa_family == AF_INET
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(address).sin_addr)
          : &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  inet_ntop(address.sa_family, raw, text.data(), text.size());
  return text.data();
}

// Sees the address itself, so a name that resolves into a private network is caught too.
curl_socket_t on_open(void* user, curlsocktype, curl_sockaddr* address) {
  auto& state = *static_cast<State*>(user);
  if (is_private_address(address_text(address->addr))) {
    state.result.connected_to_private_address = true;
    if (state.exchange->public_hosts_only) {
      state.private_refused = true;
      return CURL_SOCKET_BAD;
    }
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::string reason(const State& state, CURLcode code) {
  if (state.private_refused) return "it leads into a private network";
  if (code == CURLE_OPERATION_TIMEDOUT) return "no answer in time";
  return curl().easy_strerror(code);
}

}  // namespace

bool Http::State::tell_headers() {
  if (headers_told) return true;
  headers_told = true;
  if (!exchange->on_headers || exchange->on_headers(result.headers)) return true;
  ended_by_caller = true;
  return false;
}

void Http::State::configure(const Exchange& wanted) {
  curl().easy_reset(handle);  // keeps connections and the DNS cache
  exchange = &wanted;
  result = {};
  headers_told = ended_by_caller = private_refused = false;
  thrown = nullptr;

  set(CURLOPT_URL, wanted.url.text().c_str());
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_HTTP_CONTENT_DECODING, 0L);
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_BUFFERSIZE, 256L << 10);
  set(CURLOPT_USERAGENT, settings.user_agent.c_str());
  set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(settings.connect_seconds));
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(settings.stall_seconds));
  set(CURLOPT_HEADERFUNCTION, &on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &on_progress);
  set(CURLOPT_XFERINFODATA, this);
  set(CURLOPT_OPENSOCKETFUNCTION, &on_open);
  set(CURLOPT_OPENSOCKETDATA, this);
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (!settings.proxy.empty() && wanted.url.scheme == "http") {
    set(CURLOPT_PROXY, settings.proxy.c_str());
  }
  if (!settings.ca_file.empty()) set(CURLOPT_CAINFO, settings.ca_file.c_str());
  if (!settings.ca_folder.empty()) set(CURLOPT_CAPATH, settings.ca_folder.c_str());
}

Http::Http(const HttpSettings& settings, const std::atomic<bool>& stop)
    : state_(std::make_unique<State>()) {
  state_->settings = settings;
  state_->stop = &stop;
  state_->handle = curl().easy_init();
  if (state_->handle == nullptr) throw Error(Code::out_of_memory, "libcurl has no memory");
}

Http::~Http() { curl().easy_cleanup(state_->handle); }

Http::Result Http::run(const Exchange& exchange) {
  state_->configure(exchange);
  curl_slist* list = nullptr;
  for (const auto& header : exchange.headers) {
    list = curl().slist_append(list, header.c_str());
  }
  state_->set(CURLOPT_HTTPHEADER, list);
  const CURLcode code = curl().easy_perform(state_->handle);
  curl().slist_free_all(list);

  if (state_->thrown) std::rethrow_exception(state_->thrown);
  state_->result.complete = code == CURLE_OK;
  if (code == CURLE_OK) {
    state_->result.complete = state_->tell_headers();  // there was no body
  } else if (!state_->ended_by_caller && code != CURLE_ABORTED_BY_CALLBACK) {
    throw Error(Code::network, exchange.url.origin() + ": " + reason(*state_, code));
  }
  return std::move(state_->result);
}

std::string Http::description() {
  const auto* info = curl().version_info(CURLVERSION_NOW);
  std::string out = std::string("libcurl ") + info->version;
  if (info->ssl_version != nullptr) out += std::string(", ") + info->ssl_version;
  crypto();
  return out;
}

}  // namespace typecase::hub

#endif
