// One handler for each row of functions.def: arguments as they come from the guest, results as it
// gets them. Handlers decode and encode; the work is done by the host layer (descriptor.h,
// directory.h, poller.h). Those that take a pointer for results check it first, so that a call
// which traps has had no effect.
#pragma once

#include "wasi/functions.h"

#include <cstdint>

namespace swoop::wasi {

struct Call {
  Context& context;
  GuestMemory& memory;
  Version version;
};

namespace handlers {

Errno args_get(Call& call, uint32_t argv, uint32_t strings);
Errno args_sizes_get(Call& call, uint32_t count_out, uint32_t size_out);
Errno environ_get(Call& call, uint32_t environ, uint32_t strings);
Errno environ_sizes_get(Call& call, uint32_t count_out, uint32_t size_out);
Errno clock_res_get(Call& call, uint32_t clock, uint32_t resolution_out);
Errno clock_time_get(Call& call, uint32_t clock, uint64_t precision, uint32_t time_out);
Errno random_get(Call& call, uint32_t buffer, uint32_t size);
Errno sched_yield(Call& call);
Outcome proc_exit(Call& call, uint32_t code);
Errno proc_raise(Call& call, uint32_t signal);
Errno poll_oneoff(Call& call, uint32_t subscriptions, uint32_t events_out, uint32_t count,
                  uint32_t event_count_out);

Errno fd_advise(Call& call, uint32_t fd, uint64_t offset, uint64_t size, uint32_t advice);
Errno fd_allocate(Call& call, uint32_t fd, uint64_t offset, uint64_t size);
Errno fd_close(Call& call, uint32_t fd);
Errno fd_datasync(Call& call, uint32_t fd);
Errno fd_fdstat_get(Call& call, uint32_t fd, uint32_t fdstat_out);
Errno fd_fdstat_set_flags(Call& call, uint32_t fd, uint32_t flags);
Errno fd_fdstat_set_rights(Call& call, uint32_t fd, uint64_t base, uint64_t inheriting);
Errno fd_filestat_get(Call& call, uint32_t fd, uint32_t filestat_out);
Errno fd_filestat_set_size(Call& call, uint32_t fd, uint64_t size);
Errno fd_filestat_set_times(Call& call, uint32_t fd, uint64_t accessed, uint64_t modified,
                            uint32_t fstflags);
Errno fd_pread(Call& call, uint32_t fd, uint32_t iovs, uint32_t iov_count, uint64_t offset,
               uint32_t size_out);
Errno fd_prestat_get(Call& call, uint32_t fd, uint32_t prestat_out);
Errno fd_prestat_dir_name(Call& call, uint32_t fd, uint32_t path, uint32_t path_size);
Errno fd_pwrite(Call& call, uint32_t fd, uint32_t iovs, uint32_t iov_count, uint64_t offset,
                uint32_t size_out);
Errno fd_read(Call& call, uint32_t fd, uint32_t iovs, uint32_t iov_count, uint32_t size_out);
Errno fd_readdir(Call& call, uint32_t fd, uint32_t buffer, uint32_t buffer_size, uint64_t cookie,
                 uint32_t size_out);
Errno fd_renumber(Call& call, uint32_t from, uint32_t to);
Errno fd_seek(Call& call, uint32_t fd, uint64_t offset, uint32_t whence, uint32_t position_out);
Errno fd_sync(Call& call, uint32_t fd);
Errno fd_tell(Call& call, uint32_t fd, uint32_t position_out);
Errno fd_write(Call& call, uint32_t fd, uint32_t iovs, uint32_t iov_count, uint32_t size_out);

Errno path_create_directory(Call& call, uint32_t fd, uint32_t path, uint32_t path_size);
Errno path_filestat_get(Call& call, uint32_t fd, uint32_t lookup, uint32_t path, uint32_t path_size,
                        uint32_t filestat_out);
Errno path_filestat_set_times(Call& call, uint32_t fd, uint32_t lookup, uint32_t path,
                              uint32_t path_size, uint64_t accessed, uint64_t modified,
                              uint32_t fstflags);
Errno path_link(Call& call, uint32_t old_fd, uint32_t old_lookup, uint32_t old_path,
                uint32_t old_path_size, uint32_t new_fd, uint32_t new_path, uint32_t new_path_size);
Errno path_open(Call& call, uint32_t fd, uint32_t lookup, uint32_t path, uint32_t path_size,
                uint32_t oflags, uint64_t rights_base, uint64_t rights_inheriting, uint32_t fdflags,
                uint32_t fd_out);
Errno path_readlink(Call& call, uint32_t fd, uint32_t path, uint32_t path_size, uint32_t buffer,
                    uint32_t buffer_size, uint32_t size_out);
Errno path_remove_directory(Call& call, uint32_t fd, uint32_t path, uint32_t path_size);
Errno path_rename(Call& call, uint32_t old_fd, uint32_t old_path, uint32_t old_path_size,
                  uint32_t new_fd, uint32_t new_path, uint32_t new_path_size);
Errno path_symlink(Call& call, uint32_t target, uint32_t target_size, uint32_t fd, uint32_t path,
                   uint32_t path_size);
Errno path_unlink_file(Call& call, uint32_t fd, uint32_t path, uint32_t path_size);

Errno sock_accept(Call& call, uint32_t fd, uint32_t flags, uint32_t fd_out);
Errno sock_recv(Call& call, uint32_t fd, uint32_t iovs, uint32_t iov_count, uint32_t flags,
                uint32_t size_out, uint32_t flags_out);
Errno sock_send(Call& call, uint32_t fd, uint32_t iovs, uint32_t iov_count, uint32_t flags,
                uint32_t size_out);
Errno sock_shutdown(Call& call, uint32_t fd, uint32_t how);

}  // namespace handlers
}  // namespace swoop::wasi
