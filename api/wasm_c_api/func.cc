// Functions of wasm.h: calls of WebAssembly, and callbacks that it calls.
#include "api/wasm_c_api/collect.h"
#include "api/wasm_c_api/externals.h"
#include "api/wasm_c_api/store.h"
#include "api/wasm_c_api/trap.h"
#include "api/wasm_c_api/types.h"
#include "api/wasm_c_api/values.h"
#include "api/wasm_c_api/vector.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace swoop::wasm_c_api;

namespace swoop::wasm_c_api {
namespace {

/// The values of a call, without allocating for the usual numbers of them.
class CallValues {
 public:
  explicit CallValues(size_t size) : size_(size), data_(small()) {
    if (size > kSmall) data_ = static_cast<Value*>(std::malloc(size * sizeof(Value)));
  }
  ~CallValues() {
    if (data_ != small()) std::free(data_);
  }
  CallValues(const CallValues&) = delete;
  CallValues& operator=(const CallValues&) = delete;

  /// False: no memory.
  bool ok() const { return data_ != nullptr; }
  Value& operator[](size_t i) { return data_[i]; }
  std::span<Value> all() const { return {data_, size_}; }

 private:
  static constexpr size_t kSmall = 16;
  Value* small() { return reinterpret_cast<Value*>(small_); }

  size_t size_;
  Value* data_;
  alignas(Value) unsigned char small_[kSmall * sizeof(Value)];
};

/// What a host function of wasm.h is made of.
struct Callback {
  wasm_store_t* store;
  FuncType type;
  std::vector<wasm_valkind_t> result_kinds;
  wasm_func_callback_t plain = nullptr;
  wasm_func_callback_with_env_t with_env = nullptr;
  HostInfo env;

  Callback() = default;
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;
  ~Callback() { env.finalize(); }

  wasm_trap_t* call(const wasm_val_vec_t* args, wasm_val_vec_t* results) const {
    return plain != nullptr ? plain(args, results) : with_env(env.info, args, results);
  }
};

std::string mismatch(const char* what, size_t i, const TypeRegistry& types, ValType type) {
  return std::string(what) + " " + std::to_string(i) + " is not of type " + types.to_string(type) +
         ", or of another store";
}

/// Takes over the results of a callback that did not trap, whichever array they are in.
Completion take_results(const Callback& callback, wasm_val_vec_t& results,
                        std::span<Value> values) {
  const std::vector<ValType>& types = callback.type.results;
  Completion completion;
  if (results.size != types.size() || (results.size != 0 && results.data == nullptr)) {
    completion = Completion::trap("a callback returned " + std::to_string(results.size) +
                                  " results instead of " + std::to_string(types.size()));
  } else {
    for (size_t i = 0; i < types.size(); ++i) {
      if (to_value(*callback.store, results.data[i], types[i], values[i])) continue;
      completion =
          Completion::trap(mismatch("result", i, callback.store->store.engine().types(), types[i]) +
                           " of a callback");
      break;
    }
  }
  // The references were given to us, and WebAssembly has them now.
  wasm_val_vec_delete(&results);
  return completion;
}

HostResult run_callback(void* environment, Caller&, std::span<Value> values) {
  const Callback& callback = *static_cast<const Callback*>(environment);
  wasm_store_t& store = *callback.store;
  const std::vector<ValType>& params = callback.type.params;
  const size_t num_results = callback.type.results.size();
  const CallbackValues all(params.size() + num_results);
  if (all.data() == nullptr) return Completion::trap("out of memory: no memory for a callback");

  for (size_t i = 0; i < params.size(); ++i)
    all.data()[i] = from_value(store, values[i], params[i]);
  const wasm_val_vec_t args = {params.size(), params.empty() ? nullptr : all.data()};
  wasm_val_t* const own_results = num_results == 0 ? nullptr : all.data() + params.size();
  wasm_val_vec_t results = {num_results, own_results};
  for (size_t i = 0; i < num_results; ++i) {
    own_results[i].kind = callback.result_kinds[i];
  }
  wasm_trap_t* const trap = callback.call(&args, &results);

  Completion completion;
  if (trap == nullptr) {
    completion = take_results(callback, results, values);
  } else {
    completion = to_completion(store, trap);
    // An array of the callback's own may not be filled yet.
    if (CallbackValues::contains(results.data)) {
      wasm_val_vec_delete(&results);
    } else {
      std::free(results.data);
    }
  }
  for (size_t i = 0; i < params.size(); ++i) wasm_val_delete(&all.data()[i]);
  return completion;
}

wasm_func_t* make_func(wasm_store_t* store, const wasm_functype_t* type,
                       std::shared_ptr<Callback> callback) {
  if (store == nullptr || type == nullptr) return nullptr;
  if (callback->plain == nullptr && callback->with_env == nullptr) return nullptr;
  collect_if_due(*store);
  std::optional<FuncType> func_type = to_func_type(*type);
  if (!func_type) return nullptr;
  callback->store = store;
  callback->type = *std::move(func_type);
  for (size_t i = 0; i < type->results.size; ++i) {
    callback->result_kinds.push_back(type->results.data[i]->valkind);
  }
  const FuncType& kept_type = callback->type;
  const Result<Func> func = store->store.make_host_func(kept_type, run_callback, callback);
  return func.ok() ? new_handle(object_of(*store, func->ref())) : nullptr;
}

}  // namespace
}  // namespace swoop::wasm_c_api

