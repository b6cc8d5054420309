#include "runtime/instance_block.h"

#include <cstring>
#include <utility>

namespace swoop {
namespace {

constexpr std::align_val_t kAlignment{64};
constexpr size_t kMaxKept = 4;
// Fresh pages of the system are zero already, and most of a large block is never touched.
constexpr size_t kLargeBytes = size_t{1} << 20;

}  // namespace

void InstanceBlock::Delete::operator()(void* data) const {
  ::operator delete(data, kAlignment);
}

InstanceBlocks::InstanceBlocks(size_t context_bytes, size_t num_funcs)
    : context_bytes_((context_bytes + alignof(VmFuncRef) - 1) & ~(alignof(VmFuncRef) - 1)),
      size_bytes_(context_bytes_ + num_funcs * sizeof(VmFuncRef)) {}

std::optional<InstanceBlock> InstanceBlocks::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!kept_.empty()) {
      InstanceBlock block = std::move(kept_.back());
      kept_.pop_back();
      return block;
    }
  }
  InstanceBlock block;
  if (size_bytes_ < kLargeBytes) {
    block.small_.reset(::operator new(size_bytes_, kAlignment, std::nothrow));
    block.data_ = block.small_.get();
    if (block.data_ == nullptr) return std::nullopt;
    std::memset(block.data_, 0, size_bytes_);
  } else {
    std::optional<platform::VirtualMemory> memory = platform::VirtualMemory::reserve(size_bytes_);
    if (!memory || !memory->commit(0, memory->size_bytes())) return std::nullopt;
    block.large_ = std::move(*memory);
    block.data_ = block.large_.data();
  }
  block.func_refs_ =
      reinterpret_cast<VmFuncRef*>(static_cast<uint8_t*>(block.data_) + context_bytes_);
  return block;
}

void InstanceBlocks::give_back(InstanceBlock block) {
  if (size_bytes_ >= kLargeBytes) return;
  std::memset(block.data_, 0, context_bytes_);
  const std::lock_guard lock(mutex_);
  if (kept_.size() < kMaxKept) kept_.push_back(std::move(block));
}

}  // namespace swoop
