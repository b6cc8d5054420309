// Stores of the C ABI, and what is in them.
//
// Safety: an id is the address of a thing in the store, and is only believed if the store has given
// it out. Noticed by tests/api/store_test.cc.
#pragma once

#include "api/engine.h"
#include "api/error.h"
#include "api/handle.h"
#include "api/object.h"
#include "runtime/stop_token.h"
#include "runtime/store.h"

#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace swoop::api {

class StopTokenObject final : public Shared {
 public:
  static constexpr HandleKind kKind = HandleKind::stop_token;
  const StopToken& token() const { return token_; }

 private:
  StopToken token_;
};

/// What an embedder gave with `drop`, until nobody needs it.
class Environment {
 public:
  Environment(void* data, void (*drop)(void*)) : data_(data), drop_(drop) {}
  ~Environment() {
    if (drop_ != nullptr) drop_(data_);
  }
  Environment(Environment&& other) noexcept
      : data_(other.data_), drop_(std::exchange(other.drop_, nullptr)) {}
  Environment& operator=(Environment&&) = delete;
  void* data() const { return data_; }

 private:
  void* data_;
  void (*drop_)(void*);
};

/// A host function of no store.
struct HostDefinition {
  FuncType type;
  void (*native)(void) = nullptr;  // or else `callback`
  swoop_callback_t callback = nullptr;
  Environment environment;

  /// Errors: misuse without code; unsupported for types that its code cannot have.
  swoop_error_t* set_type(const swoop_func_type_t* wanted);
};

class StoreBox final : public Shared {
 public:
  static constexpr HandleKind kKind = HandleKind::store;

  StoreBox(std::shared_ptr<Engine> engine, const StoreLimits& limits, Environment data);
  ~StoreBox() override;
  /// Once the handle is known.
  void open(uint64_t number);

  Store& store() { return *store_; }
  uint64_t number() const { return number_; }
  void* data() const { return data_.data(); }
  bool can_be_destroyed() const override { return store_ == nullptr || !store_->is_running(); }

  // --- Things, as the embedder names them
  swoop_func_t name(const Func& func);
  swoop_table_t name(Table& table) { return {number_, remember(&table, ExternKind::table)}; }
  swoop_memory_t name(Memory& memory) { return {number_, remember(&memory, ExternKind::memory)}; }
  swoop_global_t name(Global& global) { return {number_, remember(&global, ExternKind::global)}; }
  swoop_tag_t name(Tag& tag) { return {number_, remember(&tag, ExternKind::tag)}; }
  swoop_instance_t name(Instance& instance) { return {number_, remember(&instance, kInstance)}; }
  swoop_extern_t name(const Extern& value);

  /// Null for what this store has not named.
  const Func* find(swoop_func_t func) const;
  Table* find(swoop_table_t table) const { return known<Table>(table.id, ExternKind::table); }
  Memory* find(swoop_memory_t memory) const { return known<Memory>(memory.id, ExternKind::memory); }
  Global* find(swoop_global_t global) const { return known<Global>(global.id, ExternKind::global); }
  Tag* find(swoop_tag_t tag) const { return known<Tag>(tag.id, ExternKind::tag); }
  Instance* find(swoop_instance_t instance) const {
    return known<Instance>(instance.id, kInstance);
  }
  std::optional<Extern> find(const swoop_extern_t& value) const;

  /// The types of functions that were asked for.
  swoop_func_type_t lend_type(const Func& func);

  // --- Values
  /// Why the value is not of this type; nothing if it is. References of other stores are not.
  std::optional<std::string> to_value(const swoop_value_t& from, ValType type, Value& to);
  swoop_value_t from_value(const Value& from, ValType type);
  uint64_t word_of(swoop_object_t* object);

  /// The function of this definition, made when it is first needed.
  Result<Func> make_func(const std::shared_ptr<HostDefinition>& definition);

 private:
  static constexpr ExternKind kInstance = ExternKind(200);

  uint64_t remember(void* thing, ExternKind kind) {
    things_.emplace(thing, kind);
    return reinterpret_cast<uintptr_t>(thing);
  }
  template <class T>
  T* known(uint64_t id, ExternKind kind) const {
    const auto found = things_.find(reinterpret_cast<void*>(static_cast<uintptr_t>(id)));
    return found != things_.end() && found->second == kind ? static_cast<T*>(found->first)
                                                           : nullptr;
  }

  uint64_t number_ = 0;
  Environment data_;
  std::shared_ptr<Engine> engine_;
  StoreLimits limits_;
  std::unique_ptr<Store> store_;
  std::unordered_map<void*, ExternKind> things_;
  std::unordered_map<uint64_t, Func> funcs_;  // by id
  std::unordered_map<const HostDefinition*, Func> host_funcs_;
  std::unordered_map<const FuncType*, LentFuncType> func_types_;
  std::unordered_set<uint64_t> objects_;  // handles of those that wasm has got
};

/// A thing, with its store kept alive; null if the thing is not of a living store.
template <class T, class Name>
class Thing {
 public:
  explicit Thing(const Name& name) : store_(name.store) {
    if (store_) thing_ = store_->find(name);
  }
  explicit operator bool() const { return thing_ != nullptr; }
  StoreBox& store() const { return *store_; }
  auto& operator*() const { return *thing_; }
  auto* operator->() const { return thing_; }

 private:
  Borrowed<StoreBox> store_;
  T* thing_ = nullptr;
};
using FuncThing = Thing<const Func, swoop_func_t>;
using TableThing = Thing<Table, swoop_table_t>;
using MemoryThing = Thing<Memory, swoop_memory_t>;
using GlobalThing = Thing<Global, swoop_global_t>;
using InstanceThing = Thing<Instance, swoop_instance_t>;

/// Options of a call into the store. The message of a misuse, if there is one, is in the result.
Result<CallOptions> call_options_of(const swoop_call_options_t* options, const Store& store);

/// Who called a host function.
struct CallerObject {
  StoreBox* store;
  Instance* instance;
};
inline CallerObject& caller_of(swoop_caller_t* caller) {
  return *reinterpret_cast<CallerObject*>(caller);
}

}  // namespace swoop::api
