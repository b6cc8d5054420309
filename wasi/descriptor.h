// What a guest's file descriptor number stands for. The host layer: nothing here knows of guest
// memory or layouts.
#pragma once

#include "platform/file_descriptor.h"
#include "wasi/error_code.h"
#include "wasi/types.h"

#include <atomic>
#include <cstdint>
#include <span>

namespace swoop::wasi {

using platform::ConstBytes;
using platform::MutableBytes;

class Directory;

/// An open file, directory or stream. Shared by every number that fd_renumber gives it and by calls
/// under way, so that a close during a blocking read lets the host's descriptor live until the read
/// is over. Safe to use by threads.
///
/// An operation that a kind does not override answers as POSIX does for a descriptor of the wrong
/// kind.
class Descriptor {
 public:
  Descriptor() = default;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  virtual ~Descriptor() = default;

  DescriptorInfo info() const;

  /// Keeps only these rights. `notcapable` if there is one among them that the descriptor does not
  /// have.
  ErrnoOr<> set_rights(uint64_t base, uint64_t inheriting);
  /// `notcapable` if one of these rights was given up. One that the descriptor never had is not
  /// asked about: the operation itself has a better answer.
  ErrnoOr<> require_right(uint64_t right) const;
  /// What is opened through a directory lacks what that gave up for its descendants.
  void inherit_rights(const Descriptor& parent);

  virtual ErrnoOr<platform::FileStatus> status() = 0;

  virtual ErrnoOr<size_t> read(std::span<const MutableBytes> buffers);
  virtual ErrnoOr<size_t> write(std::span<const ConstBytes> buffers);
  virtual ErrnoOr<size_t> read_at(std::span<const MutableBytes> buffers, uint64_t offset);
  virtual ErrnoOr<size_t> write_at(std::span<const ConstBytes> buffers, uint64_t offset);
  /// The new position.
  virtual ErrnoOr<uint64_t> seek(int64_t offset, platform::SeekFrom from);

  virtual ErrnoOr<> sync();
  virtual ErrnoOr<> sync_data();
  virtual ErrnoOr<> advise(uint64_t offset, uint64_t size_bytes, platform::Advice advice);
  virtual ErrnoOr<> allocate(uint64_t offset, uint64_t size_bytes);
  virtual ErrnoOr<> truncate(uint64_t size_bytes);
  virtual ErrnoOr<> set_times(platform::TimeChange accessed, platform::TimeChange modified);
  /// `flags` are fdflags, all of them: those not in it are cleared.
  virtual ErrnoOr<> set_flags(uint16_t flags);

  /// The host's descriptor to wait on, or -1 for what is always ready.
  virtual int poll_raw() { return -1; }
  /// How much a read would find now; best effort.
  virtual uint64_t readable_bytes() { return 0; }

  /// Null for all but directories.
  virtual Directory* as_directory() { return nullptr; }

 private:
  /// As it is before any right is given up.
  virtual DescriptorInfo full_info() const = 0;

  std::atomic<uint64_t> dropped_base_ = 0;
  std::atomic<uint64_t> dropped_inheriting_ = 0;
};

}  // namespace swoop::wasi
