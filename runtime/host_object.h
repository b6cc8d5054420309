// What an embedder passes through wasm as an externref: an object that counts its references, and
// what a store remembers of those it was given.
//
// Safety: a reference becomes a pointer again only if its word is that of an object which the store
// keeps. Noticed by tests/runtime/host_object_test.cc.
#pragma once

#include "vm/object.h"
#include "wasm/value.h"

#include <atomic>
#include <cstddef>
#include <unordered_set>
#include <utility>

namespace swoop {

/// The base of host objects. Stores on several threads may share one.
class HostObject {
 public:
  /// Ends the object, on the thread that gives up the last reference.
  using Drop = void (*)(HostObject* object);

  /// Begins with one reference, which its maker gives up by `release`.
  explicit HostObject(Drop drop) : drop_(drop) {}
  HostObject(const HostObject&) = delete;
  HostObject& operator=(const HostObject&) = delete;

  void retain() { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) drop_(this);
  }
  size_t num_references() const { return references_.load(std::memory_order_relaxed); }

 protected:
  ~HostObject() = default;

 private:
  std::atomic<size_t> references_ = 1;
  const Drop drop_;
};

/// The host objects that wasm of one store may hold. It cannot be known when wasm holds one no
/// more, so each is kept as long as this lives.
class HostObjects {
 public:
  HostObjects() = default;
  HostObjects(const HostObjects&) = delete;
  HostObjects& operator=(const HostObjects&) = delete;
  ~HostObjects() {
    for (HostObject* const object : kept_) object->release();
  }

  /// The object as a value of type externref: the same for the same object, also if it comes again.
  Value retain(HostObject& object) {
    if (kept_.insert(&object).second) object.retain();
    return {host_reference(reinterpret_cast<uintptr_t>(&object)), 0};
  }
  /// The object that a reference is, or null: for a null reference, objects of wasm, and whatever
  /// has not been retained here.
  HostObject* find(uint64_t reference) const {
    if (!is_host_reference(reference)) return nullptr;
    const auto found = kept_.find(reinterpret_cast<HostObject*>(host_number(reference)));
    return found == kept_.end() ? nullptr : *found;
  }

 private:
  std::unordered_set<HostObject*> kept_;
};

}  // namespace swoop
