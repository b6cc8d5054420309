// Handlers of the path_ functions.
#include "wasi/directory.h"
#include "wasi/handlers.h"
#include "wasi/layouts.h"

#include <algorithm>

namespace swoop::wasi::handlers {
namespace {

constexpr uint32_t kSymlinkFollow = 1 << 0;

// What serves a path, kept open for the length of a call.
class Place {
 public:
  Place(std::shared_ptr<Descriptor> descriptor, Directory::Place place)
      : descriptor_(std::move(descriptor)), place_(std::move(place)) {}

  /// The descriptor that the guest has named.
  const Descriptor& descriptor() const { return *descriptor_; }
  Directory* operator->() const { return place_.directory; }
  Directory& operator*() const { return *place_.directory; }
  const std::string& path() const { return place_.path; }

 private:
  std::shared_ptr<Descriptor> descriptor_;
  Directory::Place place_;
};

ErrnoOr<Place> find_place(const Call& call, uint32_t fd, uint64_t right, std::string path,
                          PathUse use) {
  auto descriptor = TRY(call.context.fds().find(fd));
  Directory* const directory = descriptor->as_directory();
  if (directory == nullptr) return Errno::notdir;
  TRY(descriptor->require_right(right));
  return Place(std::move(descriptor), directory->place_of(std::move(path), use));
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
  std::string name = TRY(load_path(call.memory, path, path_size));
  const Place place =
      TRY(find_place(call, fd, rights::kPathCreateDirectory, std::move(name), PathUse::name));
  return error_of(place->create_directory(place.path()));
}

Errno path_filestat_get(Call& call, uint32_t fd, uint32_t lookup, uint32_t path, uint32_t path_size,
                        uint32_t filestat_out) {
  if (!call.memory.require(filestat_out, filestat_size(call.version))) return Errno::fault;
  std::string name = TRY(load_path(call.memory, path, path_size));
  const Place place =
      TRY(find_place(call, fd, rights::kPathFilestatGet, std::move(name), PathUse::target));
  const bool follow = TRY(decode_follow(lookup));
  const platform::FileStatus status = TRY(place->status_at(place.path(), follow));
  store_filestat(call.memory, filestat_out, status, call.version);
  return Errno::success;
}

Errno path_filestat_set_times(Call& call, uint32_t fd, uint32_t lookup, uint32_t path,
                              uint32_t path_size, uint64_t accessed, uint64_t modified,
                              uint32_t fstflags) {
  std::string name = TRY(load_path(call.memory, path, path_size));
  const Place place =
      TRY(find_place(call, fd, rights::kPathFilestatSetTimes, std::move(name), PathUse::target));
  const bool follow = TRY(decode_follow(lookup));
  const TimeChanges changes = TRY(decode_times(accessed, modified, fstflags));
  return error_of(place->set_times_at(place.path(), follow, changes.accessed, changes.modified));
}

Errno path_link(Call& call, uint32_t old_fd, uint32_t old_lookup, uint32_t old_path,
                uint32_t old_path_size, uint32_t new_fd, uint32_t new_path,
                uint32_t new_path_size) {
  std::string old_name = TRY(load_path(call.memory, old_path, old_path_size));
  std::string new_name = TRY(load_path(call.memory, new_path, new_path_size));
  const Place from =
      TRY(find_place(call, old_fd, rights::kPathLinkSource, std::move(old_name), PathUse::name));
  const Place to =
      TRY(find_place(call, new_fd, rights::kPathLinkTarget, std::move(new_name), PathUse::name));
  // linkat cannot follow a link and promise to stay beneath a directory.
  if (old_lookup != 0) return Errno::inval;
  return error_of(from->create_hard_link(from.path(), *to, to.path()));
}

Errno path_open(Call& call, uint32_t fd, uint32_t lookup, uint32_t path, uint32_t path_size,
                uint32_t oflags, uint64_t rights_base, uint64_t /*rights_inheriting*/,
                uint32_t fdflags, uint32_t fd_out) {
  if (!call.memory.require(fd_out, 4)) return Errno::fault;
  std::string name = TRY(load_path(call.memory, path, path_size));
  uint64_t needed = rights::kPathOpen;
  if ((oflags & oflags::kCreat) != 0) needed |= rights::kPathCreateFile;
  if ((oflags & oflags::kTrunc) != 0) needed |= rights::kPathFilestatSetSize;
  const Place place = TRY(find_place(call, fd, needed, std::move(name), PathUse::target));
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
  std::shared_ptr<Descriptor> opened = TRY(place->open(place.path(), options));
  opened->inherit_rights(place.descriptor());
  const uint32_t number = TRY(call.context.fds().insert(std::move(opened)));
  call.memory.store<uint32_t>(fd_out, number);
  return Errno::success;
}

Errno path_readlink(Call& call, uint32_t fd, uint32_t path, uint32_t path_size, uint32_t buffer,
                    uint32_t buffer_size, uint32_t size_out) {
  if (!call.memory.require(size_out, 4)) return Errno::fault;
  std::string name = TRY(load_path(call.memory, path, path_size));
  const auto out = call.memory.bytes(buffer, buffer_size);
  if (call.memory.faulted()) return Errno::fault;
  const Place place =
      TRY(find_place(call, fd, rights::kPathReadlink, std::move(name), PathUse::target));
  const std::string target = TRY(place->read_link(place.path()));
  // As readlink does, a target that is too long is cut off without an error.
  const size_t size = std::min(target.size(), out.size());
  std::copy_n(target.begin(), size, out.begin());
  call.memory.store<uint32_t>(size_out, static_cast<uint32_t>(size));
  return Errno::success;
}

Errno path_remove_directory(Call& call, uint32_t fd, uint32_t path, uint32_t path_size) {
  std::string name = TRY(load_path(call.memory, path, path_size));
  const Place place =
      TRY(find_place(call, fd, rights::kPathRemoveDirectory, std::move(name), PathUse::name));
  return error_of(place->remove_directory(place.path()));
}

Errno path_rename(Call& call, uint32_t old_fd, uint32_t old_path, uint32_t old_path_size,
                  uint32_t new_fd, uint32_t new_path, uint32_t new_path_size) {
  std::string old_name = TRY(load_path(call.memory, old_path, old_path_size));
  std::string new_name = TRY(load_path(call.memory, new_path, new_path_size));
  const Place from =
      TRY(find_place(call, old_fd, rights::kPathRenameSource, std::move(old_name), PathUse::name));
  const Place to =
      TRY(find_place(call, new_fd, rights::kPathRenameTarget, std::move(new_name), PathUse::name));
  return error_of(from->rename(from.path(), *to, to.path()));
}

Errno path_symlink(Call& call, uint32_t target, uint32_t target_size, uint32_t fd, uint32_t path,
                   uint32_t path_size) {
  const std::string content = TRY(load_path(call.memory, target, target_size));
  std::string name = TRY(load_path(call.memory, path, path_size));
  const Place place =
      TRY(find_place(call, fd, rights::kPathSymlink, std::move(name), PathUse::name));
  return error_of(place->create_symbolic_link(content, place.path()));
}

Errno path_unlink_file(Call& call, uint32_t fd, uint32_t path, uint32_t path_size) {
  std::string name = TRY(load_path(call.memory, path, path_size));
  const Place place =
      TRY(find_place(call, fd, rights::kPathUnlinkFile, std::move(name), PathUse::name));
  return error_of(place->unlink_file(place.path()));
}

}  // namespace swoop::wasi::handlers
