// Calls of wasm from C++.
#pragma once

#include <chrono>
#include <swoop/value.hh>

namespace swoop {
inline namespace SWOOP_NAMESPACE {

/// Ends calls from outside. Copies are the same token; any thread may use them. Once stopped it
/// stays so.
class StopToken {
 public:
  StopToken() : handle_(swoop_stop_token_new()) {}
  /// Ends the calls that were given it, those that run and those that begin later.
  void stop() const noexcept { swoop_stop_token_stop(handle_.get()); }
  /// Whether it was stopped. It stays so.
  bool is_stopped() const noexcept { return swoop_stop_token_is_stopped(handle_.get()); }
  swoop_stop_token_t* raw() const noexcept { return handle_.get(); }

 private:
  detail::Handle<swoop_stop_token_t> handle_;
};

/// What holds for one call, with the calls that it makes through host functions, and for nothing
/// else: it then traps with TrapCode::interrupted or out_of_fuel.
struct CallOptions {
  /// Of what the store has; what the call does not use, stays there. Errors: misuse unless
  /// Config::fuel.
  std::optional<std::uint64_t> fuel = std::nullopt;
  /// From the call's beginning. Waiting host functions of WASI end, too. Loops without calls need
  /// Config::interruption.
  std::optional<std::chrono::nanoseconds> timeout = std::nullopt;
  /// Ends the call from outside. It must live as long as the call.
  const StopToken* stop = nullptr;
};

namespace detail {

inline swoop_call_options_t raw_options(const CallOptions& options) {
  swoop_call_options_t raw = swoop_call_options_default();
  if (options.fuel) raw.fuel = *options.fuel;
  if (options.timeout)
    raw.timeout_ns =
        options.timeout->count() < 0 ? 0 : static_cast<std::uint64_t>(options.timeout->count());
  if (options.stop != nullptr) raw.stop = options.stop->raw();
  return raw;
}

inline std::uint64_t thread_pointer() {
#if defined(__x86_64__)
  // clang 14 has no builtin for it. Volatile: a fiber may move to another thread.
  std::uint64_t pointer;
  asm volatile("mov %%fs:0, %0" : "=r"(pointer));
  return pointer;
#else
  return reinterpret_cast<std::uint64_t>(__builtin_thread_pointer());
#endif
}

inline Result<std::vector<Value>> call_values(const Func& func, const swoop_call_options_t* options,
                                              std::span<const Value> arguments) {
  std::vector<swoop_value_t> raw;
  for (const Value& argument : arguments) raw.push_back(raw_value(argument));
  std::vector<swoop_value_t> results(swoop_func_type(func.raw()).num_results);
  swoop_error_t* const error =
      swoop_func_call(func.raw(), options, raw.data(), raw.size(), results.data(), results.size());
  if (error != nullptr) return Error(error);
  std::vector<Value> values;
  for (const swoop_value_t& result : results) values.push_back(take_value(result));
  return values;
}

/// How a C++ type travels in a swoop_value_t, for what cannot be called natively.
template <class T>
swoop_value_t to_raw(const T& value) {
  swoop_value_t raw = {};
  raw.kind = static_cast<swoop_val_kind_t>(WasmType<T>::kKind);
  if constexpr (std::is_same_v<T, Func>) {
    raw.of.func = value.raw();
  } else if constexpr (std::is_same_v<T, ExternRef>) {
    raw.of.object = value.raw();
  } else {
    const NativeOf<T> native = WasmType<T>::to_native(value, 0);
    std::memcpy(&raw.of, &native, sizeof native);
  }
  return raw;
}
template <class T>
T from_raw(const swoop_value_t& raw) {
  if constexpr (std::is_same_v<T, Func>) {
    return Func(raw.of.func);
  } else if constexpr (std::is_same_v<T, ExternRef>) {
    return ExternRef(raw.of.object);
  } else {
    NativeOf<T> native;
    std::memcpy(&native, &raw.of, sizeof native);
    return WasmType<T>::from_native(native, 0);
  }
}
template <class R>
struct ResultsOfRaw {
  static R take(const swoop_value_t* raw) { return from_raw<R>(*raw); }
};
template <class... T>
struct ResultsOfRaw<std::tuple<T...>> {
  static std::tuple<T...> take(const swoop_value_t* raw) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return std::tuple<T...>{from_raw<T>(raw[I])...};
    }
    (std::index_sequence_for<T...>());
  }
};
template <class A, class B>
struct ResultsOfRaw<std::pair<A, B>> {
  static std::pair<A, B> take(const swoop_value_t* raw) {
    return {from_raw<A>(raw[0]), from_raw<B>(raw[1])};
  }
};

}  // namespace detail

