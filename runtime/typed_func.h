// Calls in C++ types, without arrays of values: TypedFunc calls wasm, make_func lets wasm call C++.
// Both go through a thunk per signature that speaks the C ABI (jit/thunks.h). What C++ types
// can be passed: runtime/wasm_type.h.
//
// Safety: the signature is compared once, when a TypedFunc is made; from then on the C++ type of
// the thunk is the one it was assembled for. Noticed by tests/runtime/typed_func_test.cc.
#pragma once

#include "base/check.h"
#include "base/result.h"
#include "runtime/store.h"
#include "runtime/wasm_type.h"

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace swoop {

/// What a typed call gave: its result, when it returned. Also what a typed host function answers if
/// it may fail. Of functions without results this is a Completion alone.
template <class R>
class [[nodiscard]] TypedResult {
 public:
  TypedResult(R value) : value_(std::move(value)) {}
  /// `failure` did not return.
  TypedResult(Completion failure) : completion_(std::move(failure)) {
    DCHECK(!completion_.returned());
  }

  bool ok() const { return completion_.returned(); }
  explicit operator bool() const { return ok(); }
  const R& value() const {
    CHECK(ok());
    return value_;
  }
  const R& operator*() const { return value(); }
  /// How the call ended.
  const Completion& completion() const& { return completion_; }
  Completion&& completion() && { return std::move(completion_); }

 private:
  R value_ = {};
  Completion completion_;
};

namespace internal {

/// The entry thunk to call `func` with. Errors: unlinkable when it is null or not of this type;
/// out_of_memory.
Result<const void*> native_entry(const Func& func, const FuncType& type);

template <class R>
struct CallResultOf {
  using Type = TypedResult<R>;
};
template <>
struct CallResultOf<void> {
  using Type = Completion;
};

}  // namespace internal

/// A function to be called with C++ arguments: TypedFunc<int32_t(int32_t, double)>. A cheap value,
/// valid as long as its store.
template <class Signature>
class TypedFunc;

template <class R, class... A>
class TypedFunc<R(A...)> {
 public:
  using CallResult = typename internal::CallResultOf<R>::Type;

  /// Errors: unlinkable when `func` is null or has another type; out_of_memory.
  static Result<TypedFunc> of(const Func& func) {
    return TypedFunc(func, TRY(internal::native_entry(func, func_type_of<R, A...>())));
  }

  /// Spec: exec/modules#invocation. References belong to the same store.
  CallResult operator()(A... arguments) const {
    if constexpr (ResultTypes<R>::kCount > 1) {
      Value values[ResultTypes<R>::kCount];
      if (enter(values, WasmType<A>::to_native(arguments)...).status != 0) [[unlikely]]
        return store_->take_failure();
      return ResultTypes<R>::from_values(values);
    } else {
      const auto answer = enter(WasmType<A>::to_native(arguments)...);
      if (answer.status != 0) [[unlikely]]
        return store_->take_failure();
      if constexpr (std::is_void_v<R>) {
        return {};
      } else {
        return WasmType<R>::from_native(answer.value);
      }
    }
  }

  CallResult call(const CallOptions& options, A... arguments) const {
    const CallScope scope(*store_, options);
    if (Completion refusal = store_->refusal(scope); !refusal.returned()) return refusal;
    return (*this)(std::move(arguments)...);
  }

  Func untyped() const { return store_->func(callee_); }

 private:
  TypedFunc(const Func& func, const void* thunk)
      : store_(&func.store()), callee_(func.ref()), thunk_(thunk) {}

  template <class... Passed>
  auto enter(Passed... arguments) const {
    using Answer = NativeResult<typename ResultTypes<R>::Native>;
    using Thunk = Answer (*)(VmFuncRef*, Passed...);
    const auto thunk = reinterpret_cast<Thunk>(reinterpret_cast<uintptr_t>(thunk_));
    return store_->enter(thunk, callee_, arguments...);
  }

  Store* store_;
  VmFuncRef* callee_;
  const void* thunk_;
};

namespace internal {

/// What a host function in C++ types may answer: its results themselves, or something that may be a
/// failure instead.
template <class R>
struct HostAnswer {
  using Results = R;
  static constexpr bool kMayFail = false;
  static const R& results(const R& answer) { return answer; }
};
template <>
struct HostAnswer<void> {
  using Results = void;
  static constexpr bool kMayFail = false;
};
template <>
struct HostAnswer<Completion> {
  using Results = void;
  static constexpr bool kMayFail = true;
  static Completion&& failure(Completion& answer) { return std::move(answer); }
};
template <class R>
struct HostAnswer<TypedResult<R>> {
  using Results = R;
  static constexpr bool kMayFail = true;
  static Completion&& failure(TypedResult<R>& answer) { return std::move(answer).completion(); }
  static const R& results(const TypedResult<R>& answer) { return *answer; }
};

}  // namespace internal

/// The C++ function that the native thunk calls for a callable of type `Body`, R(A...) or
/// R(Caller&, A...).
template <class Body, bool kTakesCaller, class R, class... A>
struct TypedHostCode {
  using Traits = internal::HostAnswer<R>;
  using Results = typename Traits::Results;
  using Native = NativeResult<typename ResultTypes<Results>::Native>;

  static FuncType type() { return func_type_of<Results, A...>(); }
  static const void* code() {
    if constexpr (ResultTypes<Results>::kCount > 1) {
      return reinterpret_cast<const void*>(&call_for_several);
    } else {
      return reinterpret_cast<const void*>(&call);
    }
  }

 private:
  static Native call(VmHostFunction* self, VmContext* caller, NativeOf<A>... arguments) {
    return answer(HostFunction::of(self), caller, nullptr, arguments...);
  }
  static Native call_for_several(VmHostFunction* self, VmContext* caller, Value* values,
                                 NativeOf<A>... arguments) {
    return answer(HostFunction::of(self), caller, values, arguments...);
  }

  static Native answer(HostFunction& self, [[maybe_unused]] VmContext* caller,
                       [[maybe_unused]] Value* values, NativeOf<A>... arguments) {
    const auto run = [&]() -> R {
      Body& body = *static_cast<Body*>(self.environment);
      if constexpr (kTakesCaller) {
        Caller called_by = self.called_by(caller);
        return body(called_by, WasmType<A>::from_native(arguments)...);
      } else {
        return body(WasmType<A>::from_native(arguments)...);
      }
    };
    Native native = {};
    if constexpr (std::is_void_v<R>) {
      run();
    } else {
      R result = run();
      if constexpr (Traits::kMayFail) {
        if (!result) [[unlikely]] {
          native.status = self.store->fail_host_call(Traits::failure(result));
          return native;
        }
      }
      if constexpr (ResultTypes<Results>::kCount == 1) {
        native.value = WasmType<Results>::to_native(Traits::results(result));
      } else if constexpr (ResultTypes<Results>::kCount > 1) {
        ResultTypes<Results>::to_values(Traits::results(result), values);
      }
    }
    return native;
  }
};

namespace internal {

template <class Body, class R, class... A>
TypedHostCode<Body, false, R, std::remove_cvref_t<A>...> host_code(std::function<R(A...)>);
template <class Body, class R, class... A>
TypedHostCode<Body, true, R, std::remove_cvref_t<A>...> host_code(std::function<R(Caller&, A...)>);

}  // namespace internal

/// A function of the host whose type is that of `body`, a function pointer or an object with one
/// call operator, which the store keeps. It may take a Caller& first, and may answer with a
/// Completion or TypedResult to trap, throw or exit. It must not throw C++ exceptions. Errors:
/// out_of_memory, limit_exceeded.
template <class Body>
Result<Func> make_func(Store& store, Body body) {
  // std::function deduces the signature of whatever can be called.
  using Code = decltype(internal::host_code<Body>(std::function{std::declval<Body>()}));
  return store.make_native_func(Code::type(), Code::code(),
                                std::make_shared<Body>(std::move(body)));
}

}  // namespace swoop
