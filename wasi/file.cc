#include "wasi/file.h"

#include "platform/interrupt.h"
#include "wasi/wait.h"

#include <algorithm>
#include <cerrno>

namespace swoop::wasi {
namespace {

// A blocking pipe that polls as writable takes this many bytes without blocking (POSIX's PIPE_BUF
// on Linux).
constexpr size_t kSurePipeBytes = 4096;

bool raises_sigpipe(platform::FileType type) {
  return type != platform::FileType::regular_file && type != platform::FileType::block_device;
}

}  // namespace

ErrnoOr<std::shared_ptr<File>> File::opened(platform::Fd fd, const Options& options) {
  const platform::FileStatus status = TRY(from_os(platform::status(fd)));
  return std::shared_ptr<File>(new File(std::move(fd), status.type, options, /*shared=*/false));
}

ErrnoOr<std::shared_ptr<File>> File::shared_with_host(platform::Fd fd) {
  const platform::FileStatus status = TRY(from_os(platform::status(fd)));
  const platform::AccessMode access = TRY(from_os(platform::access_mode(fd)));
  const platform::StatusFlags flags = TRY(from_os(platform::status_flags(fd)));
  Options options;
  options.readable =
      access == platform::AccessMode::read || access == platform::AccessMode::read_write;
  options.writable =
      access == platform::AccessMode::write || access == platform::AccessMode::read_write;
  options.flags = flags.append ? fdflags::kAppend : 0;
  return std::shared_ptr<File>(new File(std::move(fd), status.type, options, /*shared=*/true));
}

File::File(platform::Fd fd, platform::FileType type, const Options& options, bool shared)
    : fd_(std::move(fd)),
      type_(type),
      readable_(options.readable),
      writable_(options.writable),
      may_change_times_(options.may_change_times),
      shared_(shared),
      flags_(options.flags) {
  seekable_ = type == platform::FileType::regular_file ||
              platform::seek(fd_, 0, platform::SeekFrom::current).ok();
  pipe_signal_ = raises_sigpipe(type) && !platform::ignores_sigpipe()
                     ? platform::PipeSignal::suppress
                     : platform::PipeSignal::cannot_happen;
}

bool File::must_be_interruptible() const {
  return platform::Interrupt::of_this_thread() != nullptr && can_block() &&
         !guest_wants_nonblocking();
}

DescriptorInfo File::full_info() const {
  // wasi-libc takes a character device that cannot seek for a terminal, and anything that can for a
  // file.
  uint64_t all = seekable_ ? rights::kFile : rights::kStream;
  if (!readable_) all &= ~rights::kFdRead;
  if (!writable_) all &= ~rights::kFdWrite;
  return {.type = to_file_type(type_), .flags = flags_, .rights_base = all};
}

ErrnoOr<platform::FileStatus> File::status() {
  return from_os(platform::status(fd_));
}

ErrnoOr<size_t> File::read(std::span<const MutableBytes> buffers) {
  if (!readable_) return Errno::badf;
  // A wait that can be ended comes before a read which cannot.
  if (must_be_interruptible()) TRY(wait_until_ready(fd_.raw(), false, platform::kWaitForever));
  if (!shared_ || !can_block()) return from_os(platform::read(fd_, buffers));

  if (guest_wants_nonblocking() && !TRY(wait_until_ready(fd_.raw(), false, 0))) return Errno::again;
  while (true) {
    auto result = from_os(platform::read(fd_, buffers));
    // The host has made its end non-blocking, which this guest has not asked for.
    const bool must_wait = !result.ok() && result.error() == Errno::again;
    if (!must_wait || guest_wants_nonblocking()) return result;
    TRY(wait_until_ready(fd_.raw(), false, platform::kWaitForever));
  }
}

ErrnoOr<size_t> File::write(std::span<const ConstBytes> buffers) {
  if (!writable_) return Errno::badf;
  const bool must_be_sure = must_be_interruptible();
  if (!must_be_sure && (!shared_ || !can_block()))
    return from_os(platform::write(fd_, buffers, pipe_signal_));

  const bool acts_nonblocking = shared_ && guest_wants_nonblocking();
  if (must_be_sure || acts_nonblocking) {
    const uint64_t timeout_ns = must_be_sure ? platform::kWaitForever : 0;
    const auto first = std::ranges::find_if(buffers, [](ConstBytes b) { return !b.empty(); });
    while (true) {
      if (!TRY(wait_until_ready(fd_.raw(), true, timeout_ns))) return Errno::again;
      if (first == buffers.end()) return size_t{0};
      const ConstBytes sure = first->first(std::min(first->size(), kSurePipeBytes));
      auto result = from_os(platform::write(fd_, {&sure, 1}, pipe_signal_));
      // Somebody else may have taken the room.
      if (acts_nonblocking || result.ok() || result.error() != Errno::again) return result;
    }
  }
  while (true) {
    auto result = from_os(platform::write(fd_, buffers, pipe_signal_));
    if (result.ok() || result.error() != Errno::again) return result;
    TRY(wait_until_ready(fd_.raw(), true, platform::kWaitForever));
  }
}

ErrnoOr<size_t> File::read_at(std::span<const MutableBytes> buffers, uint64_t offset) {
  if (!readable_) return Errno::badf;
  return from_os(platform::read_at(fd_, buffers, offset));
}

ErrnoOr<size_t> File::write_at(std::span<const ConstBytes> buffers, uint64_t offset) {
  if (!writable_) return Errno::badf;
  return from_os(platform::write_at(fd_, buffers, offset));
}

ErrnoOr<uint64_t> File::seek(int64_t offset, platform::SeekFrom from) {
  return from_os(platform::seek(fd_, offset, from));
}

ErrnoOr<> File::sync() {
  return from_os(platform::sync(fd_));
}

ErrnoOr<> File::sync_data() {
  return from_os(platform::sync_data(fd_));
}

ErrnoOr<> File::advise(uint64_t offset, uint64_t size_bytes, platform::Advice advice) {
  return from_os(platform::advise(fd_, offset, size_bytes, advice));
}

ErrnoOr<> File::allocate(uint64_t offset, uint64_t size_bytes) {
  if (!writable_) return Errno::badf;
  return from_os(platform::allocate(fd_, offset, size_bytes));
}

ErrnoOr<> File::truncate(uint64_t size_bytes) {
  // As ftruncate says of a descriptor that is open for reading.
  if (!writable_) return Errno::inval;
  return from_os(platform::truncate(fd_, size_bytes));
}

ErrnoOr<> File::set_times(platform::TimeChange accessed, platform::TimeChange modified) {
  if (!may_change_times_) return Errno::perm;
  return from_os(platform::set_times(fd_, accessed, modified));
}

ErrnoOr<> File::set_flags(uint16_t flags) {
  // Linux ignores a change of O_SYNC and O_DSYNC in silence; a promise of durability that is not
  // kept is worse than none.
  if (((flags ^ flags_) & fdflags::kAnySync) != 0) return Errno::notsup;
  if (shared_) {
    const bool append_changes = ((flags ^ flags_) & fdflags::kAppend) != 0;
    if (append_changes && type_ == platform::FileType::regular_file) return Errno::notsup;
  } else {
    TRY(from_os(
        platform::set_status_flags(fd_, {.append = (flags & fdflags::kAppend) != 0,
                                         .nonblocking = (flags & fdflags::kNonblock) != 0})));
  }
  flags_ = flags;
  return {};
}

int File::poll_raw() {
  return can_block() ? fd_.raw() : -1;
}

uint64_t File::readable_bytes() {
  if (type_ != platform::FileType::regular_file) {
    const auto count = platform::readable_bytes(fd_);
    return count.ok() ? *count : 0;
  }
  const auto position = platform::seek(fd_, 0, platform::SeekFrom::current);
  const auto status = platform::status(fd_);
  if (!position.ok() || !status.ok() || status->size_bytes < *position) return 0;
  return status->size_bytes - *position;
}

}  // namespace swoop::wasi
