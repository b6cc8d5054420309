// Values of wasm.h and of the runtime. A reference is a handle on one side and a word on the other:
// of functions, the address of their VmFuncRef; of all that is an externref, a reference of the
// host (vm/object.h) whose number is the address of the object.
//
// Safety: WebAssembly gets only words that are of the type and of its store; a word that comes back
// is looked up among those of the store before it becomes a handle, so one that another embedder of
// the same store made up is no pointer. Noticed by tests/api/references.c and tests/api/misuse.c.
#pragma once

#include "api/wasm_c_api/store.h"
#include "wasm/types.h"
#include "wasm/value.h"

#include <cstddef>
#include <cstdint>

namespace swoop::wasm_c_api {

/// An externref that WebAssembly made itself, of an i31 or an object: known by its word alone.
struct Opaque : wasm_ref_t {
  static constexpr Kind kKind = Kind::opaque;
  Opaque(wasm_store_t* s, uint64_t w) : wasm_ref_t(kKind, s, true), word(w) {}

  uint64_t word;
};

/// What stands for a value that has no kind: a null externref.
inline wasm_val_t null_value() {
  wasm_val_t value;
  value.kind = WASM_EXTERNREF;
  value.of.i64 = 0;
  value.of.ref = nullptr;
  return value;
}

/// The word of a reference that is given to WebAssembly. False if it is not of this type or of
/// another store.
[[nodiscard]] bool to_word(wasm_store_t& store, wasm_ref_t* ref, ValType type, uint64_t& out);
/// A new handle to what a word of this type refers to; null for null, and for references that are
/// neither functions nor externrefs.
wasm_ref_t* from_word(wasm_store_t& store, uint64_t word, ValType type);

[[nodiscard]] bool to_ref_value(wasm_store_t& store, const wasm_val_t& from, ValType type,
                                Value& out);
wasm_val_t from_ref_value(wasm_store_t& store, const Value& from, ValType type);

/// False if the value is not of the type. References stay the caller's.
[[nodiscard]] inline bool to_value(wasm_store_t& store, const wasm_val_t& from, ValType type,
                                   Value& out) {
  switch (type.kind()) {
    case ValType::Kind::i32:
    case ValType::Kind::f32:  // the bits are at the same place
      out = Value::i32(from.of.i32);
      return from.kind == (type == ValType::i32 ? WASM_I32 : WASM_F32);
    case ValType::Kind::i64:
    case ValType::Kind::f64:
      out = Value::i64(from.of.i64);
      return from.kind == (type == ValType::i64 ? WASM_I64 : WASM_F64);
    default: return to_ref_value(store, from, type, out);
  }
}

/// With a new handle, if it is a reference.
inline wasm_val_t from_value(wasm_store_t& store, const Value& from, ValType type) {
  wasm_val_t value;
  value.of.i64 = static_cast<int64_t>(from.low);
  switch (type.kind()) {
    case ValType::Kind::i32: value.kind = WASM_I32; return value;
    case ValType::Kind::i64: value.kind = WASM_I64; return value;
    case ValType::Kind::f32: value.kind = WASM_F32; return value;
    case ValType::Kind::f64: value.kind = WASM_F64; return value;
    default: return from_ref_value(store, from, type);
  }
}

/// Arguments and results of a callback that is running. The array is not by malloc, and yet a
/// callback may delete the vector it got: so the vector's functions ask here.
class CallbackValues {
 public:
  /// `size` values that are zero. Null data: no memory.
  explicit CallbackValues(size_t size);
  ~CallbackValues();
  CallbackValues(const CallbackValues&) = delete;
  CallbackValues& operator=(const CallbackValues&) = delete;

  wasm_val_t* data() const { return data_; }
  /// Whether this is in the values of a callback that this thread runs.
  static bool contains(const wasm_val_t* data);

 private:
  static constexpr size_t kSmall = 16;

  wasm_val_t* data_;
  size_t size_;
  CallbackValues* outer_;
  wasm_val_t small_[kSmall];
};

}  // namespace swoop::wasm_c_api
