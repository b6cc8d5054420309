// Functions of the C ABI: calls of wasm, and host functions.
//
// Safety: native code is only handed out for exactly the type that was asked for. Noticed by
// tests/api/call_test.cc.
#include "api/store.h"
#include "base/check.h"
#include "jit/thunks.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace swoop::api {
namespace {

/// Room for values, on the stack for those of the usual signatures.
template <class T>
class Room {
 public:
  explicit Room(size_t count) : size_(count) {
    if (count > few_.size()) many_.resize(count);
  }
  std::span<T> span() { return {many_.empty() ? few_.data() : many_.data(), size_}; }

 private:
  size_t size_;
  std::array<T, 8> few_;
  std::vector<T> many_;
};

/// The array form of a host function: values are converted, and the callback is called.
Completion call_back(void* environment, Caller& caller, std::span<Value> values) {
  const HostDefinition& definition = *static_cast<const HostDefinition*>(environment);
  const FuncType& type = definition.type;
  StoreBox& store = *static_cast<StoreBox*>(caller.store().host_data());
  Room<swoop_value_t> room(type.params.size() + type.results.size());
  const std::span<swoop_value_t> arguments = room.span().first(type.params.size());
  const std::span<swoop_value_t> results = room.span().subspan(type.params.size());
  for (size_t i = 0; i < arguments.size(); ++i)
    arguments[i] = store.from_value(values[i], type.params[i]);
  std::ranges::fill(results, swoop_value_t{});

  CallerObject called_by{&store, caller.instance()};
  swoop_error_t* const error = definition.callback(
      definition.environment.data(), reinterpret_cast<swoop_caller_t*>(&called_by),
      arguments.data(), arguments.size(), results.data(), results.size());
  for (const swoop_value_t& argument : arguments) {
    if (argument.kind == SWOOP_EXTERNREF) swoop_release(argument.of.object);
  }
  if (error != nullptr) return completion_of(error, store.number());
  std::optional<std::string> wrong;
  for (size_t i = 0; i < results.size(); ++i) {
    if (!wrong) wrong = store.to_value(results[i], type.results[i], values[i]);
    if (results[i].kind == SWOOP_EXTERNREF) swoop_release(results[i].of.object);
  }
  if (wrong) return Completion::trap("result of a host function: " + *wrong);
  return {};
}

bool has_native_form(const FuncType& type) {
  const auto is_native = [](ValType t) { return t.kind() != ValType::Kind::v128; };
  return std::ranges::all_of(type.params, is_native) &&
         std::ranges::all_of(type.results, is_native);
}

swoop_error_t* no_native_form() {
  return make_error(SWOOP_ERROR_UNSUPPORTED, "function: its type has no native form");
}

}  // namespace

swoop_error_t* HostDefinition::set_type(const swoop_func_type_t* wanted) {
  if (native == nullptr && callback == nullptr) return misuse("function: no code");
  Result<FuncType> translated = func_type_of(wanted);
  if (!translated) return make_error(translated.error());
  if (native != nullptr && !has_native_form(*translated)) return no_native_form();
  type = std::move(translated).value();
  return nullptr;
}

Result<Func> StoreBox::make_func(const std::shared_ptr<HostDefinition>& definition) {
  const auto known = host_funcs_.find(definition.get());
  if (known != host_funcs_.end()) return known->second;
  const FuncType& type = definition->type;
  // An alias: the store keeps the definition, native code finds its environment.
  const Func func = definition->native != nullptr
                        ? TRY(store_->make_native_func(
                              type, reinterpret_cast<const void*>(definition->native),
                              std::shared_ptr<void>(definition, definition->environment.data())))
                        : TRY(store_->make_host_func(type, call_back, definition));
  host_funcs_.emplace(definition.get(), func);
  return func;
}

}  // namespace swoop::api

using namespace swoop;
using namespace swoop::api;

