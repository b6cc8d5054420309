#include "api/wasm_c_api/values.h"

#include "api/wasm_c_api/externals.h"
#include "vm/object.h"

#include <cstdlib>
#include <cstring>

namespace swoop::wasm_c_api {
namespace {

uint64_t externref_of(wasm_store_t& store, wasm_ref_t& ref) {
  if (ref.kind == Kind::opaque) return static_cast<Opaque&>(ref).word;
  const uint64_t word = host_reference(reinterpret_cast<uintptr_t>(&ref));
  if (store.externrefs.try_emplace(word, &ref).second) add_internal(ref);
  return word;
}

thread_local CallbackValues* innermost = nullptr;

}  // namespace

bool to_word(wasm_store_t& store, wasm_ref_t* handle, ValType type, uint64_t& out) {
  if (!type.is_ref()) return false;
  out = 0;
  if (handle == nullptr) return type.nullable();
  wasm_ref_t* const ref = as_ref(handle);
  if (ref == nullptr || ref->store != &store) return false;
  const TypeRegistry& types = store.store.engine().types();
  if (types.is_subtype(ValType::ref(AbstractHeapType::extern_, false), type)) {
    out = externref_of(store, *ref);
    return true;
  }
  if (ref->kind != Kind::func) return false;
  const Func& func = static_cast<wasm_func_t*>(ref)->func;
  out = reinterpret_cast<uintptr_t>(func.ref());
  return types.is_subtype(ValType::ref(func.type_id(), false), type);
}

wasm_ref_t* from_word(wasm_store_t& store, uint64_t word, ValType type) {
  if (word == 0 || !type.is_ref()) return nullptr;
  const TypeRegistry& types = store.store.engine().types();
  if (types.is_subtype(type, ValType::funcref)) {
    return add_handle(object_of(store, reinterpret_cast<VmFuncRef*>(word)));
  }
  if (!types.is_subtype(type, ValType::externref)) return nullptr;
  const auto [found, is_new] = store.externrefs.try_emplace(word, nullptr);
  if (is_new) found->second = new Opaque(&store, word);
  return add_handle(found->second);
}

bool to_ref_value(wasm_store_t& store, const wasm_val_t& from, ValType type, Value& out) {
  out = {};
  // The initializers of wasm.h call any reference an externref.
  return wasm_valkind_is_ref(from.kind) && to_word(store, from.of.ref, type, out.low);
}

wasm_val_t from_ref_value(wasm_store_t& store, const Value& from, ValType type) {
  wasm_val_t value = null_value();
  if (!type.is_ref()) return value;
  if (store.store.engine().types().is_subtype(type, ValType::funcref)) value.kind = WASM_FUNCREF;
  value.of.ref = from_word(store, from.low, type);
  return value;
}

CallbackValues::CallbackValues(size_t size) : data_(small_), size_(size), outer_(innermost) {
  if (size > kSmall) {
    data_ = static_cast<wasm_val_t*>(std::calloc(size, sizeof(wasm_val_t)));
    if (data_ == nullptr) size_ = 0;
  } else {
    std::memset(data_, 0, size * sizeof(wasm_val_t));
  }
  innermost = this;
}

CallbackValues::~CallbackValues() {
  innermost = outer_;
  if (data_ != small_) std::free(data_);
}

bool CallbackValues::contains(const wasm_val_t* data) {
  for (const CallbackValues* values = innermost; values != nullptr; values = values->outer_) {
    if (data >= values->data_ && data < values->data_ + values->size_) return true;
  }
  return false;
}

}  // namespace swoop::wasm_c_api

using namespace swoop::wasm_c_api;

void wasm_val_delete(wasm_val_t* value) {
  if (value == nullptr || !wasm_valkind_is_ref(value->kind)) return;
  remove_handle(as_ref(value->of.ref));
  value->of.ref = nullptr;
}

void wasm_val_copy(wasm_val_t* out, const wasm_val_t* from) {
  if (out == nullptr) return;
  if (from == nullptr) {
    *out = null_value();
    return;
  }
  *out = *from;
  if (wasm_valkind_is_ref(from->kind)) out->of.ref = add_handle(as_ref(from->of.ref));
}
