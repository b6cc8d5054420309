#include "runtime/function.h"

#include "base/check.h"
#include "runtime/engine.h"
#include "runtime/instance.h"
#include "runtime/store.h"

#include <algorithm>

namespace swoop {

Func::Func(Store& store, VmFuncRef* ref)
    : store_(&store), ref_(ref), type_(&store.engine().types().func_type(TypeId(ref->type_id))) {
  const Result<const void*> entry = store.engine().thunks().entry(*type_, jit::CallForm::array);
  if (entry.ok()) {
    entry_ = reinterpret_cast<jit::ArrayEntryThunk>(reinterpret_cast<uintptr_t>(*entry));
  }
}

size_t Func::num_values() const {
  return std::max(type_->params.size(), type_->results.size());
}

Completion Func::invoke(std::span<Value> values) const {
  CHECK(values.size() >= num_values());
  if (entry_ == nullptr) return Completion::trap("out of memory: no memory for a call thunk");
  if (store_->enter(entry_, ref_, values.data()).status != 0) [[unlikely]]
    return store_->take_failure();
  return {};
}

Completion Func::invoke(std::span<Value> values, const CallOptions& options) const {
  const CallScope scope(*store_, options);
  if (Completion refusal = store_->refusal(scope); !refusal.returned()) return refusal;
  return invoke(values);
}

CallResult Func::call(std::span<const Value> arguments) const {
  CallResult result;
  if (arguments.size() != type_->params.size()) {
    result.completion =
        Completion::trap("called with " + std::to_string(arguments.size()) +
                         " arguments instead of " + std::to_string(type_->params.size()));
    return result;
  }
  result.values.resize(num_values());
  std::copy(arguments.begin(), arguments.end(), result.values.begin());
  result.completion = invoke(result.values);
  result.values.resize(result.ok() ? type_->results.size() : 0);
  return result;
}

Memory* Caller::memory(std::string_view name) const {
  return instance_ == nullptr ? nullptr : instance_->memory(name);
}

Completion Caller::charge(uint64_t amount) const {
  return store_.charge(amount);
}

}  // namespace swoop