namespace {

swoop_error_t* make_func(swoop_store_t* store, const swoop_func_type_t* type, void (*native)(void),
                         swoop_callback_t callback, void* environment, void (*drop)(void*),
                         swoop_func_t* func) {
  // From here on `drop` is called, whatever happens.
  auto definition = std::shared_ptr<HostDefinition>(
      new HostDefinition{{}, native, callback, {environment, drop}});
  const Borrowed<StoreBox> in(store);
  if (!in) return misuse("function: not a store");
  if (swoop_error_t* const wrong = definition->set_type(type)) return wrong;
  const Result<Func> made = in->make_func(definition);
  if (!made) return make_error(made.error());
  *func = in->name(*made);
  return nullptr;
}

HostFunction& host_function_of(swoop_native_self_t* self) {
  return HostFunction::of(reinterpret_cast<VmHostFunction*>(self));
}

Instance* instance_of(void* caller) {
  return caller == nullptr ? nullptr
                           : static_cast<Instance*>(static_cast<VmContext*>(caller)->instance);
}

bool memory_of(const Instance* instance, uint8_t** data, uint64_t* size) {
  if (instance == nullptr || instance->module().info().memories.empty()) return false;
  const Memory& memory = instance->memory(MemoryIdx(0));
  *data = memory.data();
  *size = memory.size_bytes();
  return true;
}

}  // namespace

swoop_error_t* swoop_func_call(swoop_func_t func, const swoop_call_options_t* options,
                               const swoop_value_t* arguments, size_t num_arguments,
                               swoop_value_t* results, size_t num_results) {
  const FuncThing callee(func);
  if (!callee) return misuse("call: the function is of no store, or that is gone");
  const FuncType& type = callee->type();
  if (num_arguments != type.params.size() || num_results != type.results.size()) {
    return make_error(SWOOP_ERROR_TYPE_MISMATCH,
                      "call: " + std::to_string(num_arguments) + " arguments and " +
                          std::to_string(num_results) + " results instead of " +
                          std::to_string(type.params.size()) + " and " +
                          std::to_string(type.results.size()));
  }
  StoreBox& store = callee.store();
  Room<Value> room(callee->num_values());
  const std::span<Value> values = room.span();
  for (size_t i = 0; i < num_arguments; ++i) {
    if (const auto wrong = store.to_value(arguments[i], type.params[i], values[i])) {
      return make_error(SWOOP_ERROR_TYPE_MISMATCH,
                        "call: argument " + std::to_string(i + 1) + ": " + *wrong);
    }
  }
  const auto failed = [&](Completion completion) {
    return make_error(std::move(completion), store.number());
  };
  if (options == nullptr) {
    if (Completion completion = callee->invoke(values); !completion)
      return failed(std::move(completion));
  } else {
    const Result<CallOptions> limits = call_options_of(options, store.store());
    if (!limits) return misuse(limits.error().message);
    if (Completion completion = callee->invoke(values, *limits); !completion)
      return failed(std::move(completion));
  }
  for (size_t i = 0; i < num_results; ++i)
    results[i] = store.from_value(values[i], type.results[i]);
  return nullptr;
}

swoop_func_type_t swoop_func_type(swoop_func_t func) {
  const FuncThing callee(func);
  return callee ? callee.store().lend_type(*callee) : swoop_func_type_t{};
}

swoop_error_t* swoop_func_new(swoop_store_t* store, const swoop_func_type_t* type,
                              swoop_callback_t callback, void* environment, void (*drop)(void*),
                              swoop_func_t* func) {
  return make_func(store, type, nullptr, callback, environment, drop, func);
}

swoop_error_t* swoop_func_new_native(swoop_store_t* store, const swoop_func_type_t* type,
                                     void (*code)(void), void* environment, void (*drop)(void*),
                                     swoop_func_t* func) {
  return make_func(store, type, code, nullptr, environment, drop, func);
}

