// The bytes of a CodeObject: written once, in the memory where they may later be executed, so that
// no copy is made. The memory comes from a pool and goes there, if there is one.
#pragma once

#include "base/check.h"
#include "jit/code_pool.h"
#include "platform/code_memory.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

namespace swoop::jit {

class CodeText {
 public:
  CodeText() = default;
  explicit CodeText(std::shared_ptr<CodePool> pool) : pool_(std::move(pool)) {}
  ~CodeText() { leave(std::move(memory_)); }
  CodeText(CodeText&& other) noexcept { *this = std::move(other); }
  CodeText& operator=(CodeText&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(memory_, other.memory_);
    std::swap(size_, other.size_);
    return *this;
  }

  const uint8_t* data() const { return memory_.data(); }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::span<const uint8_t> bytes() const { return {data(), size_}; }

  /// Makes room for `capacity` bytes in all; what is never written costs no memory. False when the
  /// system refuses it.
  [[nodiscard]] bool reserve(size_t capacity);
  [[nodiscard]] bool append(std::span<const uint8_t> bytes) {
    if (size_ + bytes.size() > capacity() && !reserve(2 * (size_ + bytes.size()))) return false;
    if (!bytes.empty()) std::memcpy(memory_.writable().data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    return true;
  }
  void write_u32(size_t offset, uint32_t value) {
    CHECK(offset + sizeof value <= size_);
    std::memcpy(memory_.writable().data() + offset, &value, sizeof value);
  }

  /// Makes the bytes executable and immutable (W^X). False when the system refuses it.
  [[nodiscard]] bool seal(bool has_landing_pads = false) { return memory_.seal(has_landing_pads); }

 private:
  size_t capacity() const { return memory_.size_bytes(); }
  /// For memory of which the first size() bytes were written.
  void leave(platform::CodeMemory memory) {
    if (pool_ != nullptr) pool_->keep(std::move(memory), size_);
  }

  std::shared_ptr<CodePool> pool_;
  platform::CodeMemory memory_;
  size_t size_ = 0;
};

}  // namespace swoop::jit
