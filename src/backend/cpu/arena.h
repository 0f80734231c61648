#pragma once

#include <cstddef>
#include <span>

namespace typecase::cpu {

/// Zeroed memory for weights in one piece, in huge pages where the system has them: a decode step
/// reads all of it, and fewer pages mean fewer misses of the address cache.
/// Throws Error(out_of_memory).
class Arena {
 public:
  Arena() = default;
  explicit Arena(std::size_t bytes);
  ~Arena();
  Arena(Arena&& other) noexcept;
  Arena& operator=(Arena&& other) noexcept;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Gives whole pages of `part` back; they read as zeros.
  void discard(std::span<std::byte> part) noexcept;

  /// Starts on a huge page.
  std::byte* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }

 private:
  void* mapped_ = nullptr;
  std::size_t mapped_size_ = 0;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace typecase::cpu
