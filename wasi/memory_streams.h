// Streams that end in memory: what a host supplies as standard input, and what it captures of the
// outputs.
#pragma once

#include "wasi/descriptor.h"

#include <memory>
#include <mutex>
#include <string>

namespace swoop::wasi {

/// Bytes to read once; then the end of the file.
class InputBuffer final : public Descriptor {
 public:
  explicit InputBuffer(std::string bytes) : bytes_(std::move(bytes)) {}

  ErrnoOr<platform::FileStatus> status() override { return platform::FileStatus{}; }
  ErrnoOr<size_t> read(std::span<const MutableBytes> buffers) override;
  uint64_t readable_bytes() override;

 private:
  DescriptorInfo full_info() const override;

  std::mutex mutex_;
  const std::string bytes_;
  size_t position_ = 0;
};

/// Keeps what is written, up to a limit; then writes fail with `nospc`.
class OutputBuffer final : public Descriptor {
 public:
  explicit OutputBuffer(size_t limit_bytes) : limit_bytes_(limit_bytes) {}

  ErrnoOr<platform::FileStatus> status() override { return platform::FileStatus{}; }
  ErrnoOr<size_t> write(std::span<const ConstBytes> buffers) override;

  /// What was written since the last call.
  std::string take();

 private:
  DescriptorInfo full_info() const override;

  std::mutex mutex_;
  const size_t limit_bytes_;
  std::string bytes_;
};

/// Accepts and forgets.
class NullOutput final : public Descriptor {
 public:
  ErrnoOr<platform::FileStatus> status() override { return platform::FileStatus{}; }
  ErrnoOr<size_t> write(std::span<const ConstBytes> buffers) override;

 private:
  DescriptorInfo full_info() const override;
};

}  // namespace swoop::wasi