wasm_func_t::wasm_func_t(wasm_store_t* s, const swoop::Func& f)
    : wasm_extern_t(kKind, s, true), func(f) {
  const swoop::TypeRegistry& types = s->store.engine().types();
  const auto has_kind = [&](swoop::ValType type) { return is_value_kind(kind_of(types, type)); };
  is_callable = std::ranges::all_of(f.type().params, has_kind) &&
                std::ranges::all_of(f.type().results, has_kind);
}

wasm_func_t* wasm_func_new(wasm_store_t* store, const wasm_functype_t* type,
                           wasm_func_callback_t body) {
  auto callback = std::make_shared<Callback>();
  callback->plain = body;
  return make_func(as<wasm_store_t>(store), as<wasm_functype_t>(type), std::move(callback));
}

wasm_func_t* wasm_func_new_with_env(wasm_store_t* store, const wasm_functype_t* type,
                                    wasm_func_callback_with_env_t body, void* env,
                                    void (*finalizer)(void*)) {
  auto callback = std::make_shared<Callback>();
  callback->with_env = body;
  callback->env = {env, finalizer};
  return make_func(as<wasm_store_t>(store), as<wasm_functype_t>(type), std::move(callback));
}

wasm_functype_t* wasm_func_type(const wasm_func_t* handle) {
  const wasm_func_t* const object = as<wasm_func_t>(handle);
  if (object == nullptr) return nullptr;
  return make_functype(object->store->store.engine().types(), object->func.type());
}

size_t wasm_func_param_arity(const wasm_func_t* handle) {
  const wasm_func_t* const object = as<wasm_func_t>(handle);
  return object == nullptr ? 0 : object->func.type().params.size();
}

size_t wasm_func_result_arity(const wasm_func_t* handle) {
  const wasm_func_t* const object = as<wasm_func_t>(handle);
  return object == nullptr ? 0 : object->func.type().results.size();
}

wasm_trap_t* wasm_func_call(const wasm_func_t* handle, const wasm_val_vec_t* args,
                            wasm_val_vec_t* results) {
  const wasm_func_t* const object = as<wasm_func_t>(handle);
  if (object == nullptr) return make_trap(nullptr, "what is called is not a function");
  wasm_store_t& store = *object->store;
  const Running running(store);
  const swoop::Func func = object->func;  // the object may be deleted by a callback
  const swoop::FuncType& type = func.type();
  const auto refuse = [&store](std::string why) { return make_trap(&store, std::move(why)); };

  const size_t num_args = args == nullptr || args->data == nullptr ? 0 : args->size;
  if (num_args != type.params.size()) {
    return refuse("called with " + std::to_string(num_args) + " arguments instead of " +
                  std::to_string(type.params.size()));
  }
  if (!object->is_callable) return refuse("a parameter or result has a type without a kind");
  CallValues values(func.num_values());
  if (!values.ok()) return refuse("out of memory: no memory for a call");
  for (size_t i = 0; i < num_args; ++i) {
    if (!to_value(store, args->data[i], type.params[i], values[i])) [[unlikely]] {
      return refuse(mismatch("argument", i, store.store.engine().types(), type.params[i]));
    }
  }

  swoop::Completion completion = func.invoke(values.all());
  if (!completion.returned()) [[unlikely]]
    return to_trap(store, std::move(completion));
  const size_t room = results == nullptr || results->data == nullptr ? 0 : results->size;
  for (size_t i = 0; i < std::min(room, type.results.size()); ++i) {
    results->data[i] = from_value(store, values[i], type.results[i]);
  }
  return nullptr;
}
