// The header is C++, too: with the linkage of C, and with its shorthands.
#include "api/include/wasm.h"

#include <type_traits>

static_assert(
    std::is_same_v<decltype(wasm_func_call),
                   wasm_trap_t*(const wasm_func_t*, const wasm_val_vec_t*, wasm_val_vec_t*)>);
static_assert(sizeof(wasm_val_t) == 16 && offsetof(wasm_val_t, of) == 8);
static_assert(sizeof(wasm_byte_vec_t) == 2 * sizeof(void*));
static_assert(WASM_EXTERNREF == 128 && WASM_FUNCREF == 129 && WASM_EXTERN_MEMORY == 3);

extern "C" bool shorthands_work_in_cpp() {
  wasm_val_t values[] = {WASM_I32_VAL(1), WASM_F64_VAL(2), WASM_INIT_VAL};
  const wasm_val_vec_t vector = WASM_ARRAY_VEC(values);
  wasm_functype_t* const type =
      wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_externref());
  const bool is_right = vector.size == 3 && wasm_functype_params(type)->size == 1;
  wasm_functype_delete(type);
  return is_right;
}