swoop_error_t* swoop_func_native(swoop_func_t func, const swoop_func_type_t* type,
                                 swoop_native_func_t* native) {
  const FuncThing callee(func);
  if (!callee) return misuse("function: of no store, or that is gone");
  const Result<FuncType> wanted = func_type_of(type);
  if (!wanted) return make_error(wanted.error());
  Engine& engine = callee.store().store().engine();
  if (!(*wanted == callee->type())) {
    return make_error(SWOOP_ERROR_TYPE_MISMATCH, "the function is " +
                                                     describe(engine.types(), callee->type()) +
                                                     ", not " + describe(engine.types(), *wanted));
  }
  if (!has_native_form(*wanted)) return no_native_form();
  const Result<const void*> thunk = engine.thunks().entry(*wanted, jit::CallForm::native);
  if (!thunk) return make_error(thunk.error());
  const swoop_call_gate_t& gate = slot_of(func.store).gate;
  *native = {reinterpret_cast<void (*)()>(reinterpret_cast<uintptr_t>(*thunk)), callee->ref(),
             &gate, gate.generation};
  return nullptr;
}

swoop_error_t* swoop_take_error(swoop_func_t func) {
  const Borrowed<StoreBox> borrowed(func.store);
  StoreBox* store = borrowed.get();
  if (store == nullptr)  // the call may have dropped it
    store = static_cast<StoreBox*>(find_in_use(func.store, HandleKind::store));
  if (store == nullptr) return misuse("take_error: not a function of a store");
  return make_error(store->store().take_failure(), store->number());
}

swoop_caller_t* swoop_native_caller(swoop_native_self_t* self, void* caller,
                                    swoop_caller_space_t* space) {
  static_assert(sizeof(CallerObject) <= sizeof(swoop_caller_space_t));
  auto* const store = static_cast<StoreBox*>(host_function_of(self).store->host_data());
  return reinterpret_cast<swoop_caller_t*>(new (space) CallerObject{store, instance_of(caller)});
}

bool swoop_native_memory(swoop_native_self_t*, void* caller, uint8_t** data, uint64_t* size) {
  return memory_of(instance_of(caller), data, size);
}

uint64_t swoop_native_store(swoop_native_self_t* self) {
  return static_cast<StoreBox*>(host_function_of(self).store->host_data())->number();
}

uint64_t swoop_native_fail(swoop_native_self_t* self, swoop_error_t* error) {
  Store& store = *host_function_of(self).store;
  const uint64_t number = static_cast<StoreBox*>(store.host_data())->number();
  return store.fail_host_call(completion_of(error, number));
}

swoop_store_t* swoop_caller_store(swoop_caller_t* caller) {
  const uint64_t number = caller_of(caller).store->number();
  return retain_handle(number) ? to_handle<swoop_store_t>(number) : nullptr;
}

void* swoop_caller_data(swoop_caller_t* caller) {
  return caller_of(caller).store->data();
}

bool swoop_caller_instance(swoop_caller_t* caller, swoop_instance_t* instance) {
  const CallerObject& called_by = caller_of(caller);
  if (called_by.instance == nullptr) return false;
  *instance = called_by.store->name(*called_by.instance);
  return true;
}

bool swoop_caller_memory(swoop_caller_t* caller, uint8_t** data, uint64_t* size) {
  return memory_of(caller_of(caller).instance, data, size);
}

bool swoop_caller_is_stopped(swoop_caller_t* caller) {
  return caller_of(caller).store->store().interruption().is_stopped();
}

bool swoop_caller_can_be_stopped(swoop_caller_t* caller) {
  return caller_of(caller).store->store().interruption().is_attached();
}

int swoop_caller_stop_descriptor(swoop_caller_t* caller) {
  platform::InterruptFlag* const waits = caller_of(caller).store->store().interruption().waits();
  return waits == nullptr ? -1 : waits->descriptor();
}

swoop_func_t swoop_native_func_name(uint64_t store, uint64_t id) {
  const Borrowed<StoreBox> of(store);
  if (!of || id == 0) return {};
  return of->name(of->store().func(reinterpret_cast<VmFuncRef*>(static_cast<uintptr_t>(id))));
}
