#include "backend/cpu/packer.h"

#include "base/checked.h"
#include "base/mapped_file.h"
#include "base/memory.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>

namespace typecase::cpu {
namespace {

bool same_place(const Matrix& a, const Matrix& b) {
  return a.stored.bytes.data() == b.stored.bytes.data() && a.stored.dtype == b.stored.dtype &&
         a.in_out == b.in_out && a.rows == b.rows && a.stored.shape == b.stored.shape &&
         a.stored.transposed == b.stored.transposed && a.stored.rows == b.stored.rows;
}

constexpr std::size_t kLine = 64, kPage = 4096;
/// Bytes of weights that a thread packs, or maps, in one go.
constexpr std::size_t kPart = 2 << 20;
constexpr std::size_t kTasks = 1 << 20;

std::size_t whole(std::size_t unit, std::size_t bytes) { return (bytes + unit - 1) / unit * unit; }

}  // namespace

const PackedMatrix* Packer::add(const Matrix& matrix, DType dtype) {
  for (std::size_t i = 0; i < matrices_.size(); ++i) {
    if (dtypes_[i] == dtype && same_place(matrices_[i], matrix)) return &packed_[i];
  }
  packed_.push_back(plan_packing(matrix, dtype, layouts_));
  packed_.back().source = &matrices_.emplace_back(matrix);
  dtypes_.push_back(dtype);
  return &packed_.back();
}

/// Neighbouring panels of one matrix that one thread packs.
struct Packer::Part {
  std::size_t matrix;
  int first, last;
};

// Threads far apart: two that reach a fresh huge page together would both clear it.
std::vector<Packer::Part> Packer::parts(const std::vector<std::size_t>& which,
                                        std::size_t bytes) const {
  std::vector<Part> out;
  for (const std::size_t i : which) {
    const PackedMatrix& m = packed_[i];
    const auto fit = std::clamp<std::size_t>(bytes / m.panel_bytes, 1, kTasks);
    for (int p = 0; p < m.panels(); p += static_cast<int>(fit)) {
      out.push_back({i, p, std::min(m.panels(), p + static_cast<int>(fit))});
    }
  }
  return out;
}

bool Packer::quads() const noexcept {
  return std::any_of(packed_.begin(), packed_.end(),
                     [](const PackedMatrix& m) { return in_quads(m.format); });
}

void Packer::check_sizes() const {
  std::set<const MappedFile*> files;
  for (const Matrix& m : matrices_) {
    if (m.stored.file != nullptr) files.insert(m.stored.file);
  }
  for (const MappedFile* file : files) file->check_size();
}

std::vector<std::size_t> Packer::unpacked() const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < packed_.size(); ++i) {
    if (packed_[i].data == nullptr) out.push_back(i);
  }
  return out;
}

/// How matrix i is to lie at last: recoded, if it can be.
PackedMatrix Packer::wanted(std::size_t i) const {
  const bool recodes = layouts_.recode != nullptr && dtypes_[i] == DType::bfloat16;
  return recodes ? plan_recoding(matrices_[i], packed_[i]) : packed_[i];
}

void Packer::reserve(int threads) {
  check_sizes();
  std::size_t total = 0;
  for (std::size_t i = 0; i < packed_.size(); ++i) {
    total += whole(kLine, wanted(i).bytes());
    near_bytes_ = std::max(near_bytes_, whole(kPage, kPanelGroup * packed_[i].panel_bytes));
  }
  require_memory(total, "the weights");
  arenas_.emplace_back(total);
  near_ = Arena(near_bytes_ * static_cast<std::size_t>(threads));
}

void Packer::map(ThreadPool& pool) const {
  const auto all = parts(unpacked(), kPart);
  pool.run(checked_cast<int>(all.size(), "parts of the weights"), [&](int task, int) {
    const Part& part = all[static_cast<std::size_t>(task)];
    const Matrix& from = matrices_[part.matrix];
    if (from.stored.file == nullptr) return;
    from.stored.file->populate(bytes_of(from, packed_[part.matrix], part.first, part.last));
  });
}

void Packer::fill(ThreadPool& pool, Arena& arena, const std::vector<std::size_t>& which) {
  std::byte* at = arena.data();
  for (const std::size_t i : which) {
    packed_[i].data = at;
    at += whole(kLine, packed_[i].bytes());
  }
  const auto all =
      parts(which, std::min(kPart, arena.size() / static_cast<std::size_t>(pool.threads() * 8)));
  std::map<const std::byte*, std::atomic<int>> uses;
  for (const Part& part : all) ++uses[matrices_[part.matrix].stored.bytes.data()];
  std::vector<std::atomic<bool>> unfit(packed_.size());
  pool.run(checked_cast<int>(all.size(), "parts of the weights"), [&](int task, int) {
    const Part& part = all[static_cast<std::size_t>(task)];
    const Matrix& from = matrices_[part.matrix];
    const PackedMatrix& to = packed_[part.matrix];
    const Tensor& t = from.stored;
    const auto bytes = bytes_of(from, to, part.first, part.last);
    if (!unfit[part.matrix]) {
      if (t.file != nullptr) t.file->populate(bytes);
      if (!pack_panels(from, to, part.first, part.last, layouts_.recode)) unfit[part.matrix] = true;
    }
    const bool last = --uses.find(t.bytes.data())->second == 0;
    // The pages that parts share go with the tensor's last part.
    if (t.file != nullptr) t.file->release(last ? t.bytes : bytes);
  });
  for (const std::size_t i : which) {
    if (!unfit[i]) continue;
    arena.discard({packed_[i].data, packed_[i].bytes()});
    // What cannot be recoded is packed again as it is.
    packed_[i] = plan_packing(matrices_[i], dtypes_[i], layouts_);
    packed_[i].source = &matrices_[i];
  }
}

void Packer::pack(ThreadPool& pool) {
  if (packed_all_) return;
  check_sizes();
  if (!tried_) {
    tried_ = true;
    for (std::size_t i = 0; i < packed_.size(); ++i) packed_[i] = wanted(i);
    fill(pool, arenas_.front(), unpacked());
  }
  if (const auto left = unpacked(); !left.empty()) {
    std::size_t total = 0;
    for (const std::size_t i : left) total += whole(kLine, packed_[i].bytes());
    require_memory(total, "the weights");
    fill(pool, arenas_.emplace_back(total), left);
  }
  packed_all_ = true;
  near_ = Arena();
}

}  // namespace typecase::cpu
