#if TYPECASE_HAS_CURL

#include "hub/network/libraries.h"

#include <typecase/error.h>

#include <dlfcn.h>

#include <initializer_list>
#include <string>

namespace typecase::hub {
namespace {

/// Never closed: both libraries keep threads' data and exit handlers.
class Library {
 public:
  Library(std::string name, std::string install, std::initializer_list<const char*> files)
      : name_(std::move(name)), install_(std::move(install)) {
    for (const char* file : files) {
      handle_ = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
      if (handle_ != nullptr) return;
      if (reason_.empty()) reason_ = ::dlerror();
    }
    fail();
  }

  template <class Function>
  void find(const char* symbol, Function& to) {
    to = reinterpret_cast<Function>(::dlsym(handle_, symbol));
    if (to != nullptr) return;
    reason_ = std::string("it has no ") + symbol;
    fail();
  }

 private:
  [[noreturn]] void fail() const {
    throw Error(Code::unsupported, name_ + " is needed to fetch models and cannot be loaded (" +
                                       reason_ + "); install it: apt-get install " + install_);
  }

  std::string name_, install_, reason_;
  void* handle_ = nullptr;
};

Curl load_curl() {
  Library library("libcurl", "libcurl4",
                  {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.4.dylib"});
  Curl out{};
  library.find("curl_global_init", out.global_init);
  library.find("curl_easy_init", out.easy_init);
  library.find("curl_easy_cleanup", out.easy_cleanup);
  library.find("curl_easy_reset", out.easy_reset);
  library.find("curl_easy_setopt", out.easy_setopt);
  library.find("curl_easy_perform", out.easy_perform);
  library.find("curl_easy_strerror", out.easy_strerror);
  library.find("curl_slist_append", out.slist_append);
  library.find("curl_slist_free_all", out.slist_free_all);
  library.find("curl_version_info", out.version_info);
  if (out.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    throw Error(Code::failed, "libcurl cannot be started");
  }
  return out;
}

Crypto load_crypto() {
  Library library("OpenSSL's libcrypto", "libssl3",
                  {"libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.3.dylib"});
  Crypto out{};
  library.find("EVP_MD_CTX_new", out.md_ctx_new);
  library.find("EVP_MD_CTX_free", out.md_ctx_free);
  library.find("EVP_sha1", out.sha1);
  library.find("EVP_sha256", out.sha256);
  library.find("EVP_DigestInit_ex", out.digest_init);
  library.find("EVP_DigestUpdate", out.digest_update);
  library.find("EVP_DigestFinal_ex", out.digest_final);
  return out;
}

}  // namespace

const Curl& curl() {
  static const Curl loaded = load_curl();
  return loaded;
}

const Crypto& crypto() {
  static const Crypto loaded = load_crypto();
  return loaded;
}

}  // namespace typecase::hub

#endif
