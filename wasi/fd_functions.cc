// Handlers of the fd_ and sock_ functions.
#include "wasi/directory.h"
#include "wasi/handlers.h"
#include "wasi/layouts.h"

#include <algorithm>

namespace swoop::wasi::handlers {
namespace {

using DescriptorRef = std::shared_ptr<Descriptor>;

ErrnoOr<DescriptorRef> find(const Call& call, uint32_t fd) {
  return call.context.fds().find(fd);
}

ErrnoOr<DescriptorRef> find(const Call& call, uint32_t fd, uint64_t right) {
  DescriptorRef descriptor = TRY(find(call, fd));
  TRY(descriptor->require_right(right));
  return descriptor;
}

Errno store_size(Call& call, uint32_t size_out, const ErrnoOr<size_t>& result) {
  if (!result.ok()) return result.error();
  // At most what the host moves in one call, which is less than 2 GiB.
  call.memory.store<uint32_t>(size_out, static_cast<uint32_t>(*result));
  return Errno::success;
}

Errno error_of(const ErrnoOr<>& result) {
  return result.ok() ? Errno::success : result.error();
}

}  // namespace

Errno fd_advise(Call& call, uint32_t fd, uint64_t offset, uint64_t size, uint32_t advice) {
  const DescriptorRef descriptor = TRY(find(call, fd, rights::kFdAdvise));
  if (advice > static_cast<uint32_t>(platform::Advice::no_reuse)) return Errno::inval;
  return error_of(descriptor->advise(offset, size, static_cast<platform::Advice>(advice)));
}

Errno fd_allocate(Call& call, uint32_t fd, uint64_t offset, uint64_t size) {
  return error_of(TRY(find(call, fd, rights::kFdAllocate))->allocate(offset, size));
}

Errno fd_close(Call& call, uint32_t fd) {
  return error_of(call.context.fds().close(fd));
}

Errno fd_datasync(Call& call, uint32_t fd) {
  return error_of(TRY(find(call, fd, rights::kFdDatasync))->sync_data());
}

Errno fd_fdstat_get(Call& call, uint32_t fd, uint32_t fdstat_out) {
  store_fdstat(call.memory, fdstat_out, TRY(find(call, fd))->info());
  return Errno::success;
}

Errno fd_fdstat_set_flags(Call& call, uint32_t fd, uint32_t flags) {
  const DescriptorRef descriptor = TRY(find(call, fd, rights::kFdFdstatSetFlags));
  if ((flags & ~uint32_t{fdflags::kAll}) != 0) return Errno::inval;
  return error_of(descriptor->set_flags(static_cast<uint16_t>(flags)));
}

Errno fd_fdstat_set_rights(Call& call, uint32_t fd, uint64_t base, uint64_t inheriting) {
  return error_of(TRY(find(call, fd))->set_rights(base, inheriting));
}

Errno fd_filestat_get(Call& call, uint32_t fd, uint32_t filestat_out) {
  const DescriptorRef descriptor = TRY(find(call, fd, rights::kFdFilestatGet));
  const platform::FileStatus status = TRY(descriptor->status());
  store_filestat(call.memory, filestat_out, status, call.version);
  return Errno::success;
}

Errno fd_filestat_set_size(Call& call, uint32_t fd, uint64_t size) {
  return error_of(TRY(find(call, fd, rights::kFdFilestatSetSize))->truncate(size));
}

Errno fd_filestat_set_times(Call& call, uint32_t fd, uint64_t accessed, uint64_t modified,
                            uint32_t fstflags) {
  const DescriptorRef descriptor = TRY(find(call, fd, rights::kFdFilestatSetTimes));
  const TimeChanges changes = TRY(decode_times(accessed, modified, fstflags));
  return error_of(descriptor->set_times(changes.accessed, changes.modified));
}

Errno fd_pread(Call& call, uint32_t fd, uint32_t iovs, uint32_t iov_count, uint64_t offset,
               uint32_t size_out) {
  call.memory.require(size_out, 4);
  const auto buffers = load_buffers<MutableBytes>(call.memory, iovs, iov_count);
  if (call.memory.faulted()) return Errno::fault;
  return store_size(call, size_out, TRY(find(call, fd, rights::kFdRead))->read_at(buffers, offset));
}

Errno fd_prestat_get(Call& call, uint32_t fd, uint32_t prestat_out) {
  const std::string name = TRY(call.context.fds().preopen_name(fd));
  store_prestat_directory(call.memory, prestat_out, static_cast<uint32_t>(name.size()));
  return Errno::success;
}

Errno fd_prestat_dir_name(Call& call, uint32_t fd, uint32_t path, uint32_t path_size) {
  const std::string name = TRY(call.context.fds().preopen_name(fd));
  const auto out = call.memory.bytes(path, path_size);
  if (call.memory.faulted()) return Errno::fault;
  if (out.size() < name.size()) return Errno::nametoolong;
  std::ranges::copy(name, out.begin());
  return Errno::success;
}

Errno fd_pwrite(Call& call, uint32_t fd, uint32_t iovs, uint32_t iov_count, uint64_t offset,
                uint32_t size_out) {
  call.memory.require(size_out, 4);
  const auto buffers = load_buffers<ConstBytes>(call.memory, iovs, iov_count);
  if (call.memory.faulted()) return Errno::fault;
  return store_size(call, size_out,
                    TRY(find(call, fd, rights::kFdWrite))->write_at(buffers, offset));
}

Errno fd_read(Call& call, uint32_t fd, uint32_t iovs, uint32_t iov_count, uint32_t size_out) {
  call.memory.require(size_out, 4);
  const auto buffers = load_buffers<MutableBytes>(call.memory, iovs, iov_count);
  if (call.memory.faulted()) return Errno::fault;
  return store_size(call, size_out, TRY(find(call, fd, rights::kFdRead))->read(buffers));
}

Errno fd_readdir(Call& call, uint32_t fd, uint32_t buffer, uint32_t buffer_size, uint64_t cookie,
                 uint32_t size_out) {
  call.memory.require(size_out, 4);
  std::span<uint8_t> left = call.memory.bytes(buffer, buffer_size);
  if (call.memory.faulted()) return Errno::fault;
  const DescriptorRef descriptor = TRY(find(call, fd, rights::kFdReaddir));
  if (descriptor->as_directory() == nullptr) return Errno::notdir;

  // True if all of `bytes` found room; what does not is cut off, which tells the guest to ask
  // again.
  const auto append = [&left](const auto& bytes) {
    const size_t size = std::min(bytes.size(), left.size());
    std::copy_n(bytes.begin(), size, left.begin());
    left = left.subspan(size);
    return size == bytes.size();
  };
  TRY(descriptor->as_directory()->visit_entries(cookie, [&](const platform::DirectoryEntry& entry) {
    return !left.empty() && append(encode_dirent(entry)) && append(entry.name);
  }));
  const auto used = static_cast<uint32_t>(buffer_size - left.size());
  call.memory.store<uint32_t>(size_out, used);
  return Errno::success;
}

Errno fd_renumber(Call& call, uint32_t from, uint32_t to) {
  return error_of(call.context.fds().renumber(from, to));
}

Errno fd_seek(Call& call, uint32_t fd, uint64_t offset, uint32_t whence, uint32_t position_out) {
  if (!call.memory.require(position_out, 8)) return Errno::fault;
  const DescriptorRef descriptor = TRY(find(call, fd, rights::kFdSeek));
  const auto from = decode_whence(whence, call.version);
  if (!from.has_value()) return Errno::inval;
  call.memory.store<uint64_t>(position_out,
                              TRY(descriptor->seek(static_cast<int64_t>(offset), *from)));
  return Errno::success;
}

Errno fd_sync(Call& call, uint32_t fd) {
  return error_of(TRY(find(call, fd, rights::kFdSync))->sync());
}

Errno fd_tell(Call& call, uint32_t fd, uint32_t position_out) {
  const DescriptorRef descriptor = TRY(find(call, fd, rights::kFdTell));
  const uint64_t position = TRY(descriptor->seek(0, platform::SeekFrom::current));
  call.memory.store<uint64_t>(position_out, position);
  return Errno::success;
}

Errno fd_write(Call& call, uint32_t fd, uint32_t iovs, uint32_t iov_count, uint32_t size_out) {
  call.memory.require(size_out, 4);
  const auto buffers = load_buffers<ConstBytes>(call.memory, iovs, iov_count);
  if (call.memory.faulted()) return Errno::fault;
  return store_size(call, size_out, TRY(find(call, fd, rights::kFdWrite))->write(buffers));
}

// No context can be given a socket to listen on or to talk over yet, and a stream that the host has
// connected to one is read and written as any other.
Errno sock_accept(Call& call, uint32_t fd, uint32_t /*flags*/, uint32_t /*fd_out*/) {
  TRY(find(call, fd));
  return Errno::notsock;
}

Errno sock_recv(Call& call, uint32_t fd, uint32_t /*iovs*/, uint32_t /*iov_count*/,
                uint32_t /*flags*/, uint32_t /*size_out*/, uint32_t /*flags_out*/) {
  TRY(find(call, fd));
  return Errno::notsock;
}

Errno sock_send(Call& call, uint32_t fd, uint32_t /*iovs*/, uint32_t /*iov_count*/,
                uint32_t /*flags*/, uint32_t /*size_out*/) {
  TRY(find(call, fd));
  return Errno::notsock;
}

Errno sock_shutdown(Call& call, uint32_t fd, uint32_t /*how*/) {
  TRY(find(call, fd));
  return Errno::notsock;
}

}  // namespace swoop::wasi::handlers
