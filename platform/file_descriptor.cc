#include "platform/file_descriptor.h"

#include "platform/os_call.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <vector>

namespace swoop::platform {
namespace {

constexpr size_t kMaxBuffers = IOV_MAX;
constexpr size_t kInlineBuffers = 16;

// iovecs for the kernel, on the stack for the usual few buffers.
class IoVectors {
 public:
  template <class Bytes>
  explicit IoVectors(std::span<const Bytes> buffers) {
    count_ = std::min(buffers.size(), kMaxBuffers);
    if (count_ > kInlineBuffers) overflow_.resize(count_);
    iovec* const out = count_ > kInlineBuffers ? overflow_.data() : inline_.data();
    for (size_t i = 0; i < count_; ++i) {
      // writev takes the same non-const iovec as readv, but only reads through it.
      out[i] = {const_cast<uint8_t*>(buffers[i].data()), buffers[i].size()};
    }
    data_ = out;
  }
  IoVectors(const IoVectors&) = delete;
  IoVectors& operator=(const IoVectors&) = delete;

  const iovec* data() const { return data_; }
  int count() const { return static_cast<int>(count_); }

 private:
  std::array<iovec, kInlineBuffers> inline_;
  std::vector<iovec> overflow_;
  const iovec* data_;
  size_t count_;
};

OsResult<size_t> bytes_or_error(ssize_t result) {
  if (result < 0) return last_error();
  return static_cast<size_t>(result);
}

FileType type_of_socket(int raw) {
  int type = 0;
  socklen_t size = sizeof(type);
  const bool known = ::getsockopt(raw, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
  return known && type == SOCK_DGRAM ? FileType::datagram_socket : FileType::stream_socket;
}

// Keeps SIGPIPE from being delivered to this thread while it lives. A SIGPIPE that a write raises
// is directed at the writing thread, so it can be taken back here without touching those sent to
// the process by others.
class SigpipeGuard {
 public:
  SigpipeGuard() {
    sigemptyset(&sigpipe_);
    sigaddset(&sigpipe_, SIGPIPE);
    sigset_t previous;
    sigemptyset(&previous);
    pthread_sigmask(SIG_BLOCK, &sigpipe_, &previous);
    was_blocked_ = sigismember(&previous, SIGPIPE) == 1;
    if (was_blocked_) {
      sigset_t pending;
      sigemptyset(&pending);
      sigpending(&pending);
      was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    }
  }
  ~SigpipeGuard() {
    const int saved_errno = errno;
    if (saw_broken_pipe_ && !was_pending_) {
      constexpr timespec kNoWait = {0, 0};
      while (sigtimedwait(&sigpipe_, nullptr, &kNoWait) < 0 && errno == EINTR) {
      }
    }
    if (!was_blocked_) pthread_sigmask(SIG_UNBLOCK, &sigpipe_, nullptr);
    errno = saved_errno;
  }
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;

  void note(ssize_t result) { saw_broken_pipe_ = result < 0 && errno == EPIPE; }

 private:
  sigset_t sigpipe_;
  bool was_blocked_ = false;
  bool was_pending_ = false;
  bool saw_broken_pipe_ = false;
};

ssize_t write_vectors(int raw, std::span<const ConstBytes> buffers) {
  if (buffers.size() == 1) {
    return retry_on_eintr([&] { return ::write(raw, buffers[0].data(), buffers[0].size()); });
  }
  const IoVectors vectors(buffers);
  return retry_on_eintr([&] { return ::writev(raw, vectors.data(), vectors.count()); });
}

}  // namespace

uint64_t to_nanoseconds(const timespec& time) {
  if (time.tv_sec < 0) return 0;
  uint64_t result;
  if (__builtin_mul_overflow(static_cast<uint64_t>(time.tv_sec), 1'000'000'000u, &result) ||
      __builtin_add_overflow(result, static_cast<uint64_t>(time.tv_nsec), &result)) {
    return UINT64_MAX;
  }
  return result;
}

FileStatus status_from_host(const struct stat& host) {
  FileStatus status;
  status.device = host.st_dev;
  status.inode = host.st_ino;
  status.links = host.st_nlink;
  status.size_bytes = static_cast<uint64_t>(std::max<off_t>(host.st_size, 0));
  status.accessed_ns = to_nanoseconds(host.st_atim);
  status.modified_ns = to_nanoseconds(host.st_mtim);
  status.changed_ns = to_nanoseconds(host.st_ctim);
  switch (host.st_mode & S_IFMT) {
    case S_IFBLK: status.type = FileType::block_device; break;
    case S_IFCHR: status.type = FileType::character_device; break;
    case S_IFDIR: status.type = FileType::directory; break;
    case S_IFREG: status.type = FileType::regular_file; break;
    case S_IFSOCK: status.type = FileType::stream_socket; break;
    case S_IFLNK: status.type = FileType::symbolic_link; break;
    case S_IFIFO: status.type = FileType::fifo; break;
    default: status.type = FileType::unknown; break;
  }
  return status;
}

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    raw_ = other.release();
  }
  return *this;
}

int Fd::release() {
  return std::exchange(raw_, -1);
}

void Fd::reset() {
  // Not repeated on EINTR: Linux has released the number by then.
  if (raw_ >= 0) ::close(std::exchange(raw_, -1));
}

OsResult<Fd> Fd::duplicate(int raw) {
  const int copy = ::fcntl(raw, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return last_error();
  return Fd(copy);
}

OsResult<size_t> read(const Fd& fd, std::span<const MutableBytes> buffers) {
  if (buffers.size() == 1) {
    return bytes_or_error(
        retry_on_eintr([&] { return ::read(fd.raw(), buffers[0].data(), buffers[0].size()); }));
  }
  const IoVectors vectors(buffers);
  return bytes_or_error(
      retry_on_eintr([&] { return ::readv(fd.raw(), vectors.data(), vectors.count()); }));
}

OsResult<size_t> read_at(const Fd& fd, std::span<const MutableBytes> buffers, uint64_t offset) {
  if (offset > INT64_MAX) return OsError{EINVAL};
  const IoVectors vectors(buffers);
  return bytes_or_error(retry_on_eintr([&] {
    return ::preadv(fd.raw(), vectors.data(), vectors.count(), static_cast<off_t>(offset));
  }));
}

OsResult<size_t> write(const Fd& fd, std::span<const ConstBytes> buffers, PipeSignal pipe_signal) {
  if (pipe_signal == PipeSignal::cannot_happen) {
    return bytes_or_error(write_vectors(fd.raw(), buffers));
  }
  SigpipeGuard guard;
  const ssize_t written = write_vectors(fd.raw(), buffers);
  guard.note(written);
  return bytes_or_error(written);
}

OsResult<size_t> write_at(const Fd& fd, std::span<const ConstBytes> buffers, uint64_t offset) {
  if (offset > INT64_MAX) return OsError{EINVAL};
  const IoVectors vectors(buffers);
  return bytes_or_error(retry_on_eintr([&] {
    return ::pwritev(fd.raw(), vectors.data(), vectors.count(), static_cast<off_t>(offset));
  }));
}

bool ignores_sigpipe() {
  struct sigaction action;
  return ::sigaction(SIGPIPE, nullptr, &action) == 0 && (action.sa_flags & SA_SIGINFO) == 0 &&
         action.sa_handler == SIG_IGN;
}

void ignore_file_size_signal() {
  struct sigaction action = {};
  action.sa_handler = SIG_IGN;
  (void)::sigaction(SIGXFSZ, &action, nullptr);
}

OsResult<uint64_t> seek(const Fd& fd, int64_t offset, SeekFrom from) {
  const int whence = from == SeekFrom::start     ? SEEK_SET
                     : from == SeekFrom::current ? SEEK_CUR
                                                 : SEEK_END;
  const off_t position = ::lseek(fd.raw(), offset, whence);
  if (position < 0) return last_error();
  return static_cast<uint64_t>(position);
}

OsResult<> sync(const Fd& fd) {
  return nothing_or_error(retry_on_eintr([&] { return ::fsync(fd.raw()); }));
}

OsResult<> sync_data(const Fd& fd) {
  return nothing_or_error(retry_on_eintr([&] { return ::fdatasync(fd.raw()); }));
}

OsResult<> advise(const Fd& fd, uint64_t offset, uint64_t size_bytes, Advice advice) {
  if (offset > INT64_MAX || size_bytes > INT64_MAX) return OsError{EINVAL};
  int host_advice = POSIX_FADV_NORMAL;
  switch (advice) {
    case Advice::normal: host_advice = POSIX_FADV_NORMAL; break;
    case Advice::sequential: host_advice = POSIX_FADV_SEQUENTIAL; break;
    case Advice::random: host_advice = POSIX_FADV_RANDOM; break;
    case Advice::will_need: host_advice = POSIX_FADV_WILLNEED; break;
    case Advice::dont_need: host_advice = POSIX_FADV_DONTNEED; break;
    case Advice::no_reuse: host_advice = POSIX_FADV_NOREUSE; break;
  }
  // Unlike its neighbours, posix_fadvise returns the error.
  const int error = ::posix_fadvise(fd.raw(), static_cast<off_t>(offset),
                                    static_cast<off_t>(size_bytes), host_advice);
  if (error != 0) return OsError{error};
  return {};
}

OsResult<> allocate(const Fd& fd, uint64_t offset, uint64_t size_bytes) {
  if (offset > INT64_MAX || size_bytes > INT64_MAX) return OsError{EINVAL};
  // Not posix_fallocate: where the file system has no support, glibc emulates it by writing the
  // whole range.
  return nothing_or_error(retry_on_eintr([&] {
    return ::fallocate(fd.raw(), 0, static_cast<off_t>(offset), static_cast<off_t>(size_bytes));
  }));
}

OsResult<> truncate(const Fd& fd, uint64_t size_bytes) {
  if (size_bytes > INT64_MAX) return OsError{EINVAL};
  return nothing_or_error(
      retry_on_eintr([&] { return ::ftruncate(fd.raw(), static_cast<off_t>(size_bytes)); }));
}

OsResult<FileStatus> status(const Fd& fd) {
  struct stat host;
  if (::fstat(fd.raw(), &host) != 0) return last_error();
  FileStatus result = status_from_host(host);
  if (result.type == FileType::stream_socket) result.type = type_of_socket(fd.raw());
  return result;
}

OsResult<> set_times(const Fd& fd, TimeChange accessed, TimeChange modified) {
  const auto to_host = [](TimeChange change) -> timespec {
    switch (change.kind) {
      case TimeChange::keep: return {0, UTIME_OMIT};
      case TimeChange::now: return {0, UTIME_NOW};
      case TimeChange::set: break;
    }
    return {static_cast<time_t>(change.time_ns / 1'000'000'000),
            static_cast<long>(change.time_ns % 1'000'000'000)};
  };
  const std::array<timespec, 2> times = {to_host(accessed), to_host(modified)};
  // The empty path means the descriptor itself, which works on those of links too (futimens does
  // not).
  return nothing_or_error(::utimensat(fd.raw(), "", times.data(), AT_EMPTY_PATH));
}

OsResult<StatusFlags> status_flags(const Fd& fd) {
  const int flags = ::fcntl(fd.raw(), F_GETFL);
  if (flags < 0) return last_error();
  return StatusFlags{.append = (flags & O_APPEND) != 0, .nonblocking = (flags & O_NONBLOCK) != 0};
}

OsResult<> set_status_flags(const Fd& fd, StatusFlags flags) {
  const int old_flags = ::fcntl(fd.raw(), F_GETFL);
  if (old_flags < 0) return last_error();
  int new_flags = old_flags & ~(O_APPEND | O_NONBLOCK);
  if (flags.append) new_flags |= O_APPEND;
  if (flags.nonblocking) new_flags |= O_NONBLOCK;
  if (new_flags == old_flags) return {};
  return nothing_or_error(::fcntl(fd.raw(), F_SETFL, new_flags));
}

OsResult<AccessMode> access_mode(const Fd& fd) {
  const int flags = ::fcntl(fd.raw(), F_GETFL);
  if (flags < 0) return last_error();
  if ((flags & O_PATH) != 0) return AccessMode::neither;
  switch (flags & O_ACCMODE) {
    case O_RDONLY: return AccessMode::read;
    case O_WRONLY: return AccessMode::write;
    default: return AccessMode::read_write;
  }
}

OsResult<uint64_t> readable_bytes(const Fd& fd) {
  int count = 0;
  if (::ioctl(fd.raw(), FIONREAD, &count) != 0) return last_error();
  return static_cast<uint64_t>(std::max(count, 0));
}

}  // namespace swoop::platform