/// A function to be called with C++ arguments, through code made for its signature: no arrays of
/// values, no allocation. A cheap value, valid as long as its store; later calls are errors.
template <class R, class... A>
class TypedFunc<R(A...)> {
  static_assert((detail::WasmValue<A> && ...) && detail::Results<R>::kOk,
                "swoop: a type in this signature has no wasm type; there are integers, "
                "enumerations, float, double, Func, ExternRef, and tuples of results");

 public:
  /// The wasm type of the signature.
  static FuncType type() { return {{detail::WasmType<A>::kKind...}, detail::Results<R>::kinds()}; }

  /// Errors: trap, exception, exit; misuse when the store is gone. Spec: exec/modules#invocation.
  Result<R> operator()(A... arguments) const {
    const swoop_call_gate_t& gate = *native_.gate;
    const auto sp = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
    if (gate.generation != native_.generation || sp - gate.low >= gate.size ||
        gate.thread != detail::thread_pointer()) [[unlikely]]
      return call_values(nullptr, arguments...);

    const std::uint64_t store = func_.raw().store;
    if constexpr (detail::Results<R>::kCount > 1) {
      swoop_word_t words[detail::Results<R>::kCount];
      const auto answer = enter(words, detail::WasmType<A>::to_native(arguments, store)...);
      if (answer.status != 0) [[unlikely]]
        return Error(swoop_take_error(func_.raw()));
      return detail::Results<R>::from_words(words, store);
    } else {
      const auto answer = enter(detail::WasmType<A>::to_native(arguments, store)...);
      if (answer.status != 0) [[unlikely]]
        return Error(swoop_take_error(func_.raw()));
      if constexpr (std::is_void_v<R>)
        return {};
      else
        return detail::WasmType<R>::from_native(answer.value, store);
    }
  }

  /// With limits of this call only.
  Result<R> call(const CallOptions& options, A... arguments) const {
    const swoop_call_options_t raw = detail::raw_options(options);
    return call_values(&raw, arguments...);
  }

  /// The function without its C++ type.
  Func untyped() const noexcept { return func_; }

 private:
  friend class Func;
  TypedFunc(const Func& func, const swoop_native_func_t& native) : func_(func), native_(native) {}

  template <class... Passed>
  auto enter(Passed... passed) const {
    using Answer = detail::NativeResult<typename detail::Results<R>::Native>;
    return reinterpret_cast<Answer (*)(const void*, Passed...)>(native_.code)(native_.callee,
                                                                              passed...);
  }

  [[gnu::noinline]] Result<R> call_values(const swoop_call_options_t* options,
                                          const A&... arguments) const {
    const std::array<swoop_value_t, sizeof...(A)> raw = {detail::to_raw(arguments)...};
    std::array<swoop_value_t, detail::Results<R>::kCount> results = {};
    swoop_error_t* const error = swoop_func_call(func_.raw(), options, raw.data(), raw.size(),
                                                 results.data(), results.size());
    if (error != nullptr) return Error(error);
    if constexpr (std::is_void_v<R>)
      return {};
    else
      return detail::ResultsOfRaw<R>::take(results.data());
  }

  Func func_;
  swoop_native_func_t native_;
};

inline FuncType Func::type() const {
  return detail::type_of(swoop_func_type(raw_));
}

inline Result<std::vector<Value>> Func::call(std::span<const Value> arguments) const {
  return detail::call_values(*this, nullptr, arguments);
}

inline Result<std::vector<Value>> Func::call(const CallOptions& options,
                                             std::span<const Value> arguments) const {
  const swoop_call_options_t raw = detail::raw_options(options);
  return detail::call_values(*this, &raw, arguments);
}

template <class Signature>
Result<TypedFunc<Signature>> Func::as() const {
  const FuncType wanted = TypedFunc<Signature>::type();
  const detail::RawFuncType type(wanted);
  swoop_native_func_t native;
  if (swoop_error_t* const error = swoop_func_native(raw_, type.get(), &native)) {
    return Error(error);
  }
  return TypedFunc<Signature>(*this, native);
}

}  // namespace SWOOP_NAMESPACE
}  // namespace swoop
