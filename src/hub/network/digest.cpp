#if TYPECASE_HAS_CURL

#include "hub/digest.h"

#include "hub/network/libraries.h"

#include <typecase/error.h>

#include <array>

namespace typecase::hub {

struct Digest::State {
  EVP_MD_CTX* context = crypto().md_ctx_new();
  ~State() { crypto().md_ctx_free(context); }
};

Digest::Digest(std::string_view expected, std::uint64_t size) : state_(std::make_unique<State>()) {
  const bool git = expected.size() == 40;
  const EVP_MD* kind = git ? crypto().sha1() : crypto().sha256();
  if (state_->context == nullptr || crypto().digest_init(state_->context, kind, nullptr) != 1) {
    throw Error(Code::failed, "OpenSSL cannot compute a hash; is it in FIPS mode?");
  }
  if (git) update("blob " + std::to_string(size) + std::string(1, '\0'));
}

Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::update(std::string_view bytes) {
  crypto().digest_update(state_->context, bytes.data(), bytes.size());
}

std::string Digest::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
  unsigned length = 0;
  crypto().digest_final(state_->context, raw.data(), &length);
  std::string out;
  for (unsigned i = 0; i < length; ++i) {
    out += "0123456789abcdef"[raw[i] >> 4];
    out += "0123456789abcdef"[raw[i] & 15];
  }
  return out;
}

}  // namespace typecase::hub

#endif
