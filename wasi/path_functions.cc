// Handlers of the path_ functions.
#include "wasi/handlers.h"
#include "wasi/layouts.h"

#include <algorithm>

namespace swoop::wasi::handlers {
namespace {

constexpr uint32_t kSymlinkFollow = 1 << 0;

// A directory, kept open for the length of a call.
class DirectoryRef {
 public:
  explicit DirectoryRef(std::shared_ptr<Descriptor> descriptor)
      : descriptor_(std::move(descriptor)) {}
  Directory* operator->() const { return descriptor_->as_directory(); }
  Directory& operator*() const { return *descriptor_->as_directory(); }

 private:
  std::shared_ptr<Descriptor> descriptor_;
};

ErrnoOr<DirectoryRef> find_directory(const Call& call, uint32_t fd, uint64_t right) {
  auto descriptor = TRY(call.context.fds().find(fd));
  if (descriptor->as_directory() == nullptr) return Errno::notdir;
  TRY(descriptor->require_right(right));
  return DirectoryRef(std::move(descriptor));
}

ErrnoOr<bool> decode_follow(uint32_t lookup) {
  if ((lookup & ~kSymlinkFollow) != 0) return Errno::inval;
  return (lookup & kSymlinkFollow) != 0;
}

Errno error_of(const ErrnoOr<>& result) {
  return result.ok() ? Errno::success : result.error();
}

}  // namespace

Errno path_create_directory(Call& call, uint32_t fd, uint32_t path, uint32_t path_size) {
  const std::string name = TRY(load_path(call.memory, path, path_size));
  return error_of(
      TRY(find_directory(call, fd, rights::kPathCreateDirectory))->create_directory(name));
}

Errno path_filestat_get(Call& call, uint32_t fd, uint32_t lookup, uint32_t path, uint32_t path_size,
                        uint32_t filestat_out) {
  if (!call.memory.require(filestat_out, filestat_size(call.version))) return Errno::fault;
  const std::string name = TRY(load_path(call.memory, path, path_size));
  const DirectoryRef directory = TRY(find_directory(call, fd, rights::kPathFilestatGet));
  const bool follow = TRY(decode_follow(lookup));
  store_filestat(call.memory, filestat_out, TRY(directory->status_at(name, follow)), call.version);
  return Errno::success;
}

Errno path_filestat_set_times(Call& call, uint32_t fd, uint32_t lookup, uint32_t path,
                              uint32_t path_size, uint64_t accessed, uint64_t modified,
                              uint32_t fstflags) {
  const std::string name = TRY(load_path(call.memory, path, path_size));
  const DirectoryRef directory = TRY(find_directory(call, fd, rights::kPathFilestatSetTimes));
  const bool follow = TRY(decode_follow(lookup));
  const TimeChanges changes = TRY(decode_times(accessed, modified, fstflags));
  return error_of(directory->set_times_at(name, follow, changes.accessed, changes.modified));
}

Errno path_link(Call& call, uint32_t old_fd, uint32_t old_lookup, uint32_t old_path,
                uint32_t old_path_size, uint32_t new_fd, uint32_t new_path,
                uint32_t new_path_size) {
  const std::string from = TRY(load_path(call.memory, old_path, old_path_size));
  const std::string to = TRY(load_path(call.memory, new_path, new_path_size));
  const DirectoryRef from_directory = TRY(find_directory(call, old_fd, rights::kPathLinkSource));
  const DirectoryRef to_directory = TRY(find_directory(call, new_fd, rights::kPathLinkTarget));
  // linkat cannot follow a link and promise to stay beneath a directory.
  if (old_lookup != 0) return Errno::inval;
  return error_of(from_directory->create_hard_link(from, *to_directory, to));
}

Errno path_open(Call& call, uint32_t fd, uint32_t lookup, uint32_t path, uint32_t path_size,
                uint32_t oflags, uint64_t rights_base, uint64_t /*rights_inheriting*/,
                uint32_t fdflags, uint32_t fd_out) {
  if (!call.memory.require(fd_out, 4)) return Errno::fault;
  const std::string name = TRY(load_path(call.memory, path, path_size));
  uint64_t needed = rights::kPathOpen;
  if ((oflags & oflags::kCreat) != 0) needed |= rights::kPathCreateFile;
  if ((oflags & oflags::kTrunc) != 0) needed |= rights::kPathFilestatSetSize;
  const DirectoryRef directory = TRY(find_directory(call, fd, needed));
  if ((oflags & ~uint32_t{oflags::kAll}) != 0 || (fdflags & ~uint32_t{fdflags::kAll}) != 0) {
    return Errno::inval;
  }
  PathOpenOptions options;
  options.follow = TRY(decode_follow(lookup));
  options.oflags = static_cast<uint16_t>(oflags);
  options.fdflags = static_cast<uint16_t>(fdflags);
  options.read = (rights_base & rights::kFdRead) != 0;
  options.write = (rights_base & rights::kFdWrite) != 0;

  TRY(call.context.fds().require_room());
  std::shared_ptr<Descriptor> opened = TRY(directory->open(name, options));
  opened->inherit_rights(*directory);
  const uint32_t number = TRY(call.context.fds().insert(std::move(opened)));
  call.memory.store<uint32_t>(fd_out, number);
  return Errno::success;
}

Errno path_readlink(Call& call, uint32_t fd, uint32_t path, uint32_t path_size, uint32_t buffer,
                    uint32_t buffer_size, uint32_t size_out) {
  if (!call.memory.require(size_out, 4)) return Errno::fault;
  const std::string name = TRY(load_path(call.memory, path, path_size));
  const auto out = call.memory.bytes(buffer, buffer_size);
  if (call.memory.faulted()) return Errno::fault;
  const DirectoryRef directory = TRY(find_directory(call, fd, rights::kPathReadlink));
  const std::string target = TRY(directory->read_link(name));
  // As readlink does, a target that is too long is cut off without an error.
  const size_t size = std::min(target.size(), out.size());
  std::copy_n(target.begin(), size, out.begin());
  call.memory.store<uint32_t>(size_out, static_cast<uint32_t>(size));
  return Errno::success;
}

Errno path_remove_directory(Call& call, uint32_t fd, uint32_t path, uint32_t path_size) {
  const std::string name = TRY(load_path(call.memory, path, path_size));
  return error_of(
      TRY(find_directory(call, fd, rights::kPathRemoveDirectory))->remove_directory(name));
}

Errno path_rename(Call& call, uint32_t old_fd, uint32_t old_path, uint32_t old_path_size,
                  uint32_t new_fd, uint32_t new_path, uint32_t new_path_size) {
  const std::string from = TRY(load_path(call.memory, old_path, old_path_size));
  const std::string to = TRY(load_path(call.memory, new_path, new_path_size));
  const DirectoryRef from_directory = TRY(find_directory(call, old_fd, rights::kPathRenameSource));
  const DirectoryRef to_directory = TRY(find_directory(call, new_fd, rights::kPathRenameTarget));
  return error_of(from_directory->rename(from, *to_directory, to));
}

Errno path_symlink(Call& call, uint32_t target, uint32_t target_size, uint32_t fd, uint32_t path,
                   uint32_t path_size) {
  const std::string content = TRY(load_path(call.memory, target, target_size));
  const std::string name = TRY(load_path(call.memory, path, path_size));
  return error_of(
      TRY(find_directory(call, fd, rights::kPathSymlink))->create_symbolic_link(content, name));
}

Errno path_unlink_file(Call& call, uint32_t fd, uint32_t path, uint32_t path_size) {
  const std::string name = TRY(load_path(call.memory, path, path_size));
  return error_of(TRY(find_directory(call, fd, rights::kPathUnlinkFile))->unlink_file(name));
}

}  // namespace swoop::wasi::handlers
