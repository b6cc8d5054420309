// Types and values of the C++ interface, and how C++ types stand for them.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <swoop/error.hh>
#include <tuple>

namespace swoop {
inline namespace SWOOP_NAMESPACE {

/// The type of a value, as far as the host tells them apart.
enum class ValKind : std::uint8_t {
  i32 = SWOOP_I32,
  i64 = SWOOP_I64,
  f32 = SWOOP_F32,
  f64 = SWOOP_F64,
  v128 = SWOOP_V128,
  funcref = SWOOP_FUNCREF,
  externref = SWOOP_EXTERNREF,
  other_ref = SWOOP_OTHER_REF,  // a reference type that the host cannot make values of
};

/// A vector of 128 bits.
struct V128 {
  std::array<std::byte, 16> bytes = {};  // lane 0 first
  friend bool operator==(const V128&, const V128&) = default;
};

/// A box with a C++ value of any type, which wasm can hold as an externref. Copies share the value.
/// A store that got one keeps it as long as it lives.
class ExternRef {
 public:
  /// Null.
  ExternRef() noexcept = default;
  explicit ExternRef(swoop_object_t* raw) noexcept : handle_(raw) {}
  /// A box with a new T.
  template <class T, class... A>
  static ExternRef make(A&&... arguments) {
    return ExternRef(swoop_object_new(new T(std::forward<A>(arguments)...), &detail::type_tag<T>,
                                      detail::destroy<T>));
  }
  /// Null if it is null, or holds another type.
  template <class T>
  T* get() const noexcept {
    if (swoop_object_tag(raw()) != &detail::type_tag<T>) return nullptr;
    return static_cast<T*>(swoop_object_data(raw()));
  }
  /// Whether it is not null.
  explicit operator bool() const noexcept { return raw() != nullptr; }
  /// Whether they are the same box.
  friend bool operator==(const ExternRef& a, const ExternRef& b) { return a.raw() == b.raw(); }
  swoop_object_t* raw() const noexcept { return handle_.get(); }
  /// Leaves the handle to the caller.
  swoop_object_t* release() && noexcept { return handle_.release(); }

 private:
  detail::Handle<swoop_object_t> handle_;
};

/// Of a function: types of its parameters and results.
struct FuncType {
  std::vector<ValKind> params;   // types of parameters
  std::vector<ValKind> results;  // types of results
  friend bool operator==(const FuncType&, const FuncType&) = default;
};
/// How many, at least and at most.
struct Limits {
  std::uint64_t min = 0;                            // at least
  std::optional<std::uint64_t> max = std::nullopt;  // at most, if there is a limit
  friend bool operator==(const Limits&, const Limits&) = default;
};
/// Of a memory.
struct MemoryType {
  Limits pages;           // its size
  bool shared = false;    // with other threads
  bool memory64 = false;  // addresses are i64
  friend bool operator==(const MemoryType&, const MemoryType&) = default;
};
/// Of a table.
struct TableType {
  ValKind element = ValKind::funcref;  // what it holds
  Limits elements;                     // how many
  friend bool operator==(const TableType&, const TableType&) = default;
};
/// Of a global.
struct GlobalType {
  ValKind value = ValKind::i32;  // what it holds
  bool is_mutable = false;       // whether it can be set
  friend bool operator==(const GlobalType&, const GlobalType&) = default;
};
/// Of a tag: what an exception carries.
struct TagType {
  std::vector<ValKind> params;  // of what an exception carries
  friend bool operator==(const TagType&, const TagType&) = default;
};
/// Of what is imported or exported.
using ExternType = std::variant<FuncType, TableType, MemoryType, GlobalType, TagType>;

struct Value;
struct CallOptions;
template <class Signature>
class TypedFunc;

/// A function of a store, wasm or host. A cheap value; null is a null funcref.
class Func {
 public:
  /// Null.
  Func() noexcept = default;
  explicit Func(swoop_func_t raw) noexcept : raw_(raw) {}

  /// Whether it is not null.
  explicit operator bool() const noexcept { return raw_.id != 0; }
  /// Whether they are the same function.
  friend bool operator==(const Func& a, const Func& b) {
    return a.raw_.id == b.raw_.id && a.raw_.store == b.raw_.store;
  }
  /// Its wasm type; empty when the store is gone.
  FuncType type() const;
  /// Values by the function's type.
  Result<std::vector<Value>> call(std::span<const Value> arguments) const;
  /// With limits of this call only.
  Result<std::vector<Value>> call(const CallOptions& options,
                                  std::span<const Value> arguments) const;
  /// To be called with C++ arguments: func.as<int(int)>(). Errors: type_mismatch.
  template <class Signature>
  Result<TypedFunc<Signature>> as() const;

  swoop_func_t raw() const noexcept { return raw_; }

 private:
  swoop_func_t raw_ = {};
};

/// In the order of ValKind.
struct Value : std::variant<std::int32_t, std::int64_t, float, double, V128, Func, ExternRef> {
  using variant::variant;
  /// Its type.
  ValKind kind() const noexcept { return ValKind(index()); }
};

namespace detail {

template <class T>
inline constexpr bool kIsInt32 = (std::integral<T> || std::is_enum_v<T>)&&sizeof(T) <= 4;
template <class T>
inline constexpr bool kIsInt64 = (std::integral<T> || std::is_enum_v<T>)&&sizeof(T) == 8;

/// How a C++ type stands for one wasm value: its kind, its type in the C ABI (`Native`, never
/// narrow), and the way there and back. `store` is the number of the store.
template <class T>
struct WasmType;

template <class T>
requires kIsInt32<T>
struct WasmType<T> {
  using Native = std::uint32_t;
  static constexpr ValKind kKind = ValKind::i32;
  static Native to_native(T value, std::uint64_t) {
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(value));
  }
  static T from_native(Native value, std::uint64_t) { return static_cast<T>(value); }
};
template <class T>
requires kIsInt64<T>
struct WasmType<T> {
  using Native = std::uint64_t;
  static constexpr ValKind kKind = ValKind::i64;
  static Native to_native(T value, std::uint64_t) { return static_cast<std::uint64_t>(value); }
  static T from_native(Native value, std::uint64_t) { return static_cast<T>(value); }
};
template <class T, ValKind K>
struct FloatType {
  using Native = T;
  static constexpr ValKind kKind = K;
  static Native to_native(T value, std::uint64_t) { return value; }
  static T from_native(Native value, std::uint64_t) { return value; }
};
template <>
struct WasmType<float> : FloatType<float, ValKind::f32> {};
template <>
struct WasmType<double> : FloatType<double, ValKind::f64> {};
template <>
struct WasmType<Func> {
  using Native = std::uint64_t;
  static constexpr ValKind kKind = ValKind::funcref;
  /// A function of another store is null here.
  static Native to_native(const Func& func, std::uint64_t store) {
    return func.raw().store == store ? func.raw().id : 0;
  }
  static Func from_native(Native id, std::uint64_t store) {
    return id == 0 ? Func() : Func(swoop_native_func_name(store, id));
  }
};
template <>
struct WasmType<ExternRef> {
  using Native = std::uint64_t;
  static constexpr ValKind kKind = ValKind::externref;
  static Native to_native(const ExternRef& value, std::uint64_t store) {
    return value ? swoop_object_word(store, value.raw()) : 0;
  }
  static ExternRef from_native(Native word, std::uint64_t) {
    return word == 0 ? ExternRef() : ExternRef(swoop_word_object(word));
  }
};

template <class T>
concept WasmValue = requires {
  typename WasmType<T>::Native;
};

template <class T>
using NativeOf = typename WasmType<T>::Native;

template <class T>
T from_word(const swoop_word_t& word, std::uint64_t store) {
  NativeOf<T> native;
  std::memcpy(&native, &word.low, sizeof native);
  return WasmType<T>::from_native(native, store);
}
template <class T>
swoop_word_t to_word(const T& value, std::uint64_t store) {
  const NativeOf<T> native = WasmType<T>::to_native(value, store);
  swoop_word_t word = {};
  std::memcpy(&word.low, &native, sizeof native);
  return word;
}

/// What native calls answer with.
template <class T>
struct NativeResult {
  T value;
  std::uint64_t status;
};
template <>
struct NativeResult<void> {
  std::uint64_t status;
};

/// What a function gives: void, one value, or several in a tuple or pair.
template <class R>
struct Results {
  static constexpr bool kOk = WasmValue<R>;
  static constexpr std::size_t kCount = 1;
  using Native = NativeOf<R>;
  static std::vector<ValKind> kinds() { return {WasmType<R>::kKind}; }
};
template <>
struct Results<void> {
  static constexpr bool kOk = true;
  static constexpr std::size_t kCount = 0;
  using Native = void;
  static std::vector<ValKind> kinds() { return {}; }
};
template <class Tuple, class... T>
struct SeveralResults {
  static constexpr bool kOk = sizeof...(T) > 1 && (WasmValue<T> && ...);
  static constexpr std::size_t kCount = sizeof...(T);
  using Native = void;
  static std::vector<ValKind> kinds() { return {WasmType<T>::kKind...}; }
  static Tuple from_words(const swoop_word_t* words, std::uint64_t store) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return Tuple{from_word<T>(words[I], store)...};
    }
    (std::index_sequence_for<T...>());
  }
  static void to_words(const Tuple& values, swoop_word_t* words, std::uint64_t store) {
    std::apply([&](const T&... value) { ((*words++ = to_word<T>(value, store)), ...); }, values);
  }
};
template <class... T>
struct Results<std::tuple<T...>> : SeveralResults<std::tuple<T...>, T...> {};
template <class A, class B>
struct Results<std::pair<A, B>> : SeveralResults<std::pair<A, B>, A, B> {};

