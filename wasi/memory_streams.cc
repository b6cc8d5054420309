#include "wasi/memory_streams.h"

#include <algorithm>
#include <cstring>

namespace swoop::wasi {
namespace {

constexpr uint64_t kInputRights = rights::kStream & ~rights::kFdWrite;
constexpr uint64_t kOutputRights = rights::kStream & ~rights::kFdRead;

}  // namespace

DescriptorInfo InputBuffer::full_info() const {
  return {.rights_base = kInputRights};
}

ErrnoOr<size_t> InputBuffer::read(std::span<const MutableBytes> buffers) {
  const std::lock_guard lock(mutex_);
  size_t total = 0;
  for (const MutableBytes buffer : buffers) {
    const size_t size = std::min(buffer.size(), bytes_.size() - position_);
    if (size == 0) continue;
    std::memcpy(buffer.data(), bytes_.data() + position_, size);
    position_ += size;
    total += size;
  }
  return total;
}

uint64_t InputBuffer::readable_bytes() {
  const std::lock_guard lock(mutex_);
  return bytes_.size() - position_;
}

DescriptorInfo OutputBuffer::full_info() const {
  return {.rights_base = kOutputRights};
}

ErrnoOr<size_t> OutputBuffer::write(std::span<const ConstBytes> buffers) {
  const std::lock_guard lock(mutex_);
  size_t total = 0;
  bool full = false;
  for (const ConstBytes buffer : buffers) {
    const size_t size = std::min(buffer.size(), limit_bytes_ - bytes_.size());
    bytes_.append(buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(size));
    total += size;
    full = size < buffer.size();
    if (full) break;
  }
  if (full && total == 0) return Errno::nospc;
  return total;
}

std::string OutputBuffer::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(bytes_, {});
}

DescriptorInfo NullOutput::full_info() const {
  return {.rights_base = kOutputRights};
}

ErrnoOr<size_t> NullOutput::write(std::span<const ConstBytes> buffers) {
  size_t total = 0;
  for (const ConstBytes buffer : buffers) total += buffer.size();
  return total;
}

}  // namespace swoop::wasi
