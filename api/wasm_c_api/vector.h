// What the vectors of wasm.h have in common: an array by malloc, of values or of handles.
#pragma once

#include "api/include/wasm.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <type_traits>

namespace swoop::wasm_c_api {

/// Elements are zero or null. Empty where there is no memory.
template <class Vector>
void make_vector(Vector& out, size_t size) {
  const bool fits = size != 0 && size <= SIZE_MAX / sizeof(*out.data);
  out.data = fits ? static_cast<decltype(out.data)>(std::calloc(size, sizeof(*out.data))) : nullptr;
  out.size = out.data == nullptr ? 0 : size;
}

/// A vector of the elements, which are moved into it; where there is no memory, they are deleted.
template <class Vector, class Element, class Delete>
void make_vector_of(Vector& out, size_t size, Element const* from, Delete delete_element) {
  if (from == nullptr) size = 0;
  make_vector(out, size);
  if (out.size == size) {
    for (size_t i = 0; i < size; ++i) out.data[i] = from[i];
  } else {
    for (size_t i = 0; i < size; ++i) delete_element(from[i]);
  }
}

/// `copy_element(to, from)` makes an element anew.
template <class Vector, class Copy>
void copy_vector(Vector& out, const Vector* from, Copy copy_element) {
  const size_t size = from == nullptr || from->data == nullptr ? 0 : from->size;
  make_vector(out, size);
  for (size_t i = 0; i < out.size; ++i) copy_element(out.data[i], from->data[i]);
}

/// `free_array` false: the array is not the vector's own.
template <class Vector, class Delete>
void delete_vector(Vector& vector, Delete delete_element, bool free_array = true) {
  if (vector.data != nullptr) {
    for (size_t i = 0; i < vector.size; ++i) delete_element(vector.data[i]);
    if (free_array) std::free(vector.data);
  }
  vector.size = 0;
  vector.data = nullptr;
}

}  // namespace swoop::wasm_c_api

// The functions of a vector of handles.
#define DEFINE_HANDLE_VECTOR(name)                                                                 \
  void wasm_##name##_vec_new_empty(wasm_##name##_vec_t* out) {                                     \
    wasm_##name##_vec_new_uninitialized(out, 0);                                                   \
  }                                                                                                \
  void wasm_##name##_vec_new_uninitialized(wasm_##name##_vec_t* out, size_t size) {                \
    if (out != nullptr) swoop::wasm_c_api::make_vector(*out, size);                                \
  }                                                                                                \
  void wasm_##name##_vec_new(wasm_##name##_vec_t* out, size_t size,                                \
                             wasm_##name##_t* const from[]) {                                      \
    if (out != nullptr) swoop::wasm_c_api::make_vector_of(*out, size, from, wasm_##name##_delete); \
  }                                                                                                \
  void wasm_##name##_vec_copy(wasm_##name##_vec_t* out, const wasm_##name##_vec_t* from) {         \
    if (out == nullptr) return;                                                                    \
    swoop::wasm_c_api::copy_vector(*out, from, [](wasm_##name##_t*& to, wasm_##name##_t* of) {     \
      to = wasm_##name##_copy(of);                                                                 \
    });                                                                                            \
  }                                                                                                \
  void wasm_##name##_vec_delete(wasm_##name##_vec_t* vector) {                                     \
    if (vector != nullptr) swoop::wasm_c_api::delete_vector(*vector, wasm_##name##_delete);        \
  }
