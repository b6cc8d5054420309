// The vectors of wasm.h.
#include "api/wasm_c_api/values.h"
#include "api/wasm_c_api/vector.h"

#include <cstring>

using namespace swoop::wasm_c_api;

DEFINE_HANDLE_VECTOR(valtype)
DEFINE_HANDLE_VECTOR(functype)
DEFINE_HANDLE_VECTOR(globaltype)
DEFINE_HANDLE_VECTOR(tabletype)
DEFINE_HANDLE_VECTOR(memorytype)
DEFINE_HANDLE_VECTOR(externtype)
DEFINE_HANDLE_VECTOR(importtype)
DEFINE_HANDLE_VECTOR(exporttype)
DEFINE_HANDLE_VECTOR(frame)
DEFINE_HANDLE_VECTOR(extern)

void wasm_byte_vec_new_empty(wasm_byte_vec_t* out) {
  wasm_byte_vec_new_uninitialized(out, 0);
}

void wasm_byte_vec_new_uninitialized(wasm_byte_vec_t* out, size_t size) {
  if (out != nullptr) make_vector(*out, size);
}

void wasm_byte_vec_new(wasm_byte_vec_t* out, size_t size, const wasm_byte_t* from) {
  if (out == nullptr) return;
  make_vector(*out, from == nullptr ? 0 : size);
  if (out->size != 0) std::memcpy(out->data, from, out->size);
}

void wasm_byte_vec_copy(wasm_byte_vec_t* out, const wasm_byte_vec_t* from) {
  wasm_byte_vec_new(out, from == nullptr ? 0 : from->size, from == nullptr ? nullptr : from->data);
}

void wasm_byte_vec_delete(wasm_byte_vec_t* vector) {
  if (vector != nullptr) delete_vector(*vector, [](wasm_byte_t) {});
}

void wasm_val_vec_new_empty(wasm_val_vec_t* out) {
  wasm_val_vec_new_uninitialized(out, 0);
}

void wasm_val_vec_new_uninitialized(wasm_val_vec_t* out, size_t size) {
  if (out != nullptr) make_vector(*out, size);
}

void wasm_val_vec_new(wasm_val_vec_t* out, size_t size, const wasm_val_t* from) {
  if (out == nullptr) return;
  make_vector_of(*out, size, from, [](wasm_val_t value) { wasm_val_delete(&value); });
}

void wasm_val_vec_copy(wasm_val_vec_t* out, const wasm_val_vec_t* from) {
  if (out == nullptr) return;
  copy_vector(*out, from, [](wasm_val_t& to, const wasm_val_t& of) { wasm_val_copy(&to, &of); });
}

void wasm_val_vec_delete(wasm_val_vec_t* vector) {
  if (vector == nullptr) return;
  delete_vector(
      *vector, [](wasm_val_t& value) { wasm_val_delete(&value); },
      !CallbackValues::contains(vector->data));
}
