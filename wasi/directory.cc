#include "wasi/directory.h"

#include "wasi/file.h"

#include <utility>

namespace swoop::wasi {

ErrnoOr<> Directory::require_writable() const {
  if (access_ == DirectoryAccess::read_only) return Errno::perm;
  return {};
}

ErrnoOr<platform::ParentDirectory> Directory::parent_of(const std::string& path) {
  return from_os(platform::open_parent(fd_, path, resolver_));
}

DescriptorInfo Directory::full_info() const {
  return {.type = FileType::directory,
          .rights_base = rights::kDirectory,
          .rights_inheriting = rights::kDirectory | rights::kFile};
}

ErrnoOr<platform::FileStatus> Directory::status() {
  return from_os(platform::status(fd_));
}

ErrnoOr<size_t> Directory::read(std::span<const MutableBytes>) {
  return Errno::isdir;
}
ErrnoOr<size_t> Directory::read_at(std::span<const MutableBytes>, uint64_t) {
  return Errno::isdir;
}
ErrnoOr<size_t> Directory::write_at(std::span<const ConstBytes>, uint64_t) {
  return Errno::badf;
}
ErrnoOr<uint64_t> Directory::seek(int64_t, platform::SeekFrom) {
  return Errno::isdir;
}
ErrnoOr<> Directory::advise(uint64_t, uint64_t, platform::Advice) {
  return Errno::badf;
}
ErrnoOr<> Directory::truncate(uint64_t) {
  return Errno::badf;
}

ErrnoOr<> Directory::sync() {
  return from_os(platform::sync(fd_));
}
ErrnoOr<> Directory::sync_data() {
  return from_os(platform::sync_data(fd_));
}

ErrnoOr<> Directory::set_times(platform::TimeChange accessed, platform::TimeChange modified) {
  TRY(require_writable());
  return from_os(platform::set_times(fd_, accessed, modified));
}

ErrnoOr<std::shared_ptr<Descriptor>> Directory::open(const std::string& path,
                                                     const PathOpenOptions& options) {
  platform::OpenOptions host;
  host.access = options.read && options.write ? platform::AccessMode::read_write
                : options.write               ? platform::AccessMode::write
                                              : platform::AccessMode::read;
  host.follow = options.follow;
  host.create = (options.oflags & oflags::kCreat) != 0;
  host.exclusive = (options.oflags & oflags::kExcl) != 0;
  host.truncate = (options.oflags & oflags::kTrunc) != 0;
  host.directory = (options.oflags & oflags::kDirectory) != 0;
  host.append = (options.fdflags & fdflags::kAppend) != 0;
  host.nonblocking = (options.fdflags & fdflags::kNonblock) != 0;
  host.sync = (options.fdflags & (fdflags::kSync | fdflags::kRsync)) != 0;
  host.sync_data = (options.fdflags & fdflags::kDsync) != 0;

  // Kernels before 6.x make a plain file of this.
  if (host.create && host.directory) return Errno::inval;
  // Truncation is a write, though the kernel does it for readers too.
  if (options.write || host.create || host.truncate) TRY(require_writable());

  platform::Fd fd = TRY(from_os(platform::open_beneath(fd_, path, host, resolver_)));
  const platform::FileStatus status = TRY(from_os(platform::status(fd)));
  if (status.type == platform::FileType::directory) {
    return std::shared_ptr<Descriptor>(
        std::make_shared<Directory>(std::move(fd), access_, resolver_));
  }
  File::Options file;
  file.readable = options.read;
  file.writable = options.write;
  file.flags = options.fdflags;
  file.may_change_times = access_ == DirectoryAccess::read_write;
  return std::shared_ptr<Descriptor>(TRY(File::opened(std::move(fd), file)));
}

ErrnoOr<platform::FileStatus> Directory::status_at(const std::string& path, bool follow) {
  const platform::OpenOptions options = {.path_only = true, .follow = follow};
  const platform::Fd fd = TRY(from_os(platform::open_beneath(fd_, path, options, resolver_)));
  return from_os(platform::status(fd));
}

ErrnoOr<> Directory::set_times_at(const std::string& path, bool follow,
                                  platform::TimeChange accessed, platform::TimeChange modified) {
  TRY(require_writable());
  const platform::OpenOptions options = {.path_only = true, .follow = follow};
  const platform::Fd fd = TRY(from_os(platform::open_beneath(fd_, path, options, resolver_)));
  return from_os(platform::set_times(fd, accessed, modified));
}

ErrnoOr<std::string> Directory::read_link(const std::string& path) {
  const platform::OpenOptions options = {.path_only = true, .follow = false};
  const platform::Fd fd = TRY(from_os(platform::open_beneath(fd_, path, options, resolver_)));
  return from_os(platform::read_link(fd));
}

ErrnoOr<> Directory::create_directory(const std::string& path) {
  TRY(require_writable());
  return from_os(platform::make_directory(TRY(parent_of(path))));
}

ErrnoOr<> Directory::remove_directory(const std::string& path) {
  TRY(require_writable());
  return from_os(platform::remove_directory(TRY(parent_of(path))));
}

ErrnoOr<> Directory::unlink_file(const std::string& path) {
  TRY(require_writable());
  return from_os(platform::unlink_file(TRY(parent_of(path))));
}

ErrnoOr<> Directory::create_symbolic_link(const std::string& target, const std::string& path) {
  TRY(require_writable());
  // It could never be followed by a guest, but programs of the host may come across it.
  if (target.starts_with('/')) return Errno::perm;
  if (target.empty()) return Errno::noent;
  return from_os(platform::make_symbolic_link(target, TRY(parent_of(path))));
}

ErrnoOr<> Directory::create_hard_link(const std::string& from, Directory& to_directory,
                                      const std::string& to) {
  // Also of the source: a second name in a writable directory would make the file writable.
  TRY(require_writable());
  TRY(to_directory.require_writable());
  const platform::ParentDirectory source = TRY(parent_of(from));
  return from_os(platform::make_hard_link(source, TRY(to_directory.parent_of(to))));
}

ErrnoOr<> Directory::rename(const std::string& from, Directory& to_directory,
                            const std::string& to) {
  TRY(require_writable());
  TRY(to_directory.require_writable());
  const platform::ParentDirectory source = TRY(parent_of(from));
  return from_os(platform::rename(source, TRY(to_directory.parent_of(to))));
}

ErrnoOr<> Directory::visit_entries(uint64_t cookie, const EntryVisitor& visitor) {
  const std::lock_guard lock(reader_mutex_);
  const auto sought = from_os(reader_.seek(fd_, cookie));
  // A directory opened only to be passed through, for want of permission to list it.
  if (!sought.ok()) return sought.error() == Errno::badf ? Errno::acces : sought.error();
  while (true) {
    const auto entry = TRY(from_os(reader_.peek(fd_)));
    if (!entry.has_value() || !visitor(*entry)) return {};
    reader_.advance();
  }
}

}  // namespace swoop::wasi
