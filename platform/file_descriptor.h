// Open files of the host: an owning descriptor, and the operations on one that need no path. Paths:
// filesystem.h. Every operation repeats itself on EINTR. Tests: tests/wasi/file_test.cc,
// tests/wasi/stdio_test.cc.
#pragma once

#include "platform/os_result.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace swoop::platform {

/// Owns one host file descriptor and closes it.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int raw) : raw_(raw) {}
  Fd(Fd&& other) noexcept : raw_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { reset(); }

  bool valid() const { return raw_ >= 0; }
  int raw() const { return raw_; }
  int release();
  void reset();

  /// Another descriptor of the same open file, closed on exec.
  OsResult<Fd> duplicate() const { return duplicate(raw_); }
  static OsResult<Fd> duplicate(int raw);

 private:
  int raw_ = -1;
};

enum class FileType : uint8_t {
  unknown,
  block_device,
  character_device,
  directory,
  regular_file,
  datagram_socket,
  stream_socket,
  symbolic_link,
  fifo,
};

/// Times are nanoseconds since the epoch, clamped to what 64 unsigned bits hold.
struct FileStatus {
  uint64_t device = 0;
  uint64_t inode = 0;
  FileType type = FileType::unknown;
  uint64_t links = 0;
  uint64_t size_bytes = 0;
  uint64_t accessed_ns = 0;
  uint64_t modified_ns = 0;
  uint64_t changed_ns = 0;
};

struct TimeChange {
  enum Kind : uint8_t { keep, now, set } kind = keep;
  uint64_t time_ns = 0;
};

using MutableBytes = std::span<uint8_t>;
using ConstBytes = std::span<const uint8_t>;

enum class SeekFrom : uint8_t { start, current, end };
enum class Advice : uint8_t { normal, sequential, random, will_need, dont_need, no_reuse };

/// Some bytes, into buffers in order: 0 at the end of the file. Buffers past the host's limit are
/// not looked at.
OsResult<size_t> read(const Fd& fd, std::span<const MutableBytes> buffers);
OsResult<size_t> read_at(const Fd& fd, std::span<const MutableBytes> buffers, uint64_t offset);

/// What SIGPIPE does in this process when a write finds no reader.
enum class PipeSignal : uint8_t {
  cannot_happen,  // regular files, directories, or SIGPIPE is ignored
  suppress,       // block the signal around the write and consume it, so that only EPIPE is seen
};

OsResult<size_t> write(const Fd& fd, std::span<const ConstBytes> buffers, PipeSignal pipe_signal);
OsResult<size_t> write_at(const Fd& fd, std::span<const ConstBytes> buffers, uint64_t offset);

/// True when the process ignores SIGPIPE, so that `PipeSignal::suppress` would be wasted effort.
bool ignores_sigpipe();

/// From now on a write beyond the process's limit on the size of files fails with EFBIG and does
/// not end the process. For programs: it changes the whole process.
void ignore_file_size_signal();

OsResult<uint64_t> seek(const Fd& fd, int64_t offset, SeekFrom from);
OsResult<> sync(const Fd& fd);
OsResult<> sync_data(const Fd& fd);
OsResult<> advise(const Fd& fd, uint64_t offset, uint64_t size_bytes, Advice advice);
/// Grows the file to hold the range and reserves its blocks. Never shrinks, never writes zeros
/// itself.
OsResult<> allocate(const Fd& fd, uint64_t offset, uint64_t size_bytes);
OsResult<> truncate(const Fd& fd, uint64_t size_bytes);

/// Also works on path-only descriptors, those of symbolic links included.
OsResult<FileStatus> status(const Fd& fd);
OsResult<> set_times(const Fd& fd, TimeChange accessed, TimeChange modified);

/// Flags of the open file, which every duplicate in every process shares.
struct StatusFlags {
  bool append = false;
  bool nonblocking = false;
};
OsResult<StatusFlags> status_flags(const Fd& fd);
OsResult<> set_status_flags(const Fd& fd, StatusFlags flags);
enum class AccessMode : uint8_t { neither, read, write, read_write };
OsResult<AccessMode> access_mode(const Fd& fd);

/// Bytes that a read would find now: pipes, terminals, sockets and regular files.
OsResult<uint64_t> readable_bytes(const Fd& fd);

}  // namespace swoop::platform
