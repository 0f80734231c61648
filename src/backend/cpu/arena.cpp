#include "backend/cpu/arena.h"

#include <typecase/error.h>

#include <sys/mman.h>

#include <cstdint>
#include <string>
#include <utility>

namespace typecase::cpu {
namespace {

constexpr std::size_t kHugePage = 2u << 20;

}  // namespace

Arena::Arena(std::size_t bytes) : size_(bytes) {
  if (bytes == 0) return;
  if (bytes > SIZE_MAX - kHugePage)
    throw Error(Code::out_of_memory, "the weights do not fit the address space");
  mapped_size_ = bytes + kHugePage;
  mapped_ = mmap(nullptr, mapped_size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped_ == MAP_FAILED) {
    mapped_ = nullptr;
    throw Error(Code::out_of_memory,
                "the system gives no " + std::to_string(bytes >> 20) + " MiB for the weights");
  }
  const auto at = reinterpret_cast<std::uintptr_t>(mapped_);
  data_ = static_cast<std::byte*>(mapped_) + (kHugePage - at % kHugePage) % kHugePage;
  madvise(data_, bytes, MADV_HUGEPAGE);
}

void Arena::discard(std::span<std::byte> part) noexcept {
  constexpr std::uintptr_t kPage = 4096;
  const auto begin = (reinterpret_cast<std::uintptr_t>(part.data()) + kPage - 1) & ~(kPage - 1);
  const auto end = reinterpret_cast<std::uintptr_t>(part.data() + part.size()) & ~(kPage - 1);
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

Arena::~Arena() {
  if (mapped_ != nullptr) munmap(mapped_, mapped_size_);
}

Arena::Arena(Arena&& other) noexcept { *this = std::move(other); }

Arena& Arena::operator=(Arena&& other) noexcept {
  std::swap(mapped_, other.mapped_);
  std::swap(mapped_size_, other.mapped_size_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

}  // namespace typecase::cpu
