// Imports, linking, instances and their exports.
#pragma once

#include <swoop/host.hh>

namespace swoop {
inline namespace SWOOP_NAMESPACE {

/// A table of a store. A cheap value.
class Table {
 public:
  explicit Table(swoop_table_t raw) noexcept : raw_(raw) {}
  /// With the current size as minimum.
  TableType type() const { return detail::type_of(swoop_table_type(raw_)); }
  /// In elements.
  std::uint64_t size() const noexcept { return swoop_table_size(raw_); }
  /// Errors: a trap, table_out_of_bounds.
  Result<Value> get(std::uint64_t index) const {
    swoop_value_t raw;
    if (swoop_error_t* const error = swoop_table_get(raw_, index, &raw)) return Error(error);
    return detail::take_value(raw);
  }
  /// The same of a table of functions. Errors: type_mismatch besides.
  Result<Func> func(std::uint64_t index) const {
    const Result<Value> value = get(index);
    if (!value) return value.error();
    const Func* const func = std::get_if<Func>(&*value);
    if (func == nullptr) return Error(ErrorKind::type_mismatch, "the table holds no functions");
    return *func;
  }
  /// Errors: a trap, table_out_of_bounds; type_mismatch.
  Result<> set(std::uint64_t index, const Value& value) const {
    const swoop_value_t raw = detail::raw_value(value);
    return detail::result_of(swoop_table_set(raw_, index, &raw));
  }
  /// The previous size. Errors: limit_exceeded, type_mismatch.
  Result<std::uint64_t> grow(std::uint64_t delta, const Value& init) const {
    const swoop_value_t raw = detail::raw_value(init);
    std::uint64_t previous = 0;
    if (swoop_error_t* const error = swoop_table_grow(raw_, delta, &raw, &previous))
      return Error(error);
    return previous;
  }
  swoop_table_t raw() const noexcept { return raw_; }

 private:
  swoop_table_t raw_;
};

/// A global of a store. A cheap value.
class Global {
 public:
  explicit Global(swoop_global_t raw) noexcept : raw_(raw) {}
  /// The type of its value, and whether that can change.
  GlobalType type() const { return detail::type_of(swoop_global_type(raw_)); }
  /// Errors: misuse when the store is gone.
  Result<Value> get() const {
    swoop_value_t raw;
    if (swoop_error_t* const error = swoop_global_get(raw_, &raw)) return Error(error);
    return detail::take_value(raw);
  }
  /// Errors: type_mismatch.
  template <class T>
  Result<T> as() const {
    const Result<Value> value = get();
    if (!value) return value.error();
    const T* const held = std::get_if<T>(&*value);
    if (held == nullptr) return Error(ErrorKind::type_mismatch, "the global is of another type");
    return *held;
  }
  /// Errors: type_mismatch, also for an immutable global.
  Result<> set(const Value& value) const {
    const swoop_value_t raw = detail::raw_value(value);
    return detail::result_of(swoop_global_set(raw_, &raw));
  }
  swoop_global_t raw() const noexcept { return raw_; }

 private:
  swoop_global_t raw_;
};

/// A tag of a store: to be imported by other modules.
class Tag {
 public:
  explicit Tag(swoop_tag_t raw) noexcept : raw_(raw) {}
  swoop_tag_t raw() const noexcept { return raw_; }

 private:
  swoop_tag_t raw_;
};

/// What is imported or exported.
using Extern = std::variant<Func, Table, Memory, Global, Tag>;

/// A memory of the host. Errors: limit_exceeded, out_of_memory, type_mismatch, unsupported.
inline Result<Memory> make_memory(const Store& store, const MemoryType& type) {
  const swoop_memory_type_t raw = {detail::raw_limits(type.pages), type.shared, type.memory64, 16};
  swoop_memory_t memory;
  if (swoop_error_t* const error = swoop_memory_new(store.raw(), &raw, &memory))
    return Error(error);
  return Memory(memory);
}
/// A table of the host whose elements are `init`. Errors: the same.
inline Result<Table> make_table(const Store& store, const TableType& type, const Value& init) {
  const swoop_table_type_t raw = {static_cast<swoop_val_kind_t>(type.element),
                                  detail::raw_limits(type.elements), false};
  const swoop_value_t value = detail::raw_value(init);
  swoop_table_t table;
  if (swoop_error_t* const error = swoop_table_new(store.raw(), &raw, &value, &table))
    return Error(error);
  return Table(table);
}
/// A global of the host. Errors: type_mismatch.
inline Result<Global> make_global(const Store& store, const GlobalType& type, const Value& value) {
  const swoop_global_type_t raw = {static_cast<swoop_val_kind_t>(type.value), type.is_mutable};
  const swoop_value_t init = detail::raw_value(value);
  swoop_global_t global;
  if (swoop_error_t* const error = swoop_global_new(store.raw(), &raw, &init, &global))
    return Error(error);
  return Global(global);
}

namespace detail {

inline Extern extern_of(const swoop_extern_t& raw) {
  switch (raw.kind) {
    case SWOOP_FUNC: return Func(raw.of.func);
    case SWOOP_TABLE: return Table(raw.of.table);
    case SWOOP_MEMORY: return Memory(raw.of.memory);
    case SWOOP_GLOBAL: return Global(raw.of.global);
    default: return Tag(raw.of.tag);
  }
}
inline swoop_extern_t raw_extern(const Extern& value) {
  swoop_extern_t raw = {};
  raw.kind = static_cast<swoop_extern_kind_t>(value.index());
  switch (raw.kind) {
    case SWOOP_FUNC: raw.of.func = std::get_if<Func>(&value)->raw(); break;
    case SWOOP_TABLE: raw.of.table = std::get_if<Table>(&value)->raw(); break;
    case SWOOP_MEMORY: raw.of.memory = std::get_if<Memory>(&value)->raw(); break;
    case SWOOP_GLOBAL: raw.of.global = std::get_if<Global>(&value)->raw(); break;
    default: raw.of.tag = std::get_if<Tag>(&value)->raw(); break;
  }
  return raw;
}

}  // namespace detail

/// What an instance exports, by name. Errors: not_found; type_mismatch for another kind or
/// signature.
class Exports {
 public:
  /// Of what the C interface has.
  explicit Exports(swoop_instance_t instance) noexcept : instance_(instance) {}

  /// Of any kind.
  Result<Extern> get(std::string_view name) const {
    swoop_extern_t raw;
    if (swoop_error_t* const error =
            swoop_instance_export(instance_, name.data(), name.size(), &raw))
      return Error(error);
    return detail::extern_of(raw);
  }
  /// A function.
  Result<Func> func(std::string_view name) const { return get_as<Func>(name, "function"); }
  /// A memory.
  Result<Memory> memory(std::string_view name = "memory") const {
    return get_as<Memory>(name, "memory");
  }
  /// A global.
  Result<Global> global(std::string_view name) const { return get_as<Global>(name, "global"); }
  /// A table.
  Result<Table> table(std::string_view name) const { return get_as<Table>(name, "table"); }
  /// A function to be called with C++ arguments.
  template <class Signature>
  Result<TypedFunc<Signature>> typed(std::string_view name) const {
    const Result<Func> found = func(name);
    if (!found) return found.error();
    return found->as<Signature>();
  }

 private:
  template <class T>
  Result<T> get_as(std::string_view name, const char* kind) const {
    const Result<Extern> found = get(name);
    if (!found) return found.error();
    const T* const thing = std::get_if<T>(&*found);
    if (thing != nullptr) return *thing;
    return Error(ErrorKind::type_mismatch, "export \"" + std::string(name) + "\" is not a " + kind);
  }
  swoop_instance_t instance_;
};

/// What an instance held at one time. Any thread.
class Snapshot {
 public:
  explicit Snapshot(swoop_snapshot_t* raw) noexcept : handle_(raw) {}
  swoop_snapshot_t* raw() const noexcept { return handle_.get(); }

 private:
  detail::Handle<swoop_snapshot_t> handle_;
};

class Imports;

/// An instance of a module in a store. A cheap value.
class Instance {
 public:
  explicit Instance(swoop_instance_t raw) noexcept : raw_(raw) {}
  /// Links and instantiates at once. Errors: see Imports::link and Linked::instantiate.
  static Result<Instance> make(const Store& store, const Module& module, const Imports& imports);
  /// The same of a module without imports.
  static Result<Instance> make(const Store& store, const Module& module);

  /// What it exports, by name.
  Exports exports() const { return Exports(raw_); }
  /// An exported function, to be called with C++ arguments: exports().typed.
  template <class Signature>
  Result<TypedFunc<Signature>> func(std::string_view name) const {
    return exports().typed<Signature>(name);
  }
  /// What it is an instance of.
  Module module() const { return Module(swoop_instance_module(raw_)); }

  /// What the instance's own memories, tables, globals and segments hold now; imports are not
  /// included, nor what is on the stack if it runs. Errors: out_of_memory.
  Result<Snapshot> snapshot() const {
    swoop_snapshot_t* snapshot = nullptr;
    if (swoop_error_t* const error = swoop_instance_snapshot(raw_, &snapshot)) return Error(error);
    return Snapshot(snapshot);
  }
  /// Makes the instance, which that was made of or another one of the same module, hold it again,
  /// at a cost that goes with what has changed. Errors: limit_exceeded, out_of_memory; misuse while
  /// wasm of the store runs, or for a snapshot that does not fit: nothing has changed then.
  Result<> reset(const Snapshot& snapshot) const {
    return detail::result_of(swoop_instance_reset(raw_, snapshot.raw()));
  }
  swoop_instance_t raw() const noexcept { return raw_; }

 private:
  swoop_instance_t raw_;
};

/// A module whose imports are resolved: instantiate it many times. Immutable; any thread.
class Linked {
 public:
  explicit Linked(swoop_linked_t* raw) noexcept : handle_(raw) {}
  /// Runs segments and the start function, for which `options` hold. Errors: limit_exceeded,
  /// out_of_memory, trap, exception, exit; misuse for imports of another store.
  Result<Instance> instantiate(const Store& store, const CallOptions& options = {}) const {
    const swoop_call_options_t raw = detail::raw_options(options);
    swoop_instance_t instance;
    if (swoop_error_t* const error =
            swoop_linked_instantiate(handle_.get(), store.raw(), &raw, &instance))
      return Error(error);
    return Instance(instance);
  }
  swoop_linked_t* raw() const noexcept { return handle_.get(); }

 private:
  detail::Handle<swoop_linked_t> handle_;
};

/// What modules can import, by name: host functions for any store, and things in a store. Define
/// everything on one thread; then any thread may link, unless there are things in a store: that
/// counts as a use of the store. Copies are the same.
class Imports {
 public:
  class Namespace;

  Imports()
      : handle_(swoop_imports_new()), first_error_(std::make_shared<std::optional<Error>>()) {}

  /// The names of one module, to define them.
  Namespace ns(std::string_view module) const;
  /// All exports of an instance.
  Imports& instance(std::string_view module, const Instance& instance) {
    note(swoop_imports_define_instance(raw(), module.data(), module.size(), instance.raw()));
    return *this;
  }
  /// Functions that nobody defined trap when they are called.
  Imports& unknown_as_traps(bool allow = true) {
    swoop_imports_unknown_as_traps(raw(), allow);
    return *this;
  }
  /// A name may be defined again.
  Imports& allow_shadowing(bool allow = true) {
    swoop_imports_allow_shadowing(raw(), allow);
    return *this;
  }
  /// What was wrong with the first definition that failed.
  Result<> status() const {
    if (*first_error_) return **first_error_;
    return {};
  }
  /// Resolves the module's imports once, and compares types. Errors: unlinkable; misuse, such as
  /// a name that was defined twice.
  Result<Linked> link(const Module& module) const {
    if (*first_error_) return **first_error_;
    swoop_linked_t* linked = nullptr;
    if (swoop_error_t* const error = swoop_link(raw(), module.raw(), &linked)) return Error(error);
    return Linked(linked);
  }
  swoop_imports_t* raw() const noexcept { return handle_.get(); }

 private:
  void note(swoop_error_t* raw) const {
    if (raw == nullptr) return;
    Error error(raw);
    if (!*first_error_) first_error_->emplace(std::move(error));
  }

  detail::Handle<swoop_imports_t> handle_;
  std::shared_ptr<std::optional<Error>> first_error_;
};

/// Names of one module. What goes wrong in a definition is told by link().
class Imports::Namespace {
 public:
  /// A function pointer, or an object with one call operator; see make_func. Objects are called
  /// in all stores, perhaps on several threads at once.
  template <class F>
  Namespace& func(std::string_view name, F f) {
    using Body = std::decay_t<F>;
    using Code = detail::HostCodeFor<Body>;
    const FuncType deduced = Code::type();
    const detail::RawFuncType type(deduced);
    return note(swoop_imports_define_native(imports_.raw(), module_.data(), module_.size(),
                                            name.data(), name.size(), type.get(), Code::code(),
                                            new Body(std::move(f)), detail::destroy<Body>));
  }
  /// A method of an object, which must outlive the instances.
  template <class C, class R, class... A>
  Namespace& method(std::string_view name, C& self, R (C::*f)(A...)) {
    return func(name, [&self, f](std::remove_cvref_t<A>... arguments) -> R {
      return (self.*f)(std::move(arguments)...);
    });
  }
  /// The same.
  template <class C, class R, class... A>
  Namespace& method(std::string_view name, const C& self, R (C::*f)(A...) const) {
    return func(name, [&self, f](std::remove_cvref_t<A>... arguments) -> R {
      return (self.*f)(std::move(arguments)...);
    });
  }
  /// One whose type is known at run time only.
  Namespace& dynamic(std::string_view name, const FuncType& type, detail::DynamicBody body) {
    const detail::RawFuncType raw(type);
    return note(swoop_imports_define_func(imports_.raw(), module_.data(), module_.size(),
                                          name.data(), name.size(), raw.get(), detail::call_dynamic,
                                          new detail::DynamicBody(std::move(body)),
                                          detail::destroy<detail::DynamicBody>));
  }
  /// A thing in a store. Modules that import it can be instantiated in its store alone.
  Namespace& define(std::string_view name, const Extern& value) {
    return note(swoop_imports_define_extern(imports_.raw(), module_.data(), module_.size(),
                                            name.data(), name.size(), detail::raw_extern(value)));
  }

 private:
  friend class Imports;
  Namespace(const Imports& imports, std::string_view module) : imports_(imports), module_(module) {}
  Namespace& note(swoop_error_t* error) {
    imports_.note(error);
    return *this;
  }
  Imports imports_;
  std::string module_;
};

inline Imports::Namespace Imports::ns(std::string_view module) const {
  return Namespace(*this, module);
}

inline Result<Instance> Instance::make(const Store& store, const Module& module,
                                       const Imports& imports) {
  const Result<Linked> linked = imports.link(module);
  if (!linked) return linked.error();
  return linked->instantiate(store);
}

inline Result<Instance> Instance::make(const Store& store, const Module& module) {
  return make(store, module, Imports());
}

}  // namespace SWOOP_NAMESPACE
}  // namespace swoop
