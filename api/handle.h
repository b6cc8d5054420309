// Handles of the C ABI: numbers that look like pointers. Each names a slot and the generation of
// what is in it, so that a handle which is dead, of another kind or made up is told from a live
// one.
//
// Safety: slots are never unmapped, and what a Borrowed holds lives at least as long as it. Noticed
// by tests/api/store_test.cc and sequences_test.cc.
#pragma once

#include "api/include/swoop/swoop.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace swoop::api {

enum class HandleKind : uint8_t {
  none,
  error,
  engine,
  module,
  module_stream,
  imports,
  linked,
  store,
  snapshot,
  stop_token,
  object,
};

/// What a handle stands for.
class Shared {
 public:
  virtual ~Shared() = default;
  /// Asked when there are no handles left. False: it is still in use, and must be kept until
  /// somebody asks again.
  virtual bool can_be_destroyed() const { return true; }
};

/// In a cache line of its own.
struct alignas(64) HandleSlot {
  std::atomic<uint64_t> state = 0;  // generation << 32 | references; none: free
  HandleKind kind = HandleKind::none;
  Shared* object = nullptr;
  swoop_call_gate_t gate = {};  // of a store
};

/// A new handle with one reference. Null when the system has no memory, or there are 2^31 handles.
void* make_handle(HandleKind kind, std::unique_ptr<Shared> object);
bool retain_handle(uint64_t handle);
bool release_handle(uint64_t handle);
/// The slot of a live handle of this kind, with a reference that the caller releases; else null.
HandleSlot* borrow_slot(uint64_t handle, HandleKind kind);
/// What a handle stood for whose last reference this thread dropped while the thing was in use, and
/// is still; else null.
Shared* find_in_use(uint64_t handle, HandleKind kind);
/// Where the slot of a live handle is.
HandleSlot& slot_of(uint64_t handle);

inline uint64_t number_of(const void* handle) {
  return reinterpret_cast<uintptr_t>(handle);
}
template <class Handle>
Handle* to_handle(uint64_t number) {
  return reinterpret_cast<Handle*>(static_cast<uintptr_t>(number));
}

/// What a handle stands for, kept alive; null if the handle is dead or of another kind. `T` is a
/// Shared that says its kKind.
template <class T>
class Borrowed {
 public:
  explicit Borrowed(uint64_t handle) : handle_(handle), slot_(borrow_slot(handle, T::kKind)) {}
  explicit Borrowed(const void* handle) : Borrowed(number_of(handle)) {}
  Borrowed(Borrowed&& other) noexcept
      : handle_(other.handle_), slot_(std::exchange(other.slot_, nullptr)) {}
  ~Borrowed() {
    if (slot_ != nullptr) release_handle(handle_);
  }
  Borrowed& operator=(Borrowed&&) = delete;

  explicit operator bool() const { return slot_ != nullptr; }
  T* get() const { return slot_ == nullptr ? nullptr : static_cast<T*>(slot_->object); }
  T& operator*() const { return *get(); }
  T* operator->() const { return get(); }

 private:
  uint64_t handle_;
  HandleSlot* slot_;
};

/// A reference of one's own to a handle.
class Kept {
 public:
  Kept() = default;
  /// Takes a reference over.
  explicit Kept(uint64_t handle) : handle_(handle) {}
  static Kept retained(uint64_t handle) { return Kept(retain_handle(handle) ? handle : 0); }
  Kept(Kept&& other) noexcept : handle_(std::exchange(other.handle_, 0)) {}
  Kept& operator=(Kept&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Kept() {
    if (handle_ != 0) release_handle(handle_);
  }
  uint64_t number() const { return handle_; }
  /// Leaves the reference to the caller.
  uint64_t release() { return std::exchange(handle_, 0); }

 private:
  uint64_t handle_ = 0;
};

}  // namespace swoop::api
