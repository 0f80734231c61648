/// What stands in where libcurl's or OpenSSL's headers were missing when this was built.
#if !TYPECASE_HAS_CURL

#include "hub/digest.h"
#include "hub/http.h"

#include <typecase/error.h>

namespace typecase::hub {
namespace {

[[noreturn]] void refuse() {
  throw Error(Code::unsupported,
              "this build cannot fetch models: libcurl4-openssl-dev and libssl-dev were missing "
              "when it was built; install them and build again");
}

}  // namespace

struct Digest::State {};
Digest::Digest(std::string_view, std::uint64_t) { refuse(); }
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;
void Digest::update(std::string_view) {}
std::string Digest::hex() { return {}; }

struct Http::State {};
Http::Http(const HttpSettings&, const std::atomic<bool>&) { refuse(); }
Http::~Http() = default;
Http::Result Http::run(const Exchange&) { refuse(); }
std::string Http::description() { refuse(); }

}  // namespace typecase::hub

#endif
