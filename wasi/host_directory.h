// Directories of the host.
#pragma once

#include "platform/filesystem.h"
#include "wasi/directory.h"

#include <memory>
#include <mutex>
#include <string>

namespace swoop::wasi {

/// What a guest may do with a directory and all beneath it.
enum class DirectoryAccess : uint8_t { read_only, read_write };

/// What a read-only directory forbids answers `perm`.
class HostDirectory final : public Directory {
 public:
  HostDirectory(platform::Fd fd, DirectoryAccess access, platform::Resolver resolver,
                uint32_t mount)
      : Directory(mount), fd_(std::move(fd)), access_(access), resolver_(resolver) {}

  ErrnoOr<platform::FileStatus> status() override;
  ErrnoOr<> sync() override;
  ErrnoOr<> sync_data() override;
  ErrnoOr<> set_times(platform::TimeChange accessed, platform::TimeChange modified) override;
  HostDirectory* as_host() override { return this; }

  ErrnoOr<std::shared_ptr<Descriptor>> open(const std::string& path,
                                            const PathOpenOptions& options) override;
  ErrnoOr<platform::FileStatus> status_at(const std::string& path, bool follow) override;
  ErrnoOr<> set_times_at(const std::string& path, bool follow, platform::TimeChange accessed,
                         platform::TimeChange modified) override;
  ErrnoOr<std::string> read_link(const std::string& path) override;
  ErrnoOr<> create_directory(const std::string& path) override;
  ErrnoOr<> remove_directory(const std::string& path) override;
  ErrnoOr<> unlink_file(const std::string& path) override;
  ErrnoOr<> create_symbolic_link(const std::string& target, const std::string& path) override;
  ErrnoOr<> create_hard_link(const std::string& from, Directory& to_directory,
                             const std::string& to) override;
  ErrnoOr<> rename(const std::string& from, Directory& to_directory,
                   const std::string& to) override;
  ErrnoOr<> visit_entries(uint64_t cookie, const EntryVisitor& visitor) override;

 private:
  ErrnoOr<> require_writable() const;
  // The directory as one that names of this one can be moved to.
  ErrnoOr<HostDirectory*> writable_of_same_mount(Directory& directory) const;
  ErrnoOr<platform::ParentDirectory> parent_of(const std::string& path);

  const platform::Fd fd_;
  const DirectoryAccess access_;
  const platform::Resolver resolver_;
  std::mutex reader_mutex_;
  platform::DirectoryReader reader_;
};

}  // namespace swoop::wasi
