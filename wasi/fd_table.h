// The guest's file descriptor numbers.
#pragma once

#include "wasi/descriptor.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace swoop::wasi {

/// Numbers are dense and the lowest free one is given out. Safe to use by threads: what `find`
/// returns stays usable while another thread closes the number.
class FdTable {
 public:
  explicit FdTable(uint32_t limit) : limit_(limit) {}

  /// `preopen_name` is the guest's path of a directory that the host grants.
  ErrnoOr<uint32_t> insert(std::shared_ptr<Descriptor> descriptor,
                           std::optional<std::string> preopen_name = std::nullopt);
  /// `mfile` if `insert` would say so, to be asked before an open has had an effect.
  ErrnoOr<> require_room() const;
  ErrnoOr<std::shared_ptr<Descriptor>> find(uint32_t fd) const;
  /// `badf` unless `fd` is a preopened directory.
  ErrnoOr<std::string> preopen_name(uint32_t fd) const;
  ErrnoOr<> close(uint32_t fd);
  /// Moves `from` to `to`, closing what `to` was. Both must be open.
  ErrnoOr<> renumber(uint32_t from, uint32_t to);

 private:
  struct Entry {
    std::shared_ptr<Descriptor> descriptor;  // null where the number is free
    std::optional<std::string> preopen_name;
  };

  bool is_open(uint32_t fd) const {
    return fd < entries_.size() && entries_[fd].descriptor != nullptr;
  }

  mutable std::mutex mutex_;
  const uint32_t limit_;
  uint32_t open_count_ = 0;
  uint32_t first_free_ = 0;  // no number below it is free
  std::vector<Entry> entries_;
};

}  // namespace swoop::wasi
