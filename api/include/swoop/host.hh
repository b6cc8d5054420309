// Functions of C++ that wasm calls: their wasm signature is deduced from the C++ one.
#pragma once

#include <functional>
#include <swoop/func.hh>
#include <swoop/memory.hh>
#include <swoop/store.hh>

namespace swoop {
inline namespace SWOOP_NAMESPACE {

/// Who called a host function: its first parameter, if it wants to know. Valid until it returns.
class Caller {
 public:
  explicit Caller(swoop_caller_t* raw) noexcept : raw_(raw) {}

  /// The store, with a reference of one's own.
  Store store() const;
  /// The instance's exports. Nothing when C++ called.
  std::optional<Memory> memory(std::string_view name = "memory") const;
  /// The instance's exported function of this name.
  std::optional<Func> func(std::string_view name) const;
  /// The data of the store; it must be a T.
  template <class T>
  T& data() const;
  /// Whether the call shall end: what takes long asks, and then returns an Error::trap.
  bool is_stopped() const noexcept { return swoop_caller_is_stopped(raw_); }
  /// Takes fuel for what the function does. Nothing happens unless Config::fuel. Errors: the trap
  /// to return, if there is less.
  Result<> charge(std::uint64_t fuel) const {
    return detail::result_of(swoop_caller_charge(raw_, fuel));
  }
  swoop_caller_t* raw() const noexcept { return raw_; }

 private:
  std::optional<swoop_extern_t> find(std::string_view name, swoop_extern_kind_t kind) const;
  swoop_caller_t* raw_;
};

namespace detail {

template <class... T>
struct TypeList {};
template <class... L>
struct Concat {
  using Type = TypeList<>;
};
template <class... A>
struct Concat<TypeList<A...>> {
  using Type = TypeList<A...>;
};
template <class... A, class... B, class... Rest>
struct Concat<TypeList<A...>, TypeList<B...>, Rest...> {
  using Type = typename Concat<TypeList<A..., B...>, Rest...>::Type;
};

/// One call of a host function while its arguments are checked.
class HostCall {
 public:
  HostCall(swoop_native_self_t* self, void* caller) : self_(self), caller_(caller) {}
  std::uint64_t store() const { return swoop_native_store(self_); }

  /// The place of `count` values in memory 0; null, and the call fails, if they are not there.
  template <class T>
  T* locate(std::uint32_t address, std::uint32_t count) {
    if (!has_memory_) {
      has_memory_ = true;
      if (!swoop_native_memory(self_, caller_, &data_, &size_)) size_ = 0;
    }
    const std::uint64_t bytes = std::uint64_t{count} * sizeof(T);
    if (bytes > size_ || address > size_ - bytes) {
      fail(Error::trap(TrapCode::memory_out_of_bounds));
      return nullptr;
    }
    std::uint8_t* const first = data_ + address;
    if (reinterpret_cast<std::uintptr_t>(first) % alignof(T) != 0) {
      fail(Error::trap("a guest pointer is not aligned"));
      return nullptr;
    }
    return reinterpret_cast<T*>(first);
  }
  bool has_failed() const { return error_.has_value(); }
  std::uint64_t give_up() { return swoop_native_fail(self_, std::move(*error_).release()); }
  std::uint64_t give_up(Error error) {
    return swoop_native_fail(self_, std::move(error).release());
  }

 private:
  void fail(Error error) {
    if (!error_) error_.emplace(std::move(error));
  }

  swoop_native_self_t* self_;
  void* caller_;
  bool has_memory_ = false;
  std::uint8_t* data_ = nullptr;
  std::uint64_t size_ = 0;
  std::optional<Error> error_;
};

/// How a parameter of a host function is made of wasm parameters. Empty for what cannot be.
template <class T>
struct Param {};
template <WasmValue T>
struct Param<T> {
  using Natives = TypeList<NativeOf<T>>;
  static constexpr std::array kKinds = {WasmType<T>::kKind};
  static T make(HostCall& call, NativeOf<T> native) {
    if constexpr (std::is_same_v<T, Func>)
      return WasmType<T>::from_native(native, call.store());
    else
      return WasmType<T>::from_native(native, 0);
  }
};
template <class T>
struct Param<GuestPtr<T>> {
  using Natives = TypeList<std::uint32_t>;
  static constexpr std::array kKinds = {ValKind::i32};
  static GuestPtr<T> make(HostCall& call, std::uint32_t address) {
    return {address, call.locate<T>(address, 1)};
  }
};
template <class T>
struct Param<GuestSpan<T>> {
  using Natives = TypeList<std::uint32_t, std::uint32_t>;
  static constexpr std::array kKinds = {ValKind::i32, ValKind::i32};
  static GuestSpan<T> make(HostCall& call, std::uint32_t address, std::uint32_t count) {
    T* const first = call.locate<T>(address, count);
    return first == nullptr ? GuestSpan<T>() : GuestSpan<T>(first, count);
  }
};
template <>
struct Param<GuestStr> {
  using Natives = TypeList<std::uint32_t, std::uint32_t>;
  static constexpr std::array kKinds = {ValKind::i32, ValKind::i32};
  static GuestStr make(HostCall& call, std::uint32_t address, std::uint32_t size) {
    const char* const first = call.locate<const char>(address, size);
    return first == nullptr ? GuestStr() : GuestStr(first, size);
  }
};

template <class T>
concept HostParam = requires {
  typename Param<T>::Natives;
};

/// What a host function answers: results, or a Result of them.
template <class R>
struct Answer {
  using Value = R;
  static constexpr bool kMayFail = false;
};
template <class R>
struct Answer<Result<R>> {
  using Value = R;
  static constexpr bool kMayFail = true;
};

/// The signature of a callable, as R(A...).
template <class F>
struct SignatureOfMember {};
#define SWOOP_SIGNATURE(qualifiers)                     \
  template <class C, class R, class... A>               \
  struct SignatureOfMember<R (C::*)(A...) qualifiers> { \
    using Type = R(A...);                               \
  };
SWOOP_SIGNATURE()
SWOOP_SIGNATURE(const)
SWOOP_SIGNATURE(noexcept)
SWOOP_SIGNATURE(const noexcept)
#undef SWOOP_SIGNATURE

template <class F, class = void>
struct SignatureOf {
  static_assert(sizeof(F) == 0,
                "swoop: a generic or overloaded callable has no one signature; spell it: "
                "swoop::host<int(int)>(f)");
};
template <class F>
struct SignatureOf<F, std::void_t<decltype(&F::operator())>>
    : SignatureOfMember<decltype(&F::operator())> {};
template <class R, class... A>
struct SignatureOf<R (*)(A...), void> {
  using Type = R(A...);
};
template <class R, class... A>
struct SignatureOf<R (*)(A...) noexcept, void> {
  using Type = R(A...);
};

/// The native code of a host function with the signature R(A...), which may have a Caller& first.
template <class F, bool kTakesCaller, class R, class... A>
class HostCode {
  static_assert((HostParam<A> && ...),
                "swoop: a parameter of this host function has no wasm type; there are integers, "
                "enumerations, float, double, Func, ExternRef, GuestPtr, GuestSpan, GuestStr, and "
                "a Caller& before them");
  using Value = typename Answer<R>::Value;
  static_assert(Results<Value>::kOk, "swoop: the result of this host function has no wasm type");
  using Native = NativeResult<typename Results<Value>::Native>;
  static constexpr bool kHasArray = Results<Value>::kCount > 1;

 public:
  static FuncType type() {
    FuncType result;
    (result.params.insert(result.params.end(), Param<A>::kKinds.begin(), Param<A>::kKinds.end()),
     ...);
    result.results = Results<Value>::kinds();
    return result;
  }
  static void (*code())() {
    return Code<typename Concat<typename Param<A>::Natives...>::Type>::get();
  }

 private:
  template <class List>
  struct Code;
  template <class... N>
  struct Code<TypeList<N...>> {
    static void (*get())() {
      if constexpr (kHasArray)
        return reinterpret_cast<void (*)()>(&with_array);
      else
        return reinterpret_cast<void (*)()>(&without_array);
    }
    static Native without_array(swoop_native_self_t* self, void* caller, N... natives) {
      return answer(self, caller, nullptr, std::tuple<N...>(natives...));
    }
    static Native with_array(swoop_native_self_t* self, void* caller, swoop_word_t* results,
                             N... natives) {
      return answer(self, caller, results, std::tuple<N...>(natives...));
    }
  };

  template <class T, std::size_t kFirst, class Natives, std::size_t... I>
  static T make(HostCall& call, const Natives& natives, std::index_sequence<I...>) {
    return Param<T>::make(call, std::get<kFirst + I>(natives)...);
  }
  // Where the wasm parameters of the C++ parameter `index` begin.
  static constexpr std::size_t first_of(std::size_t index) {
    constexpr std::array<std::size_t, sizeof...(A) + 1> counts = {Param<A>::kKinds.size()...};
    std::size_t first = 0;
    for (std::size_t i = 0; i < index; ++i) first += counts[i];
    return first;
  }
  template <class Natives, std::size_t... I>
  static std::tuple<A...> make_arguments(HostCall& call, const Natives& natives,
                                         std::index_sequence<I...>) {
    return std::tuple<A...>{make<A, first_of(I)>(
        call, natives, std::make_index_sequence<Param<A>::kKinds.size()>())...};
  }

  template <class Natives>
  static Native answer(swoop_native_self_t* self, void* caller, swoop_word_t* results,
                       const Natives& natives) {
    HostCall call(self, caller);
    Native native = {};
#if defined(__cpp_exceptions)
    try {
#endif
      std::tuple<A...> arguments = make_arguments(call, natives, std::index_sequence_for<A...>());
      if (call.has_failed()) [[unlikely]] {
        native.status = call.give_up();
        return native;
      }
      native.status = run(self, caller, call, std::move(arguments), results, native);
#if defined(__cpp_exceptions)
    } catch (...) {
      native.status = call.give_up(Error::of_exception(std::current_exception()));
    }
#endif
    return native;
  }

  static std::uint64_t run(swoop_native_self_t* self, [[maybe_unused]] void* caller, HostCall& call,
                           std::tuple<A...> arguments, [[maybe_unused]] swoop_word_t* results,
                           Native& native) {
    F& body = *static_cast<F*>(swoop_native_environment(self));
    const auto invoke = [&]() -> R {
      return std::apply(
          [&](A&... argument) -> R {
            if constexpr (kTakesCaller) {
              swoop_caller_space_t space;
              Caller called_by(swoop_native_caller(self, caller, &space));
              return body(called_by, std::move(argument)...);
            } else {
              return body(std::move(argument)...);
            }
          },
          arguments);
    };
    if constexpr (Answer<R>::kMayFail) {
      R result = invoke();
      if (!result) [[unlikely]]
        return call.give_up(std::move(result).error());
      if constexpr (!std::is_void_v<Value>) store_results(call, *result, results, native);
    } else if constexpr (std::is_void_v<R>) {
      invoke();
    } else {
      store_results(call, invoke(), results, native);
    }
    return 0;
  }

  static void store_results(const HostCall& call, const auto& value, swoop_word_t* results,
                            Native& native) {
    if constexpr (kHasArray) {
      Results<Value>::to_words(value, results, call.store());
    } else if constexpr (std::is_same_v<Value, Func> || std::is_same_v<Value, ExternRef>) {
      native.value = WasmType<Value>::to_native(value, call.store());
    } else {
      native.value = WasmType<Value>::to_native(value, 0);
    }
  }
};

template <class F, class Signature>
struct HostCodeOf;
template <class F, class R, class... A>
struct HostCodeOf<F, R(A...)> {
  using Type = HostCode<F, false, R, std::remove_cvref_t<A>...>;
};
template <class F, class R, class... A>
struct HostCodeOf<F, R(Caller&, A...)> {
  using Type = HostCode<F, true, R, std::remove_cvref_t<A>...>;
};
template <class F>
using HostCodeFor = typename HostCodeOf<F, typename SignatureOf<F>::Type>::Type;

/// A callable with a signature that was spelled out.
template <class Signature, class F>
struct Spelled;
template <class R, class... A, class F>
struct Spelled<R(A...), F> {
  F f;
  R operator()(A... arguments) { return f(std::forward<A>(arguments)...); }
};

/// The body of HostFunc's dynamic form.
using DynamicBody =
    std::function<Result<std::vector<Value>>(Caller&, std::span<const Value> arguments)>;
inline swoop_error_t* call_dynamic(void* environment, swoop_caller_t* caller,
                                   const swoop_value_t* arguments, std::size_t num_arguments,
                                   swoop_value_t* results, std::size_t num_results) {
#if defined(__cpp_exceptions)
  try {
#endif
    std::vector<Value> values;
    for (std::size_t i = 0; i < num_arguments; ++i) {
      if (arguments[i].kind == SWOOP_EXTERNREF) swoop_retain(arguments[i].of.object);
      values.push_back(take_value(arguments[i]));
    }
    Caller called_by(caller);
    Result<std::vector<Value>> answer =
        (*static_cast<const DynamicBody*>(environment))(called_by, values);
    if (!answer) return std::move(answer).error().release();
    if (answer->size() != num_results) {
      return Error::trap("host function gave " + std::to_string(answer->size()) +
                         " results instead of " + std::to_string(num_results))
          .release();
    }
    for (std::size_t i = 0; i < num_results; ++i) {
      results[i] = raw_value((*answer)[i]);
      if (results[i].kind == SWOOP_EXTERNREF) swoop_retain(results[i].of.object);
    }
    return nullptr;
#if defined(__cpp_exceptions)
  } catch (...) {
    return Error::of_exception(std::current_exception()).release();
  }
#endif
}

}  // namespace detail

/// The wasm type of a callable.
template <class F>
FuncType deduce_type() {
  return detail::HostCodeFor<std::decay_t<F>>::type();
}

/// Gives a generic or overloaded callable one signature: host<int(int)>([](auto x) { return x; }).
template <class Signature, class F>
auto host(F f) {
  return detail::Spelled<Signature, F>{std::move(f)};
}

/// A function of the store that calls `f`, a function pointer or an object with one call operator.
/// It may take a Caller& first; it may return a Result to trap, and it may throw: the exception
/// comes out of the outermost call's value(). Errors: out_of_memory, limit_exceeded.
template <class F>
Result<Func> make_func(const Store& store, F f) {
  using Body = std::decay_t<F>;
  using Code = detail::HostCodeFor<Body>;
  const FuncType deduced = Code::type();
  const detail::RawFuncType type(deduced);
  swoop_func_t func;
  if (swoop_error_t* const error =
          swoop_func_new_native(store.raw(), type.get(), Code::code(), new Body(std::move(f)),
                                detail::destroy<Body>, &func))
    return Error(error);
  return Func(func);
}

inline Store Caller::store() const {
  return Store(swoop_caller_store(raw_));
}

template <class T>
T& Caller::data() const {
  return detail::StoreData<T>::get(swoop_caller_data(raw_));
}

inline std::optional<swoop_extern_t> Caller::find(std::string_view name,
                                                  swoop_extern_kind_t kind) const {
  swoop_instance_t instance;
  swoop_extern_t value;
  if (!swoop_caller_instance(raw_, &instance)) return std::nullopt;
  if (swoop_error_t* const error =
          swoop_instance_export(instance, name.data(), name.size(), &value)) {
    swoop_release(error);
    return std::nullopt;
  }
  return value.kind == kind ? std::optional(value) : std::nullopt;
}

inline std::optional<Memory> Caller::memory(std::string_view name) const {
  const auto found = find(name, SWOOP_MEMORY);
  return found ? std::optional(Memory(found->of.memory)) : std::nullopt;
}

inline std::optional<Func> Caller::func(std::string_view name) const {
  const auto found = find(name, SWOOP_FUNC);
  return found ? std::optional(Func(found->of.func)) : std::nullopt;
}

}  // namespace SWOOP_NAMESPACE
}  // namespace swoop
