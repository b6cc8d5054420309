// Open files, pipes, terminals and sockets of the host.
#pragma once

#include "wasi/descriptor.h"

#include <atomic>
#include <memory>

namespace swoop::wasi {

class File final : public Descriptor {
 public:
  struct Options {
    bool readable = false;
    bool writable = false;
    uint16_t flags = 0;            // fdflags the file was opened with
    bool may_change_times = true;  // false beneath a read-only directory
  };

  /// A file that the context has opened itself.
  static ErrnoOr<std::shared_ptr<File>> opened(platform::Fd fd, const Options& options);

  /// A descriptor whose open file the host process and others share: its flags are never changed.
  /// O_NONBLOCK as the guest sees it is kept here and acted out by polling, in both directions.
  static ErrnoOr<std::shared_ptr<File>> shared_with_host(platform::Fd fd);

  ErrnoOr<platform::FileStatus> status() override;
  ErrnoOr<size_t> read(std::span<const MutableBytes> buffers) override;
  ErrnoOr<size_t> write(std::span<const ConstBytes> buffers) override;
  ErrnoOr<size_t> read_at(std::span<const MutableBytes> buffers, uint64_t offset) override;
  ErrnoOr<size_t> write_at(std::span<const ConstBytes> buffers, uint64_t offset) override;
  ErrnoOr<uint64_t> seek(int64_t offset, platform::SeekFrom from) override;
  ErrnoOr<> sync() override;
  ErrnoOr<> sync_data() override;
  ErrnoOr<> advise(uint64_t offset, uint64_t size_bytes, platform::Advice advice) override;
  ErrnoOr<> allocate(uint64_t offset, uint64_t size_bytes) override;
  ErrnoOr<> truncate(uint64_t size_bytes) override;
  ErrnoOr<> set_times(platform::TimeChange accessed, platform::TimeChange modified) override;
  ErrnoOr<> set_flags(uint16_t flags) override;
  int poll_raw() override;
  uint64_t readable_bytes() override;

 private:
  DescriptorInfo full_info() const override;

  File(platform::Fd fd, platform::FileType type, const Options& options, bool shared);

  bool guest_wants_nonblocking() const { return (flags_ & fdflags::kNonblock) != 0; }
  bool can_block() const { return type_ != platform::FileType::regular_file; }
  /// Whether the call may block and can be ended from outside (platform/interrupt.h).
  bool must_be_interruptible() const;

  const platform::Fd fd_;
  const platform::FileType type_;
  const bool readable_;
  const bool writable_;
  const bool may_change_times_;
  const bool shared_;
  bool seekable_;
  platform::PipeSignal pipe_signal_;
  std::atomic<uint16_t> flags_;
};

}  // namespace swoop::wasi
