// A store owns everything that instances hold. Spec: exec/runtime#store.
//
// Safety: one thread at a time uses a store and all that belongs to it; it may move between threads
// from call to call. Pointers and Funcs it hands out are valid until it is destroyed, which must
// not happen while its wasm runs.
#pragma once

#include "runtime/engine.h"
#include "runtime/extern.h"
#include "runtime/heap.h"
#include "runtime/instance.h"
#include "runtime/trap.h"
#include "vm/context.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace swoop::platform {
class FaultInfo;
}

namespace swoop {

class Store {
 public:
  explicit Store(std::shared_ptr<Engine> engine);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  Engine& engine() const { return *engine_; }

  /// `imports` are those of the module, in order. Segments and the start function run before this
  /// returns. Errors (in the outcome): unlinkable when an import is missing, does not match or
  /// belongs to another store. Spec: exec/modules#instantiation.
  Instantiation instantiate(std::shared_ptr<const Module> module, std::span<const Extern> imports);

  /// A function of the host. `environment` outlives the store. Errors: out_of_memory,
  /// limit_exceeded (types).
  Result<Func> make_host_func(const FuncType& type, HostCallback callback, void* environment);
  Result<Func> make_host_func(const FuncType& type, HostClosure closure);

  /// Errors: limit_exceeded, out_of_memory.
  Result<Memory*> make_memory(const MemoryType& type);
  Result<Table*> make_table(const TableType& type, uint64_t init);
  Global* make_global(const GlobalType& type, const Value& value);
  Tag* make_tag(const TagType& type);
  /// An exception for a host function to throw; `values` by the parameters of the tag's type.
  /// Errors: limit_exceeded, out_of_memory. Spec: appendix/embedding#embed-exn-alloc.
  Result<Exception> make_exception(const Tag& tag, std::span<const Value> values);

  /// Structs, arrays and exceptions of the store's instances.
  Heap& heap() { return heap_; }

  /// A function reference as a value, or null for 0.
  Func func(VmFuncRef* ref) { return ref == nullptr ? Func() : Func(*this, ref); }

  /// What the engine's thunks call when a trap is certain.
  static host_isa::TrapCallbacks trap_callbacks();

 private:
  friend class Func;
  friend class Instance;
  friend bool decide_fault(platform::FaultInfo& fault);

  // The registers at a fault, copied by the signal handler.
  struct FaultRecord {
    uint8_t signal;  // platform::FaultSignal
    uintptr_t pc;
    uintptr_t fp;
    uint64_t registers[16];
  };

  Completion enter(host_isa::EntryThunk thunk, const VmFuncRef& callee, Value* values);
  Completion enter_on_other_stack(host_isa::EntryThunk thunk, const VmFuncRef& callee,
                                  Value* values);
  Completion enter_here(host_isa::EntryThunk thunk, const VmFuncRef& callee, Value* values);
  void prepare_stack();
  void set_stack_limit(uint64_t limit);
  Global* make_global(const GlobalType& type, void* cell);
  Result<Memory*> make_memory(const MemoryType& type, const MemoryImage* image);
  bool is_guard_address(uintptr_t address) const;

  static void on_fault(VmStore* vm);
  static uint64_t on_raise(VmStore* vm, uint64_t code, uint64_t value,
                           host_isa::UnwindRegisters* registers);
  bool find_handler(VmException& exception, host_isa::UnwindRegisters& registers);
  Exception uncaught(VmException& exception) const;
  static uint64_t call_host(VmHostFunction* vm, VmContext* caller, Value* values);
  TrapCode trap_code_of_fault() const;
  void capture_backtrace(CallFailure& failure, uintptr_t pc, uintptr_t fp, bool is_fault) const;

  std::shared_ptr<Engine> engine_;
  VmStore vm_;
  FaultRecord fault_ = {};
  Completion pending_;  // why the innermost call is being unwound

  // For which stack, and about where on it, vm_.stack_limit was computed.
  struct StackState {
    uintptr_t block = 0;
    uintptr_t thread = 0;  // platform::current_thread_tag()
  };
  StackState stack_;

  Heap heap_;
  TableBudget table_budget_;
  std::vector<VmContext*> contexts_;
  std::vector<std::unique_ptr<HostFunction>> host_functions_;
  std::vector<std::unique_ptr<Global>> globals_;
  std::vector<std::unique_ptr<Tag>> tags_;
  std::vector<std::unique_ptr<Memory>> memories_;
  std::vector<std::unique_ptr<Table>> tables_;
  std::vector<std::unique_ptr<Instance>> instances_;
};

}  // namespace swoop