// --- The C interface's forms

inline std::vector<swoop_val_kind_t> raw_kinds(const FuncType& type) {
  std::vector<swoop_val_kind_t> kinds;
  for (const ValKind kind : type.params) kinds.push_back(static_cast<swoop_val_kind_t>(kind));
  for (const ValKind kind : type.results) kinds.push_back(static_cast<swoop_val_kind_t>(kind));
  return kinds;
}
/// Lends a type to the C interface while it lives.
class RawFuncType {
 public:
  explicit RawFuncType(const FuncType& type)
      : kinds_(raw_kinds(type)),
        raw_{kinds_.data(), type.params.size(), kinds_.data() + type.params.size(),
             type.results.size()} {}
  RawFuncType(const RawFuncType&) = delete;
  RawFuncType& operator=(const RawFuncType&) = delete;
  const swoop_func_type_t* get() const { return &raw_; }

 private:
  std::vector<swoop_val_kind_t> kinds_;
  swoop_func_type_t raw_;
};

inline std::vector<ValKind> kinds_of(const swoop_val_kind_t* kinds, std::size_t count) {
  std::vector<ValKind> result;
  for (std::size_t i = 0; i < count; ++i) result.push_back(ValKind(kinds[i]));
  return result;
}
inline FuncType type_of(const swoop_func_type_t& raw) {
  return {kinds_of(raw.params, raw.num_params), kinds_of(raw.results, raw.num_results)};
}
inline swoop_limits_t raw_limits(const Limits& limits) {
  return {limits.min, limits.max.value_or(UINT64_MAX)};
}
inline Limits limits_of(const swoop_limits_t& raw) {
  return {raw.min, raw.max == UINT64_MAX ? std::nullopt : std::optional(raw.max)};
}
inline MemoryType type_of(const swoop_memory_type_t& raw) {
  return {limits_of(raw.pages), raw.is_shared, raw.is_64};
}
inline TableType type_of(const swoop_table_type_t& raw) {
  return {ValKind(raw.element), limits_of(raw.elements)};
}
inline GlobalType type_of(const swoop_global_type_t& raw) {
  return {ValKind(raw.value), raw.is_mutable};
}
inline ExternType type_of(const swoop_extern_type_t& raw) {
  switch (raw.kind) {
    case SWOOP_FUNC: return type_of(raw.of.func);
    case SWOOP_TABLE: return type_of(raw.of.table);
    case SWOOP_MEMORY: return type_of(raw.of.memory);
    case SWOOP_GLOBAL: return type_of(raw.of.global);
    default: return TagType{type_of(raw.of.func).params};
  }
}

