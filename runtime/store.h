// A store owns everything that instances hold. Spec: exec/runtime#store.
//
// Safety: one thread at a time uses a store and all that belongs to it; it may move between threads
// from call to call. Pointers and Funcs it hands out are valid until it is destroyed, which must
// not happen while its wasm runs.
#pragma once

#include "platform/stack_limit.h"
#include "runtime/engine.h"
#include "runtime/extern.h"
#include "runtime/fuel.h"
#include "runtime/heap.h"
#include "runtime/host_object.h"
#include "runtime/instance.h"
#include "runtime/interruption.h"
#include "runtime/store_limits.h"
#include "runtime/trap.h"
#include "vm/context.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace swoop::platform {
class FaultInfo;
}

namespace swoop {

/// Where the stack limit of a store holds: on the thread, and for stack pointers in the range, for
/// which it was computed. Native calls compare with it before they enter wasm.
struct StackState {
  uintptr_t low;
  uintptr_t size;
  uintptr_t thread;  // platform::current_thread_tag()
};

class Store {
 public:
  /// `host_data` is the embedder's, to find its own store. `stack`, if not null, is where the
  /// StackState is kept; it outlives the store.
  explicit Store(std::shared_ptr<Engine> engine, const StoreLimits& limits = {},
                 void* host_data = nullptr, StackState* stack = nullptr);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  Engine& engine() const { return *engine_; }
  void* host_data() const { return host_data_; }
  /// Whether wasm of this store runs, or host code that it called.
  bool is_running() const { return vm_.entry_sp != nullptr; }
  const std::shared_ptr<Engine>& shared_engine() const { return engine_; }

  /// `imports` are those of the module, in order. Segments and the start function run before this
  /// returns. Errors (in the outcome): unlinkable when an import is missing, does not match or
  /// belongs to another store. Spec: exec/modules#instantiation.
  /// `options` hold for segments and the start function.
  Instantiation instantiate(std::shared_ptr<const Module> module, std::span<const Extern> imports,
                            const CallOptions& options = {});

  /// A function of the host. `environment` outlives the store. Errors: out_of_memory,
  /// limit_exceeded (types).
  Result<Func> make_host_func(const FuncType& type, HostCallback callback, void* environment);
  /// The same with an environment that the store keeps.
  Result<Func> make_host_func(const FuncType& type, HostCallback callback,
                              std::shared_ptr<void> environment);
  Result<Func> make_host_func(const FuncType& type, HostClosure closure);
  /// `code` is a C++ function of the native form (jit/thunks.h) for this type, which finds
  /// `environment` in its HostFunction: what make_func of runtime/typed_func.h makes.
  Result<Func> make_native_func(const FuncType& type, const void* code,
                                std::shared_ptr<void> environment);

  /// Errors: limit_exceeded, out_of_memory.
  Result<Memory*> make_memory(const MemoryType& type);
  Result<Table*> make_table(const TableType& type, uint64_t init);
  Global* make_global(const GlobalType& type, const Value& value);
  Tag* make_tag(const TagType& type);
  /// An exception for a host function to throw; `values` by the parameters of the tag's type.
  /// Errors: limit_exceeded, out_of_memory. Spec: appendix/embedding#embed-exn-alloc.
  Result<Exception> make_exception(const Tag& tag, std::span<const Value> values);

  /// An object of the host as an externref for wasm of this store, which keeps a reference to it
  /// until the store ends. Identity is preserved: the same object gives the same word.
  Value retain_host_object(HostObject& object) { return host_objects_.retain(object); }
  /// The object behind a reference that wasm gave; null for any other value. Valid as long as the
  /// store.
  HostObject* find_host_object(const Value& reference) const {
    return host_objects_.find(reference.low);
  }

  /// Structs, arrays and exceptions of the store's instances.
  Heap& heap() { return heap_; }

  /// A function reference as a value, or null for 0.
  Func func(VmFuncRef* ref) { return ref == nullptr ? Func() : Func(*this, ref); }

  /// What ends calls from outside. Host functions that take long look at is_stopped(), and then
  /// answer with a trap; those that wait use waits().
  Interruption& interruption() { return interruption_; }

  /// What the store's wasm may still use, if the engine's code counts (jit::Target::fuel): 2^64 - 1
  /// to begin with. Within a call that has a budget of its own, what is left of that. False, and no
  /// effect, if code does not count.
  [[nodiscard]] bool set_fuel(uint64_t amount);
  /// Exact between calls and in host functions (docs/RATIONALE.md): 0 after a trap for want of it.
  /// Nothing if code does not count.
  std::optional<uint64_t> fuel() const;
  /// For host functions that cost something, too; they pass on what it answers: a trap if there is
  /// less. Without effect if code does not count.
  Completion charge(uint64_t amount);
  Fuel& fuel_meter() { return fuel_; }

