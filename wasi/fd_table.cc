#include "wasi/fd_table.h"

#include <utility>

namespace swoop::wasi {

// What an entry held is always destroyed after the lock is released: closing a file can take long.

ErrnoOr<uint32_t> FdTable::insert(std::shared_ptr<Descriptor> descriptor,
                                  std::optional<std::string> preopen_name) {
  const std::lock_guard lock(mutex_);
  if (open_count_ >= limit_) return Errno::mfile;
  while (is_open(first_free_)) ++first_free_;
  const uint32_t fd = first_free_;
  if (fd == entries_.size()) entries_.emplace_back();
  entries_[fd] = {std::move(descriptor), std::move(preopen_name)};
  ++open_count_;
  ++first_free_;
  return fd;
}

ErrnoOr<> FdTable::require_room() const {
  const std::lock_guard lock(mutex_);
  if (open_count_ >= limit_) return Errno::mfile;
  return {};
}

ErrnoOr<std::shared_ptr<Descriptor>> FdTable::find(uint32_t fd) const {
  const std::lock_guard lock(mutex_);
  if (!is_open(fd)) return Errno::badf;
  return entries_[fd].descriptor;
}

ErrnoOr<std::string> FdTable::preopen_name(uint32_t fd) const {
  const std::lock_guard lock(mutex_);
  if (!is_open(fd) || !entries_[fd].preopen_name.has_value()) return Errno::badf;
  return *entries_[fd].preopen_name;
}

ErrnoOr<> FdTable::close(uint32_t fd) {
  Entry closed;
  const std::lock_guard lock(mutex_);
  if (!is_open(fd)) return Errno::badf;
  closed = std::exchange(entries_[fd], {});
  --open_count_;
  first_free_ = std::min(first_free_, fd);
  return {};
}

ErrnoOr<> FdTable::renumber(uint32_t from, uint32_t to) {
  Entry closed;
  const std::lock_guard lock(mutex_);
  if (!is_open(from) || !is_open(to)) return Errno::badf;
  if (from == to) return {};
  closed = std::exchange(entries_[to], std::exchange(entries_[from], {}));
  --open_count_;
  first_free_ = std::min(first_free_, from);
  return {};
}

}  // namespace swoop::wasi