/// The object of an externref stays the Value's.
inline swoop_value_t raw_value(const Value& value) {
  swoop_value_t raw = {};
  raw.kind = static_cast<swoop_val_kind_t>(value.index());
  switch (raw.kind) {
    case SWOOP_I32: raw.of.i32 = *std::get_if<0>(&value); break;
    case SWOOP_I64: raw.of.i64 = *std::get_if<1>(&value); break;
    case SWOOP_F32: raw.of.f32 = *std::get_if<2>(&value); break;
    case SWOOP_F64: raw.of.f64 = *std::get_if<3>(&value); break;
    case SWOOP_V128: std::memcpy(raw.of.v128, std::get_if<4>(&value)->bytes.data(), 16); break;
    case SWOOP_FUNCREF: raw.of.func = std::get_if<5>(&value)->raw(); break;
    default: raw.of.object = std::get_if<6>(&value)->raw(); break;
  }
  return raw;
}
/// Takes the object of an externref over.
inline Value take_value(const swoop_value_t& raw) {
  switch (raw.kind) {
    case SWOOP_I32: return raw.of.i32;
    case SWOOP_I64: return raw.of.i64;
    case SWOOP_F32: return raw.of.f32;
    case SWOOP_F64: return raw.of.f64;
    case SWOOP_V128: {
      V128 value;
      std::memcpy(value.bytes.data(), raw.of.v128, 16);
      return value;
    }
    case SWOOP_FUNCREF: return Func(raw.of.func);
    default: return ExternRef(raw.of.object);
  }
}

}  // namespace detail
}  // namespace SWOOP_NAMESPACE
}  // namespace swoop
