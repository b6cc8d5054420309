// Stores: what instances live in.
#pragma once

#include <swoop/engine.hh>

namespace swoop {
inline namespace SWOOP_NAMESPACE {

/// What one store may hold.
struct StoreLimits {
  std::uint64_t memory_bytes = UINT64_MAX;    // of all memories together
  std::uint64_t table_elements = UINT64_MAX;  // of all tables together
  std::uint32_t instances = UINT32_MAX;       // also those whose instantiation failed half-way
  std::uint32_t memories = UINT32_MAX;        // how many
  std::uint32_t tables = UINT32_MAX;          // how many
};

namespace detail {

/// The embedder's data in a store, with its type.
template <class T>
struct StoreData {
  const void* tag = &type_tag<T>;
  T value;

  static T& get(void* data) {
    auto* const stored = static_cast<StoreData*>(data);
    if (stored == nullptr || stored->tag != &type_tag<T>)
      Error(ErrorKind::misuse, "the store has no data of this type").raise();
    return stored->value;
  }
};

}  // namespace detail

/// Owns instances, memories, tables, globals and functions. One thread at a time uses it with all
/// that is in it, and it may move between threads from call to call. Func, Memory, Table, Global
/// and Instance are valid as long as it lives.
class Store {
 public:
  /// Errors: misuse, out_of_memory.
  static Result<Store> make(const Engine& engine, const StoreLimits& limits = {}) {
    return make(engine, nullptr, nullptr, limits);
  }
  /// With data for host functions: Caller::data.
  template <class T>
  static Result<Store> make_with(const Engine& engine, T data, const StoreLimits& limits = {}) {
    using Data = detail::StoreData<T>;
    return make(engine, new Data{.value = std::move(data)}, detail::destroy<Data>, limits);
  }
  /// The same; an error is raised.
  explicit Store(const Engine& engine, const StoreLimits& limits = {})
      : Store(make(engine, limits).value()) {}
  /// As make_with; an error is raised.
  template <class T>
  requires(!std::same_as<T, StoreLimits>)
      Store(const Engine& engine, T data, const StoreLimits& limits = {})
      : Store(make_with(engine, std::move(data), limits).value()) {}
  /// Takes a handle of the C interface over.
  explicit Store(swoop_store_t* raw) noexcept : handle_(raw) {}
  Store(Store&&) noexcept = default;
  Store& operator=(Store&&) noexcept = default;

  /// It must be a T: anything else is raised as misuse.
  template <class T>
  T& data() const {
    return detail::StoreData<T>::get(swoop_store_data(raw()));
  }
  /// What wasm of the store may still execute: 2^64 - 1 to begin with, and 0 after a trap for want
  /// of it. The budget of a call is a part of this; within the call, this is what is left of that.
  /// Exact between calls and in host functions. Nothing unless Config::fuel.
  std::optional<std::uint64_t> fuel() const noexcept {
    std::uint64_t fuel = 0;
    return swoop_store_fuel(raw(), &fuel) ? std::optional(fuel) : std::nullopt;
  }
  /// Errors: misuse unless Config::fuel.
  Result<> set_fuel(std::uint64_t fuel) const {
    return detail::result_of(swoop_store_set_fuel(raw(), fuel));
  }
  swoop_store_t* raw() const noexcept { return handle_.get(); }

 private:
  static Result<Store> make(const Engine& engine, void* data, void (*drop)(void*),
                            const StoreLimits& limits) {
    const swoop_store_limits_t raw = {sizeof raw,       limits.memory_bytes, limits.table_elements,
                                      limits.instances, limits.memories,     limits.tables};
    swoop_store_t* store = nullptr;
    if (swoop_error_t* const error = swoop_store_new(engine.raw(), &raw, data, drop, &store))
      return Error(error);
    return Store(store);
  }
  detail::Handle<swoop_store_t> handle_;
};

}  // namespace SWOOP_NAMESPACE
}  // namespace swoop
