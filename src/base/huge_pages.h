#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace typecase {

/// An allocator for tables that are read at random: large ones lie on large pages where the system
/// has them, so that a look-up seldom waits for an address translation as well, and the first use
/// of 2 MB is one page fault instead of 512.
///
/// Small blocks come from operator new. For a table that is mostly empty this wastes memory.
template <class T>
struct HugePageAllocator {
  using value_type = T;
  static constexpr std::size_t kPage = std::size_t{2} << 20;
  static constexpr std::size_t kLarge = 2 * kPage;

  HugePageAllocator() = default;
  template <class U>
  HugePageAllocator(const HugePageAllocator<U>&) noexcept {}

  T* allocate(std::size_t count) {
    if (count > static_cast<std::size_t>(-1) / 2 / sizeof(T)) throw std::bad_array_new_length();
    const std::size_t bytes = count * sizeof(T);
    if (bytes < kLarge) return static_cast<T*>(::operator new(bytes));
    void* out = std::aligned_alloc(kPage, (bytes + kPage - 1) / kPage * kPage);
    if (out == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
    // Of the last page only what is used: the rest of it would be zeroed for nothing. A refusal
    // costs speed alone.
    (void)madvise(out, bytes / kPage * kPage, MADV_HUGEPAGE);
#endif
    return static_cast<T*>(out);
  }
  void deallocate(T* at, std::size_t count) noexcept {
    if (count * sizeof(T) < kLarge) {
      ::operator delete(at);
    } else {
      std::free(at);
    }
  }

  friend bool operator==(HugePageAllocator, HugePageAllocator) noexcept { return true; }
};

}  // namespace typecase
