// Exceptions as machine code and C++ see them. A reference of the hierarchy of `exn` is null (0) or
// a VmException*; it is in no hierarchy with other references (vm/object.h).
//
// Safety: a tag is compared, never read, by whoever looks for a handler; that the values are as
// many and of the types the tag says, its maker ensures (runtime/builtins.cc, runtime/store.cc).
// Noticed by: tests/jit/exception_test.cc.
#pragma once

#include "wasm/value.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace swoop {

/// Spec: exec/runtime#exception-instances. The values follow it.
struct VmException {
  const void* tag = nullptr;  // the runtime's Tag: an identity
  uint32_t num_values = 0;
  /// Whether a reference to it may be anywhere but in the frame whose handler got it: then its
  /// memory stays.
  uint32_t is_shared = 0;

  std::span<Value> values() { return {reinterpret_cast<Value*>(this + 1), num_values}; }
  std::span<const Value> values() const {
    return {reinterpret_cast<const Value*>(this + 1), num_values};
  }
  static constexpr uint64_t size_bytes(uint64_t num_values) {
    return sizeof(VmException) + num_values * sizeof(Value);
  }
};
static_assert(sizeof(VmException) % alignof(Value) == 0);
static_assert(alignof(VmException) <= 8 && alignof(Value) <= 8, "the heap aligns to 8 bytes");

}  // namespace swoop
