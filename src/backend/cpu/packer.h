#pragma once

#include "backend/cpu/arena.h"
#include "backend/cpu/packed.h"
#include "base/thread_pool.h"

#include <deque>
#include <vector>

namespace typecase::cpu {

/// Weights in panels, each stored matrix once however many words name it.
///
/// Until pack() they stay in their files. A pass may multiply them all the same: it packs a few
/// panels at a time, next to the core, with unpacked_panels(). Nothing is written to fresh memory
/// then, which is most of what loading takes; but it pays only once, and for few rows.
class Packer {
 public:
  Packer(DType dtype, Layouts layouts) : dtype_(dtype), layouts_(layouts) {}
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;

  /// The place where `matrix` will be; its data after pack().
  const PackedMatrix* add(const Matrix& matrix) { return add(matrix, dtype_); }
  const PackedMatrix* add(const Matrix& matrix, DType dtype);

  /// After the last add(): takes addresses for everything, and for what `threads` threads pack a
  /// few panels in; no memory yet. Throws Error(out_of_memory) when it would not suffice, Error(io)
  /// when a file has shrunk.
  void reserve(int threads);
  /// Throws Error(io) when a file has shrunk: its pages must not be touched.
  void check_sizes() const;
  /// Asks for the files' pages, on all threads.
  void map(ThreadPool& pool) const;
  /// Copies everything into memory, on all threads, and lets the files' pages go. Nothing is left
  /// to do the second time. Throws as reserve(); what is not packed then stays as it was.
  void pack(ThreadPool& pool);

  bool packed() const noexcept { return packed_all_; }
  /// Some of them want rows as Kernels::pack_quads makes them.
  bool quads() const noexcept;
  /// Until all is packed: where thread `thread` may put kPanelGroup panels of any matrix.
  std::byte* near(int thread) const noexcept {
    return near_.data() + near_bytes_ * static_cast<std::size_t>(thread);
  }

 private:
  struct Part;
  std::vector<Part> parts(const std::vector<std::size_t>& which, std::size_t bytes) const;
  void fill(ThreadPool& pool, Arena& arena, const std::vector<std::size_t>& which);
  std::vector<std::size_t> unpacked() const;
  PackedMatrix wanted(std::size_t i) const;

  DType dtype_;
  Layouts layouts_;
  std::deque<PackedMatrix> packed_;  // addresses stay, here and below
  std::deque<Matrix> matrices_;
  std::vector<DType> dtypes_;  // what each is packed for
  std::vector<Arena> arenas_;  // the first as reserved
  Arena near_;
  std::size_t near_bytes_ = 0;
  bool tried_ = false, packed_all_ = false;
};

}  // namespace typecase::cpu
