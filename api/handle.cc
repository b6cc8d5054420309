#include "api/handle.h"

#include "base/check.h"

#include <array>
#include <bit>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

namespace swoop::api {
namespace {

constexpr unsigned kFirstChunkLog2 = 8;
constexpr unsigned kNumChunks = 31 - kFirstChunkLog2;

// A generation that came again would bring old handles to life. An externref holds a handle's
// number in 62 bits (vm/object.h).
constexpr uint32_t kLastGeneration = (1u << 30) - 1;

constexpr uint32_t generation_of(uint64_t state) {
  return static_cast<uint32_t>(state >> 32);
}
constexpr uint32_t index_of(uint64_t handle) {
  return static_cast<uint32_t>(handle);
}
constexpr uint32_t references_of(uint64_t state) {
  return static_cast<uint32_t>(state);
}
constexpr uint64_t state_of(uint32_t generation, uint32_t references) {
  return uint64_t{generation} << 32 | references;
}

/// Slots by number, in chunks of doubling size that stay where they are.
class HandleTable {
 public:
  static HandleTable& of_process() {
    static HandleTable& table = *new HandleTable;  // handles may outlive static objects
    return table;
  }

  /// Null for numbers that were never given out.
  HandleSlot* find(uint32_t index) const {
    const unsigned chunk = chunk_of(index);
    if (chunk >= kNumChunks) return nullptr;
    HandleSlot* const slots = chunks_[chunk].load(std::memory_order_acquire);
    return slots == nullptr ? nullptr : slots + (index - first_of(chunk));
  }

  /// A slot that nobody uses; nothing when there are no more.
  std::pair<HandleSlot*, uint32_t> take() {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      const uint32_t index = free_.back();
      free_.pop_back();
      return {find(index), index};
    }
    const unsigned chunk = chunk_of(next_);
    if (chunk >= kNumChunks) return {};
    if (chunks_[chunk].load(std::memory_order_relaxed) == nullptr) {
      auto* const slots = new (std::nothrow) HandleSlot[size_t{1} << (chunk + kFirstChunkLog2)];
      if (slots == nullptr) return {};
      chunks_[chunk].store(slots, std::memory_order_release);
    }
    const uint32_t index = next_++;
    return {find(index), index};
  }
  /// Takes the slot of a handle that stands for nothing any more.
  void give_back(uint64_t handle) {
    const std::lock_guard lock(mutex_);
    free(handle);
  }

  /// Keeps what is still in use without a handle, and with it its slot.
  void keep(std::unique_ptr<Shared> object, HandleKind kind, uint64_t handle) {
    const std::lock_guard lock(mutex_);
    in_use_.push_back({std::move(object), kind, handle, std::this_thread::get_id()});
    has_in_use_.store(true, std::memory_order_relaxed);
  }
  Shared* find_in_use(uint64_t handle, HandleKind kind) {
    const std::lock_guard lock(mutex_);
    for (const InUse& entry : in_use_) {
      if (entry.handle == handle && entry.kind == kind &&
          entry.thread == std::this_thread::get_id())
        return entry.object.get();
    }
    return nullptr;
  }
  /// Destroys what of that is no longer in use. Only the thread that dropped it knows: for others,
  /// the call that it did so in may be returning.
  void destroy_unused() {
    if (!has_in_use_.load(std::memory_order_relaxed)) [[likely]]
      return;
    std::vector<std::unique_ptr<Shared>> unused;  // destroyed without the lock
    const std::lock_guard lock(mutex_);
    std::erase_if(in_use_, [&](auto& entry) {
      if (entry.thread != std::this_thread::get_id() || !entry.object->can_be_destroyed())
        return false;
      unused.push_back(std::move(entry.object));
      free(entry.handle);
      return true;
    });
    has_in_use_.store(!in_use_.empty(), std::memory_order_relaxed);
  }

