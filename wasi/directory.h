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

  HostResult<platform::FileStatus> status() override;
  HostResult<size_t> read(std::span<const MutableBytes> buffers) override;
  HostResult<size_t> read_at(std::span<const MutableBytes> buffers, uint64_t offset) override;
  HostResult<size_t> write_at(std::span<const ConstBytes> buffers, uint64_t offset) override;
  HostResult<uint64_t> seek(int64_t offset, platform::SeekFrom from) override;
  HostResult<> sync() override;
  HostResult<> sync_data() override;
  HostResult<> advise(uint64_t offset, uint64_t size_bytes, platform::Advice advice) override;
  HostResult<> truncate(uint64_t size_bytes) override;
  HostResult<> set_times(platform::TimeChange accessed, platform::TimeChange modified) override;
  Directory* as_directory() override { return this; }

  HostResult<std::shared_ptr<Descriptor>> open(const std::string& path,
                                               const PathOpenOptions& options);
  HostResult<platform::FileStatus> status_at(const std::string& path, bool follow);
  HostResult<> set_times_at(const std::string& path, bool follow, platform::TimeChange accessed,
                            platform::TimeChange modified);
  HostResult<std::string> read_link(const std::string& path);
  HostResult<> create_directory(const std::string& path);
  HostResult<> remove_directory(const std::string& path);
  HostResult<> unlink_file(const std::string& path);
  HostResult<> create_symbolic_link(const std::string& target, const std::string& path);
  HostResult<> create_hard_link(const std::string& from, Directory& to_directory,
                                const std::string& to);
  HostResult<> rename(const std::string& from, Directory& to_directory, const std::string& to);

  /// Called with one entry after the other until it answers false; an entry so refused is the first
  /// of the next call that asks for its cookie. Cookie 0 is the start; others are `next_cookie`s.
  using EntryVisitor = std::function<bool(const platform::DirectoryEntry&)>;
  HostResult<> visit_entries(uint64_t cookie, const EntryVisitor& visitor);

 private:
  DescriptorInfo full_info() const override;
  HostResult<> require_writable() const;
  HostResult<platform::ParentDirectory> parent_of(const std::string& path);

  const platform::Fd fd_;
  const DirectoryAccess access_;
  const platform::Resolver resolver_;
  std::mutex reader_mutex_;
  platform::DirectoryReader reader_;
};

}  // namespace swoop::wasi
