#include "wasi/host_directory.h"

#include "wasi/file.h"

#include <utility>

namespace swoop::wasi {

ErrnoOr<> HostDirectory::require_writable() const {
  if (access_ == DirectoryAccess::read_only) return Errno::perm;
  return {};
}

ErrnoOr<HostDirectory*> HostDirectory::writable_of_same_mount(Directory& directory) const {
  HostDirectory* const host = directory.as_host();
  if (host == nullptr || host->mount() != mount()) return Errno::xdev;
  TRY(host->require_writable());
  return host;
}

ErrnoOr<platform::ParentDirectory> HostDirectory::parent_of(const std::string& path) {
  return from_os(platform::open_parent(fd_, path, resolver_));
}

ErrnoOr<platform::FileStatus> HostDirectory::status() {
  return from_os(platform::status(fd_));
}

ErrnoOr<> HostDirectory::sync() {
  return from_os(platform::sync(fd_));
}
ErrnoOr<> HostDirectory::sync_data() {
  return from_os(platform::sync_data(fd_));
}

ErrnoOr<> HostDirectory::set_times(platform::TimeChange accessed, platform::TimeChange modified) {
  TRY(require_writable());
  return from_os(platform::set_times(fd_, accessed, modified));
}

ErrnoOr<std::shared_ptr<Descriptor>> HostDirectory::open(const std::string& path,
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
        std::make_shared<HostDirectory>(std::move(fd), access_, resolver_, mount()));
  }
  File::Options file;
  file.readable = options.read;
  file.writable = options.write;
  file.flags = options.fdflags;
  file.may_change_times = access_ == DirectoryAccess::read_write;
  return std::shared_ptr<Descriptor>(TRY(File::opened(std::move(fd), file)));
}

ErrnoOr<platform::FileStatus> HostDirectory::status_at(const std::string& path, bool follow) {
  const platform::OpenOptions options = {.path_only = true, .follow = follow};
  const platform::Fd fd = TRY(from_os(platform::open_beneath(fd_, path, options, resolver_)));
  return from_os(platform::status(fd));
}

ErrnoOr<> HostDirectory::set_times_at(const std::string& path, bool follow,
                                      platform::TimeChange accessed,
                                      platform::TimeChange modified) {
  TRY(require_writable());
  const platform::OpenOptions options = {.path_only = true, .follow = follow};
  const platform::Fd fd = TRY(from_os(platform::open_beneath(fd_, path, options, resolver_)));
  return from_os(platform::set_times(fd, accessed, modified));
}

ErrnoOr<std::string> HostDirectory::read_link(const std::string& path) {
  const platform::OpenOptions options = {.path_only = true, .follow = false};
  const platform::Fd fd = TRY(from_os(platform::open_beneath(fd_, path, options, resolver_)));
  return from_os(platform::read_link(fd));
}

ErrnoOr<> HostDirectory::create_directory(const std::string& path) {
  TRY(require_writable());
  return from_os(platform::make_directory(TRY(parent_of(path))));
}

ErrnoOr<> HostDirectory::remove_directory(const std::string& path) {
  TRY(require_writable());
  return from_os(platform::remove_directory(TRY(parent_of(path))));
}

ErrnoOr<> HostDirectory::unlink_file(const std::string& path) {
  TRY(require_writable());
  return from_os(platform::unlink_file(TRY(parent_of(path))));
}

ErrnoOr<> HostDirectory::create_symbolic_link(const std::string& target, const std::string& path) {
  TRY(require_writable());
  // It could never be followed by a guest, but programs of the host may come across it.
  if (target.starts_with('/')) return Errno::perm;
  if (target.empty()) return Errno::noent;
  return from_os(platform::make_symbolic_link(target, TRY(parent_of(path))));
}

ErrnoOr<> HostDirectory::create_hard_link(const std::string& from, Directory& to_directory,
                                          const std::string& to) {
  // Also of the source: a second name in a writable directory would make the file writable.
  TRY(require_writable());
  HostDirectory* const target = TRY(writable_of_same_mount(to_directory));
  const platform::ParentDirectory source = TRY(parent_of(from));
  return from_os(platform::make_hard_link(source, TRY(target->parent_of(to))));
}

ErrnoOr<> HostDirectory::rename(const std::string& from, Directory& to_directory,
                                const std::string& to) {
  TRY(require_writable());
  HostDirectory* const target = TRY(writable_of_same_mount(to_directory));
  const platform::ParentDirectory source = TRY(parent_of(from));
  return from_os(platform::rename(source, TRY(target->parent_of(to))));
}

ErrnoOr<> HostDirectory::visit_entries(uint64_t cookie, const EntryVisitor& visitor) {
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
