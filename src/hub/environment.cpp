#include "hub/environment.h"

#include "base/mapped_file.h"

#include <typecase/error.h>
#include <typecase/hub.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>

namespace typecase::hub {
namespace {

// The first of the variables that is set to something.
std::string variable(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

std::string home() {
  if (auto out = variable({"HOME"}); !out.empty()) return out;
  throw Error(Code::invalid_argument, "HOME is not set; set it, or HF_HUB_CACHE");
}

bool is_name_character(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// "~/x" and "$NAME/x", "${NAME}/x", as Python expands them.
std::string expanded(std::string path) {
  if (path == "~" || path.starts_with("~/")) path.replace(0, 1, home());
  std::string out;
  for (std::size_t i = 0; i < path.size();) {
    const bool braces = path.compare(i, 2, "${") == 0;
    std::size_t end = i + (braces ? 2 : 1);
    while (end < path.size() && is_name_character(path[end])) ++end;
    const std::string name = path.substr(i + (braces ? 2 : 1), end - i - (braces ? 2 : 1));
    const char* value = path[i] == '$' && !name.empty() ? std::getenv(name.c_str()) : nullptr;
    if (value == nullptr || (braces && (end == path.size() || path[end] != '}'))) {
      out += path[i++];
      continue;
    }
    out += value;
    i = end + (braces ? 1 : 0);
  }
  return out;
}

std::string hf_home() {
  if (const auto own = variable({"HF_HOME"}); !own.empty()) return expanded(own);
  if (const auto xdg = variable({"XDG_CACHE_HOME"}); !xdg.empty()) {
    return expanded(xdg) + "/huggingface";
  }
  return home() + "/.cache/huggingface";
}

Url endpoint() {
  std::string text = variable({"HF_ENDPOINT"});
  if (text.empty()) text = "https://huggingface.co";
  while (text.ends_with('/')) text.pop_back();
  auto url = parse_url(text);
  if (!url || url->target.find('?') != std::string::npos) {
    throw Error(
        Code::invalid_argument,
        "HF_ENDPOINT: expected an address such as https://huggingface.co, found " + quote(text));
  }
  if (url->target == "/") url->target.clear();
  return *url;
}

bool is_true(const char* variable_name) {
  std::string text = variable({variable_name});
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text == "1" || text == "ON" || text == "YES" || text == "TRUE";
}

std::string token_text() {
  if (auto own = variable({"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}); !own.empty()) return own;
  if (is_true("HF_HUB_DISABLE_IMPLICIT_TOKEN")) return {};
  const auto named = variable({"HF_TOKEN_PATH"});
  const std::string path = named.empty() ? hf_home() + "/token" : expanded(named);
  try {
    return read_file(path, 4096);
  } catch (const Error&) {
    return {};  // nobody is logged in
  }
}

// A token goes into a header: nothing may be in it that would end the line.
std::string token() {
  std::string text = token_text();
  const auto space = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (!text.empty() && space(text.back())) text.pop_back();
  text.erase(text.begin(), std::ranges::find_if_not(text, space));
  if (!std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; })) {
    throw Error(Code::invalid_argument,
                "the hub's token (HF_TOKEN or the token file) holds a character that no token has");
  }
  return text;
}

int seconds(const char* name) {
  const auto text = variable({name});
  const auto value = parse_decimal(text);
  return value && *value > 0 ? static_cast<int>(std::min<std::uint64_t>(*value, 3600)) : 10;
}

}  // namespace

bool is_offline() {
  return variable({"HF_HUB_OFFLINE"}).empty() ? is_true("TRANSFORMERS_OFFLINE")
                                              : is_true("HF_HUB_OFFLINE");
}

Settings settings_from_environment() {
  Settings out{.endpoint = endpoint(),
               .token = token(),
               .offline = is_offline(),
               .links = !is_true("HF_HUB_DISABLE_SYMLINKS"),
               .through_proxy = !variable({"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
                                           "all_proxy", "ALL_PROXY"})
                                     .empty(),
               .http = {}};
  out.http.connect_seconds = seconds("HF_HUB_ETAG_TIMEOUT");
  out.http.stall_seconds = seconds("HF_HUB_DOWNLOAD_TIMEOUT");
  // curl reads http_proxy in small letters only, for programs that web servers start.
  if (variable({"http_proxy"}).empty()) out.http.proxy = variable({"HTTP_PROXY"});
  out.http.ca_file = variable({"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"});
  out.http.ca_folder = variable({"SSL_CERT_DIR"});
  out.http.user_agent = "typecase/" TYPECASE_VERSION;
  if (const auto origin = variable({"HF_HUB_USER_AGENT_ORIGIN"}); !origin.empty()) {
    if (std::ranges::all_of(origin, [](char c) { return c >= 0x20 && c < 0x7f; })) {
      out.http.user_agent += "; origin/" + origin;
    }
  }
  return out;
}

std::string cache_folder() {
  if (const auto own = variable({"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}); !own.empty()) {
    return expanded(own);
  }
  return hf_home() + "/hub";
}

}  // namespace typecase::hub
