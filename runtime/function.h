// Functions as the embedder sees them: handles to call wasm, and functions of the host that wasm
// calls.
#pragma once

#include "base/check.h"
#include "platform/stack_limit.h"
#include "runtime/stop_token.h"
#include "runtime/thunk_cache.h"
#include "runtime/trap.h"
#include "vm/context.h"
#include "wasm/types.h"
#include "wasm/value.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace swoop {

class Instance;
class Memory;
class Store;

/// A function of a store, wasm or host. A cheap value, valid as long as the store.
class Func {
 public:
  /// Null; every other Func comes from a store.
  Func() = default;
  /// `ref` belongs to `store`.
  Func(Store& store, VmFuncRef* ref);

  explicit operator bool() const { return ref_ != nullptr; }
  Store& store() const { return *store_; }
  const FuncType& type() const { return *type_; }
  TypeId type_id() const { return TypeId(ref_->type_id); }
  /// The identity: equal for the same function however it was reached. Also its reference value.
  VmFuncRef* ref() const { return ref_; }
  friend bool operator==(const Func& a, const Func& b) { return a.ref_ == b.ref_; }

  /// How many values `invoke` needs: one for each parameter or each result, whichever are more.
  size_t num_values() const;

  /// Calls with the arguments in `values`, typed by `type()`; on return the results are there.
  /// Allocates nothing; a TypedFunc (runtime/typed_func.h) is faster still. Reference values belong
  /// to the same store. Spec: exec/modules#invocation.
  Completion invoke(std::span<Value> values) const;
  Completion invoke(std::span<Value> values, const CallOptions& options) const;

  /// The same with checked arity: a wrong number of arguments gives a trap of the host.
  CallResult call(std::span<const Value> arguments) const;

 private:
  Store* store_ = nullptr;
  VmFuncRef* ref_ = nullptr;
  const FuncType* type_ = nullptr;
  jit::ArrayEntryThunk entry_ = nullptr;  // null when there was no memory for it
};

/// Who called a host function.
class Caller {
 public:
  Caller(Store& store, Instance* instance) : store_(store), instance_(instance) {}

  Store& store() const { return store_; }
  /// Null when C++ called the host function directly.
  Instance* instance() const { return instance_; }
  /// The memory the calling instance exports under this name; null without one.
  Memory* memory(std::string_view name = "memory") const;
  /// As Store::charge.
  Completion charge(uint64_t amount) const;

 private:
  Store& store_;
  Instance* instance_;
};

/// The body of a host function: reads its arguments from the front of `values` and writes its
/// results there. Typed bodies, which are faster: runtime/typed_func.h.
using HostCallback = HostResult (*)(void* environment, Caller& caller, std::span<Value> values);
using HostClosure = std::function<HostResult(Caller& caller, std::span<Value> values)>;

/// What a store keeps for a host function.
struct HostFunction {
  void* environment = nullptr;  // directly before `vm`, where native code of an embedder looks
  VmHostFunction vm;
  Store* store = nullptr;
  std::shared_ptr<void> owned;  // the environment, if it lives as long as the store
  // Of the array form.
  HostCallback callback = nullptr;
  size_t num_values = 0;

  static HostFunction& of(VmHostFunction* vm) {
    DCHECK(platform::is_stack_aligned());
    return *static_cast<HostFunction*>(vm->function);
  }
  Caller called_by(VmContext* context) const {
    return {*store, context == nullptr ? nullptr : static_cast<Instance*>(context->instance)};
  }
};

}  // namespace swoop
