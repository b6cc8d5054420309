// Directories and all that is reached by path from one.
#pragma once

#include "platform/filesystem.h"
#include "wasi/descriptor.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace swoop::wasi {

/// What a guest may do with a directory and all beneath it.
enum class DirectoryAccess : uint8_t { read_only, read_write };

struct PathOpenOptions {
  bool follow = false;
  uint16_t oflags = 0;
  uint16_t fdflags = 0;
  bool read = false;
  bool write = false;
};

/// Paths are relative, without NUL, and never lead outside: those that would answer `notcapable`.
/// What a read-only directory forbids answers `perm`.
class Directory final : public Descriptor {
 public:
  Directory(platform::Fd fd, DirectoryAccess access, platform::Resolver resolver)
      : fd_(std::move(fd)), access_(access), resolver_(resolver) {}

  ErrnoOr<platform::FileStatus> status() override;
  ErrnoOr<size_t> read(std::span<const MutableBytes> buffers) override;
  ErrnoOr<size_t> read_at(std::span<const MutableBytes> buffers, uint64_t offset) override;
  ErrnoOr<size_t> write_at(std::span<const ConstBytes> buffers, uint64_t offset) override;
  ErrnoOr<uint64_t> seek(int64_t offset, platform::SeekFrom from) override;
  ErrnoOr<> sync() override;
  ErrnoOr<> sync_data() override;
  ErrnoOr<> advise(uint64_t offset, uint64_t size_bytes, platform::Advice advice) override;
  ErrnoOr<> truncate(uint64_t size_bytes) override;
  ErrnoOr<> set_times(platform::TimeChange accessed, platform::TimeChange modified) override;
  Directory* as_directory() override { return this; }

  ErrnoOr<std::shared_ptr<Descriptor>> open(const std::string& path,
                                            const PathOpenOptions& options);
  ErrnoOr<platform::FileStatus> status_at(const std::string& path, bool follow);
  ErrnoOr<> set_times_at(const std::string& path, bool follow, platform::TimeChange accessed,
                         platform::TimeChange modified);
  ErrnoOr<std::string> read_link(const std::string& path);
  ErrnoOr<> create_directory(const std::string& path);
  ErrnoOr<> remove_directory(const std::string& path);
  ErrnoOr<> unlink_file(const std::string& path);
  ErrnoOr<> create_symbolic_link(const std::string& target, const std::string& path);
  ErrnoOr<> create_hard_link(const std::string& from, Directory& to_directory,
                             const std::string& to);
  ErrnoOr<> rename(const std::string& from, Directory& to_directory, const std::string& to);

  /// Called with one entry after the other until it answers false; an entry so refused is the first
  /// of the next call that asks for its cookie. Cookie 0 is the start; others are `next_cookie`s.
  using EntryVisitor = std::function<bool(const platform::DirectoryEntry&)>;
  ErrnoOr<> visit_entries(uint64_t cookie, const EntryVisitor& visitor);

 private:
  DescriptorInfo full_info() const override;
  ErrnoOr<> require_writable() const;
  ErrnoOr<platform::ParentDirectory> parent_of(const std::string& path);

  const platform::Fd fd_;
  const DirectoryAccess access_;
  const platform::Resolver resolver_;
  std::mutex reader_mutex_;
  platform::DirectoryReader reader_;
};

}  // namespace swoop::wasi