  // For what calls thunks by itself (runtime/typed_func.h).
  /// Why a native host function fails; returns the status it must answer with.
  uint64_t fail_host_call(HostResult reason);
  /// Why the last call had a status.
  Completion take_failure() {
    if (pending_.returned()) return Completion::trap("a host function failed without a reason");
    return std::exchange(pending_, Completion());
  }

  /// What the engine's thunks call when a trap is certain.
  static jit::TrapCallbacks trap_callbacks();

 private:
  friend class Collection;
  friend class Func;
  template <class Signature>
  friend class TypedFunc;
  template <class Body, bool kTakesCaller, class R, class... A>
  friend struct TypedHostCode;
  friend class Instance;
  friend bool decide_fault(platform::FaultInfo& fault);

  // The registers at a fault, copied by the signal handler.
  struct FaultRecord {
    uint8_t signal;  // platform::FaultSignal
    uintptr_t pc;
    uintptr_t fp;
    const VmContext* context;
    uint64_t registers[16];
  };

  // Makes the stack limit right as long as it lives.
  class StackScope {
   public:
    explicit StackScope(Store& store);
    ~StackScope();
    StackScope(const StackScope&) = delete;
    StackScope& operator=(const StackScope&) = delete;
    bool has_room() const { return has_room_; }

   private:
    Store& store_;
    bool has_room_ = true;
    bool is_other_stack_ = false;
    StackState outer_;  // these when is_other_stack_
    uint64_t outer_limit_;
  };

  // Whether the stack limit is right and the stack has room, as in nearly every call.
  bool has_stack_limit() const {
    const auto sp = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    return sp - stack_->low < stack_->size && stack_->thread == platform::current_thread_tag();
  }
  void prepare_stack(uintptr_t sp);

  // Calls an entry thunk. If the NativeResult has a status, the reason is in pending_.
  template <class Answer, class... A>
  Answer enter(Answer (*thunk)(A...), A... arguments) {
    if (has_stack_limit()) [[likely]]
      return thunk(arguments...);
    return enter_elsewhere(thunk, arguments...);
  }
  template <class Answer, class... A>
  [[gnu::noinline]] Answer enter_elsewhere(Answer (*thunk)(A...), A... arguments) {
    const StackScope scope(*this);
    if (scope.has_room()) return thunk(arguments...);
    Answer refused = {};
    refused.status = refuse_call();
    return refused;
  }
  // Why a call with options must not begin; it has returned if it may.
  Completion refusal(const CallScope& scope);
  // For a call that the stack has no room for; returns the status.
  uint64_t refuse_call();

  Result<HostFunction*> add_host_function(const FuncType& type, jit::CallForm form,
                                          const void* code);
  Global* make_global(const GlobalType& type, void* cell);
  Result<Memory*> make_memory(const MemoryType& type, const MemoryImage* image);
  bool is_guard_address(uintptr_t address) const;

  static void on_fault(VmStore* vm);
  static uint64_t on_raise(VmStore* vm, uint64_t code, uint64_t value,
                           jit::UnwindRegisters* registers);
  bool find_handler(VmException& exception, jit::UnwindRegisters& registers);
  Exception uncaught(VmException& exception) const;
  static NativeResult<void> call_host(VmHostFunction* vm, VmContext* caller, Value* values);
  TrapCode trap_code_of_fault() const;
  const jit::host_isa::EntryFrame* innermost_entry() const {
    return static_cast<const jit::host_isa::EntryFrame*>(vm_.entry_sp);
  }
  // `context` is that of the first frame, null where only the frame knows.
  void capture_backtrace(CallFailure& failure, uintptr_t pc, const VmFrame* frame, bool is_fault,
                         const VmContext* context) const;
  // From the wasm that called out to the running C++.
  void capture_backtrace_of_caller(CallFailure& failure, const VmContext* context = nullptr) const {
    const VmFrame& exit = *innermost_entry()->exit;
    capture_backtrace(failure, exit.return_pc(), exit.caller, false, context);
  }

  // A limit that was hit may have been raised to end the call.
  TrapCode reason_of(TrapCode code) const;

  std::shared_ptr<Engine> engine_;
  HostObjects host_objects_;  // ends after all that may refer to one
  void* const host_data_;
  VmStore vm_;
  Interruption interruption_;
  Fuel fuel_;
  Interruption::Limit vm_limit_{&vm_.stack_limit};
  FaultRecord fault_ = {};
  Completion pending_;  // why the innermost call is being unwound

  StackState own_stack_ = {};
  StackState* const stack_;

  Heap heap_;
  StoreBudget budget_;
  std::shared_ptr<const void> identity_;  // of snapshots that hold references of this store
  std::vector<std::unique_ptr<HostFunction>> host_functions_;
  std::vector<std::unique_ptr<Global>> globals_;
  std::vector<std::unique_ptr<Tag>> tags_;
  std::vector<std::unique_ptr<Memory>> memories_;
  std::vector<std::unique_ptr<Table>> tables_;
  std::vector<std::unique_ptr<Instance>> instances_;
};

}  // namespace swoop
