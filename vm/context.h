// The run-time structs that machine code reads and writes: plain data, layout fixed.
//
// Safety: generated code addresses these fields by the constants below, so each has a
// static_assert. What the pointers say must hold whenever wasm runs: memory0 and table0 mirror the
// real memory and table (runtime/memory.cc and runtime/table.cc update every mirror on growth).
// Noticed by: tests/runtime (growth through another instance).
#pragma once

#include "platform/signed_address.h"
#include "wasm/module.h"
#include "wasm/value.h"

#include <cstddef>
#include <cstdint>

namespace swoop {

struct VmContext;

/// A function as a value: what a funcref points to, and also the form of an entry in a table of
/// functions, where a call_indirect finds all it needs in one cache line half. A null entry has
/// type kNullTypeId and self == nullptr.
struct VmFuncRef {
  const void* code = nullptr;     // entry by the wasm calling convention
  VmContext* context = nullptr;   // of the callee: an instance's, or a VmHostFunction's prefix
  uint32_t type_id = 0xffffffff;  // canonical (wasm/type_registry.h)
  uint32_t padding = 0;
  VmFuncRef* self = nullptr;  // the identity of the reference
};
inline constexpr uint32_t kNullTypeId = 0xffffffff;
static_assert(sizeof(VmFuncRef) == 32 && offsetof(VmFuncRef, context) == 8);
static_assert(offsetof(VmFuncRef, type_id) == 16 && offsetof(VmFuncRef, self) == 24);

/// What a frame pointer points to, in every frame of wasm and of thunks: a link of the chain.
struct VmFrame {
  const VmFrame* caller = nullptr;
  uintptr_t return_address = 0;  // perhaps signed: code looks at return_pc()

  uintptr_t return_pc() const { return platform::without_signature(return_address); }
};

/// Per-store state of running wasm. Written by thunks and the trap path only.
struct VmStore {
  void* entry_sp = nullptr;  // EntryFrame of the innermost entry thunk: where a trap returns to
  void* store = nullptr;     // the runtime's Store
  uint64_t stack_limit = 0;  // as in every VmContext of the store; for thunks of host functions
};
inline constexpr int32_t kVmStoreEntrySp = 0;
inline constexpr int32_t kVmStoreStackLimit = 16;
static_assert(offsetof(VmStore, entry_sp) == kVmStoreEntrySp);
static_assert(offsetof(VmStore, stack_limit) == kVmStoreStackLimit);

/// What a register (jit/<isa>/abi.h) points to while a module's code runs: this prefix, then the
/// module's own part (VmContextLayout).
struct VmContext {
  uint64_t stack_limit = 0;         // sp must stay above; UINT64_MAX interrupts
  uint8_t* memory0_base = nullptr;  // mirror of memory 0
  uint64_t memory0_size = 0;        // bytes
  void* table0_entries =
      nullptr;               // mirror of table 0: VmFuncRef[] or uint64_t[] (other references)
  uint64_t table0_size = 0;  // elements
  uint64_t* fuel = nullptr;  // what is left to the store, if code counts
  const void* const* builtins = nullptr;  // thunks, by Builtin
  VmStore* store = nullptr;
  VmFuncRef* func_refs = nullptr;  // of all functions of the instance, by FuncIdx
  void* instance = nullptr;        // the runtime's Instance
};
inline constexpr int32_t kVmStackLimit = 0;
inline constexpr int32_t kVmMemory0Base = 8;
inline constexpr int32_t kVmMemory0Size = 16;
inline constexpr int32_t kVmTable0Entries = 24;
inline constexpr int32_t kVmTable0Size = 32;
inline constexpr int32_t kVmFuel = 40;
inline constexpr int32_t kVmBuiltins = 48;
inline constexpr int32_t kVmStore = 56;
inline constexpr int32_t kVmFuncRefs = 64;
static_assert(offsetof(VmContext, stack_limit) == kVmStackLimit);
static_assert(offsetof(VmContext, memory0_base) == kVmMemory0Base);
static_assert(offsetof(VmContext, memory0_size) == kVmMemory0Size);
static_assert(offsetof(VmContext, table0_entries) == kVmTable0Entries);
static_assert(offsetof(VmContext, table0_size) == kVmTable0Size);
static_assert(offsetof(VmContext, fuel) == kVmFuel);
static_assert(offsetof(VmContext, builtins) == kVmBuiltins);
static_assert(offsetof(VmContext, store) == kVmStore);
static_assert(offsetof(VmContext, func_refs) == kVmFuncRefs);
static_assert(sizeof(VmContext) == 80);

/// What that register points to while a host function's thunk runs. To its caller it looks like a
/// VmContext: the base of memory 0 is null, the store is set, the rest is unused.
struct VmHostFunction {
  VmContext prefix;
  /// A C++ function that takes (VmHostFunction*, VmContext* caller, ...), the rest by the form of
  /// the thunk in `ref.code` (jit/x64/thunks.h). `caller` is the calling instance's context, null
  /// when C++ called.
  const void* call = nullptr;
  VmFuncRef ref;             // the function as a value
  void* function = nullptr;  // the runtime's HostFunction
};
inline constexpr int32_t kVmHostFunctionCall = 80;
static_assert(offsetof(VmHostFunction, prefix) == 0);
static_assert(offsetof(VmHostFunction, call) == kVmHostFunctionCall);

/// An imported function in the module part.
struct VmImportedFunc {
  const void* code = nullptr;
  VmContext* context = nullptr;
};

/// Memory 1.. or table 1.. in the module part: a mirror like memory0 and table0.
struct VmSpan {
  void* base = nullptr;
  uint64_t size = 0;  // bytes of a memory, elements of a table
};
inline constexpr int32_t kVmSpanSize = 8;
static_assert(offsetof(VmSpan, base) == 0 && offsetof(VmSpan, size) == kVmSpanSize);
static_assert(kVmMemory0Size == kVmMemory0Base + kVmSpanSize);
static_assert(kVmTable0Size == kVmTable0Entries + kVmSpanSize);

/// Where the module's own part of a VmContext lies: a pure function of the module, shared by
/// compiler, runtime and artifact loader. All offsets in bytes from the VmContext.
class VmContextLayout {
 public:
  explicit VmContextLayout(const ModuleInfo& module);

  int32_t imported_func(FuncIdx func) const {
    return imported_funcs_ + static_cast<int32_t>(to_underlying(func) * sizeof(VmImportedFunc));
  }
  /// A VmSpan; memory 0 and table 0 have their mirrors in the prefix instead (same {base, size}
  /// order).
  int32_t memory(MemoryIdx memory) const {
    return to_underlying(memory) == 0
               ? kVmMemory0Base
               : memories_ + static_cast<int32_t>((to_underlying(memory) - 1) * sizeof(VmSpan));
  }
  int32_t table(TableIdx table) const {
    return to_underlying(table) == 0
               ? kVmTable0Entries
               : tables_ + static_cast<int32_t>((to_underlying(table) - 1) * sizeof(VmSpan));
  }
  /// The value itself (8 bytes, v128: 16), or a pointer to it when global_is_indirect.
  int32_t global(GlobalIdx global) const { return globals_[to_underlying(global)]; }
  bool global_is_indirect(GlobalIdx global) const { return indirect_[to_underlying(global)]; }
  uint32_t size_bytes() const { return size_; }

 private:
  int32_t imported_funcs_ = 0;
  int32_t memories_ = 0;
  int32_t tables_ = 0;
  std::vector<int32_t> globals_;
  std::vector<bool> indirect_;  // imported mutable globals
  uint32_t size_ = 0;
};

}  // namespace swoop