 private:
  void free(uint64_t handle) {
    if (generation_of(handle) != kLastGeneration) free_.push_back(index_of(handle));
  }
  static unsigned chunk_of(uint32_t index) {
    return static_cast<unsigned>(std::bit_width((index >> kFirstChunkLog2) + 1)) - 1;
  }
  static uint32_t first_of(unsigned chunk) {
    return ((uint32_t{1} << chunk) - 1) << kFirstChunkLog2;
  }

  std::array<std::atomic<HandleSlot*>, kNumChunks> chunks_ = {};
  std::mutex mutex_;
  std::vector<uint32_t> free_;
  uint32_t next_ = 1;  // so that no handle is null
  struct InUse {
    std::unique_ptr<Shared> object;
    HandleKind kind;
    uint64_t handle;
    std::thread::id thread;
  };
  std::vector<InUse> in_use_;
  std::atomic<bool> has_in_use_ = false;
};

// Adds a reference if the handle is alive. Whoever has one may read the slot's other fields.
bool add_reference(HandleSlot& slot, uint32_t generation) {
  uint64_t state = slot.state.load(std::memory_order_acquire);
  while (generation_of(state) == generation && references_of(state) != 0 &&
         references_of(state) != UINT32_MAX) {
    if (slot.state.compare_exchange_weak(state, state + 1, std::memory_order_acquire)) return true;
  }
  return false;
}

}  // namespace

void* make_handle(HandleKind kind, std::unique_ptr<Shared> object) {
  HandleTable& table = HandleTable::of_process();
  table.destroy_unused();
  const auto [slot, index] = table.take();
  if (slot == nullptr) return nullptr;
  slot->kind = kind;
  slot->object = object.release();
  const uint32_t generation = generation_of(slot->state.load(std::memory_order_relaxed)) + 1;
  slot->gate.generation = generation;
  slot->state.store(state_of(generation, 1), std::memory_order_release);
  return to_handle<void>(state_of(generation, index));
}

bool retain_handle(uint64_t handle) {
  HandleSlot* const slot = HandleTable::of_process().find(index_of(handle));
  return slot != nullptr && add_reference(*slot, generation_of(handle));
}

bool release_handle(uint64_t handle) {
  HandleTable& table = HandleTable::of_process();
  HandleSlot* const slot = table.find(index_of(handle));
  if (slot == nullptr) return false;
  uint64_t state = slot->state.load(std::memory_order_acquire);
  do {
    if (generation_of(state) != generation_of(handle) || references_of(state) == 0) return false;
  } while (!slot->state.compare_exchange_weak(state, state - 1, std::memory_order_acq_rel));
  if (references_of(state) != 1) return true;

  std::unique_ptr<Shared> object(std::exchange(slot->object, nullptr));
  const HandleKind kind = std::exchange(slot->kind, HandleKind::none);
  slot->gate.generation = 0;  // no call passes it any more
  if (!object->can_be_destroyed()) {
    table.keep(std::move(object), kind, handle);
    return true;
  }
  object.reset();
  table.give_back(handle);
  return true;
}

HandleSlot* borrow_slot(uint64_t handle, HandleKind kind) {
  HandleSlot* const slot = HandleTable::of_process().find(index_of(handle));
  if (slot == nullptr || !add_reference(*slot, generation_of(handle))) return nullptr;
  if (slot->kind == kind) return slot;
  release_handle(handle);
  return nullptr;
}

Shared* find_in_use(uint64_t handle, HandleKind kind) {
  return HandleTable::of_process().find_in_use(handle, kind);
}

HandleSlot& slot_of(uint64_t handle) {
  return *HandleTable::of_process().find(index_of(handle));
}

}  // namespace swoop::api

bool swoop_retain(const void* handle) {
  return swoop::api::retain_handle(swoop::api::number_of(handle));
}

bool swoop_release(const void* handle) {
  return swoop::api::release_handle(swoop::api::number_of(handle));
}
