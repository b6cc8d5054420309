// Directories and all that is reached by path from one: of the host (host_directory.h) and of the
// embedder (virtual_directory.h).
#pragma once

#include "platform/filesystem.h"
#include "wasi/descriptor.h"

#include <functional>
#include <memory>
#include <string>

namespace swoop::wasi {

struct PathOpenOptions {
  bool follow = false;
  uint16_t oflags = 0;
  uint16_t fdflags = 0;
  bool read = false;
  bool write = false;
};

/// Whether an operation is on what a path leads to, or on the name at its end.
enum class PathUse : uint8_t { target, name };

class HostDirectory;

/// Paths are relative, without NUL, and never lead outside: those that would answer `notcapable`.
class Directory : public Descriptor {
 public:
  /// `mount` is the same for directories between which names can be moved.
  explicit Directory(uint32_t mount) : mount_(mount) {}

  uint32_t mount() const { return mount_; }
  Directory* as_directory() final { return this; }
  virtual HostDirectory* as_host() { return nullptr; }

  // What all of them answer to operations on files.
  ErrnoOr<size_t> read(std::span<const MutableBytes> buffers) final;
  ErrnoOr<size_t> read_at(std::span<const MutableBytes> buffers, uint64_t offset) final;
  ErrnoOr<size_t> write_at(std::span<const ConstBytes> buffers, uint64_t offset) final;
  ErrnoOr<uint64_t> seek(int64_t offset, platform::SeekFrom from) final;
  ErrnoOr<> advise(uint64_t offset, uint64_t size_bytes, platform::Advice advice) final;
  ErrnoOr<> truncate(uint64_t size_bytes) final;

  /// The directory that a path is to be given to, which lives as long as this one, and the path as
  /// seen from there. To be asked once, before any of the following.
  struct Place {
    Directory* directory;
    std::string path;
  };
  virtual Place place_of(std::string path, PathUse use);

  virtual ErrnoOr<std::shared_ptr<Descriptor>> open(const std::string& path,
                                                    const PathOpenOptions& options) = 0;
  virtual ErrnoOr<platform::FileStatus> status_at(const std::string& path, bool follow) = 0;
  virtual ErrnoOr<> set_times_at(const std::string& path, bool follow,
                                 platform::TimeChange accessed, platform::TimeChange modified) = 0;
  virtual ErrnoOr<std::string> read_link(const std::string& path) = 0;
  virtual ErrnoOr<> create_directory(const std::string& path) = 0;
  virtual ErrnoOr<> remove_directory(const std::string& path) = 0;
  virtual ErrnoOr<> unlink_file(const std::string& path) = 0;
  virtual ErrnoOr<> create_symbolic_link(const std::string& target, const std::string& path) = 0;
  // `xdev` when the two directories are of different mounts.
  virtual ErrnoOr<> create_hard_link(const std::string& from, Directory& to_directory,
                                     const std::string& to) = 0;
  virtual ErrnoOr<> rename(const std::string& from, Directory& to_directory,
                           const std::string& to) = 0;

  /// Called with one entry after the other until it answers false; an entry so refused is the first
  /// of the next call that asks for its cookie. Cookie 0 is the start; others are `next_cookie`s.
  using EntryVisitor = std::function<bool(const platform::DirectoryEntry&)>;
  virtual ErrnoOr<> visit_entries(uint64_t cookie, const EntryVisitor& visitor) = 0;

 private:
  DescriptorInfo full_info() const final;

  const uint32_t mount_;
};

}  // namespace swoop::wasi
