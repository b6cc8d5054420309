/* Descriptions of types and vectors of all kinds. */
#include "support.h"

static wasm_functype_t* new_functype(void) {
  return wasm_functype_new_2_1(wasm_valtype_new_i64(), wasm_valtype_new_externref(),
                               wasm_valtype_new_f32());
}

static void test_valtypes(void) {
  const wasm_valkind_t kinds[] = {WASM_I32, WASM_I64,       WASM_F32,
                                  WASM_F64, WASM_EXTERNREF, WASM_FUNCREF};
  for (size_t i = 0; i < sizeof(kinds); ++i) {
    wasm_valtype_t* type = wasm_valtype_new(kinds[i]);
    CHECK(wasm_valtype_kind(type) == kinds[i]);
    CHECK(wasm_valtype_is_ref(type) == (i >= 4) && wasm_valtype_is_num(type) == (i < 4));
    wasm_valtype_t* copy = wasm_valtype_copy(type);
    wasm_valtype_delete(type);
    CHECK(wasm_valtype_kind(copy) == kinds[i]);
    wasm_valtype_delete(copy);
  }
  CHECK(wasm_valtype_new(4) == NULL);
  CHECK(wasm_valtype_new(130) == NULL);
}

static void test_functypes(void) {
  wasm_functype_t* type = new_functype();
  wasm_functype_t* copy = wasm_functype_copy(type);
  wasm_functype_delete(type);
  CHECK(wasm_functype_params(copy)->size == 2);
  CHECK(wasm_valtype_kind(wasm_functype_params(copy)->data[0]) == WASM_I64);
  CHECK(wasm_valtype_kind(wasm_functype_params(copy)->data[1]) == WASM_EXTERNREF);
  CHECK(wasm_functype_results(copy)->size == 1);
  CHECK(wasm_valtype_kind(wasm_functype_results(copy)->data[0]) == WASM_F32);

  wasm_externtype_t* any = wasm_functype_as_externtype(copy);
  CHECK(wasm_externtype_kind(any) == WASM_EXTERN_FUNC);
  CHECK(wasm_externtype_as_functype(any) == copy);
  CHECK(wasm_externtype_as_functype_const(wasm_functype_as_externtype_const(copy)) == copy);
  CHECK(wasm_externtype_as_globaltype(any) == NULL);
  CHECK(wasm_externtype_as_tabletype(any) == NULL);
  CHECK(wasm_externtype_as_memorytype(any) == NULL);
  wasm_externtype_t* any_copy = wasm_externtype_copy(any);
  wasm_functype_delete(copy);
  CHECK(wasm_externtype_kind(any_copy) == WASM_EXTERN_FUNC);
  wasm_externtype_delete(any_copy);

  wasm_functype_t* all[] = {
      wasm_functype_new_0_0(),
      wasm_functype_new_1_0(wasm_valtype_new_i32()),
      wasm_functype_new_3_0(wasm_valtype_new_i32(), wasm_valtype_new_i32(), wasm_valtype_new_i64()),
      wasm_functype_new_0_2(wasm_valtype_new_i32(), wasm_valtype_new_f64()),
      wasm_functype_new_3_2(wasm_valtype_new_i32(), wasm_valtype_new_i32(), wasm_valtype_new_i64(),
                            wasm_valtype_new_f32(), wasm_valtype_new_funcref()),
  };
  const size_t arities[][2] = {{0, 0}, {1, 0}, {3, 0}, {0, 2}, {3, 2}};
  for (size_t i = 0; i < 5; ++i) {
    CHECK(wasm_functype_params(all[i])->size == arities[i][0]);
    CHECK(wasm_functype_results(all[i])->size == arities[i][1]);
  }
  CHECK(wasm_valtype_kind(wasm_functype_params(all[4])->data[2]) == WASM_I64);
  CHECK(wasm_valtype_kind(wasm_functype_results(all[4])->data[1]) == WASM_FUNCREF);
  for (size_t i = 0; i < 5; ++i) wasm_functype_delete(all[i]);
}

static void test_others(void) {
  wasm_globaltype_t* global = wasm_globaltype_new(wasm_valtype_new_f64(), WASM_VAR);
  CHECK(wasm_valtype_kind(wasm_globaltype_content(global)) == WASM_F64);
  CHECK(wasm_globaltype_mutability(global) == WASM_VAR);
  CHECK(wasm_externtype_kind(wasm_globaltype_as_externtype(global)) == WASM_EXTERN_GLOBAL);
  wasm_globaltype_t* global_copy = wasm_globaltype_copy(global);
  wasm_globaltype_delete(global);
  CHECK(wasm_globaltype_mutability(global_copy) == WASM_VAR);

  const wasm_limits_t limits = {2, wasm_limits_max_default};
  wasm_tabletype_t* table = wasm_tabletype_new(wasm_valtype_new_externref(), &limits);
  CHECK(wasm_valtype_kind(wasm_tabletype_element(table)) == WASM_EXTERNREF);
  CHECK(wasm_tabletype_limits(table)->min == 2);
  CHECK(wasm_tabletype_limits(table)->max == wasm_limits_max_default);
  CHECK(wasm_externtype_kind(wasm_tabletype_as_externtype_const(table)) == WASM_EXTERN_TABLE);
  CHECK(wasm_tabletype_new(wasm_valtype_new_i32(), &limits) == NULL);

  const wasm_limits_t bad_limits = {2, 1};
  wasm_memorytype_t* memory = wasm_memorytype_new(&limits);
  CHECK(wasm_memorytype_limits(memory)->min == 2);
  CHECK(wasm_externtype_as_memorytype(wasm_memorytype_as_externtype(memory)) == memory);
  CHECK(wasm_memorytype_new(&bad_limits) == NULL);

  wasm_name_t module = name_of("module"), name = name_of("name");
  wasm_importtype_t* import =
      wasm_importtype_new(&module, &name, wasm_tabletype_as_externtype(table));
  wasm_importtype_t* import_copy = wasm_importtype_copy(import);
  wasm_importtype_delete(import);
  CHECK(name_is(wasm_importtype_module(import_copy), "module"));
  CHECK(name_is(wasm_importtype_name(import_copy), "name"));
  CHECK(wasm_externtype_as_tabletype_const(wasm_importtype_type(import_copy)) == table);
  wasm_importtype_delete(import_copy);

  wasm_name_t exported = name_of("");
  wasm_exporttype_t* export = wasm_exporttype_new(&exported, wasm_memorytype_as_externtype(memory));
  CHECK(name_is(wasm_exporttype_name(export), ""));
  CHECK(wasm_externtype_kind(wasm_exporttype_type(export)) == WASM_EXTERN_MEMORY);
  wasm_exporttype_delete(export);
  wasm_globaltype_delete(global_copy);
}

void test_types(void) {
  test_valtypes();
  test_functypes();
  test_others();
  CHECK(shorthands_work_in_cpp());
}

/* A vector of handles: its elements are copied and deleted with it. */
#define CHECK_HANDLE_VECTOR(name, first, second)                                         \
  do {                                                                                   \
    wasm_##name##_vec_t vector, copy;                                                    \
    wasm_##name##_vec_new_empty(&vector);                                                \
    CHECK(vector.size == 0 && vector.data == NULL);                                      \
    wasm_##name##_vec_delete(&vector);                                                   \
    wasm_##name##_vec_new_uninitialized(&vector, 3);                                     \
    CHECK(vector.size == 3 && vector.data[0] == NULL && vector.data[2] == NULL);         \
    wasm_##name##_vec_copy(&copy, &vector);                                              \
    CHECK(copy.size == 3 && copy.data[1] == NULL);                                       \
    wasm_##name##_vec_delete(&copy);                                                     \
    wasm_##name##_vec_delete(&vector);                                                   \
    CHECK(vector.size == 0 && vector.data == NULL);                                      \
    wasm_##name##_t* elements[] = {first, second};                                       \
    wasm_##name##_vec_new(&vector, 2, elements);                                         \
    CHECK(vector.size == 2 && vector.data != elements && vector.data[1] == elements[1]); \
    wasm_##name##_vec_copy(&copy, &vector);                                              \
    wasm_##name##_vec_delete(&vector);                                                   \
    CHECK(copy.size == 2 && copy.data[0] != NULL && copy.data[1] != NULL);               \
    wasm_##name##_vec_delete(&copy);                                                     \
    wasm_##name##_vec_new_uninitialized(&vector, SIZE_MAX / 4);                          \
    CHECK(vector.size == 0 && vector.data == NULL);                                      \
  } while (0)

static wasm_globaltype_t* new_globaltype(void) {
  return wasm_globaltype_new(wasm_valtype_new_i32(), WASM_CONST);
}
static wasm_tabletype_t* new_tabletype(void) {
  const wasm_limits_t limits = {0, 1};
  return wasm_tabletype_new(wasm_valtype_new_funcref(), &limits);
}
static wasm_memorytype_t* new_memorytype(void) {
  const wasm_limits_t limits = {0, 1};
  return wasm_memorytype_new(&limits);
}
static wasm_importtype_t* new_importtype(void) {
  wasm_name_t module = name_of("m"), name = name_of("n");
  return wasm_importtype_new(&module, &name, wasm_functype_as_externtype(new_functype()));
}
static wasm_exporttype_t* new_exporttype(void) {
  wasm_name_t name = name_of("n");
  return wasm_exporttype_new(&name, wasm_functype_as_externtype(new_functype()));
}

static wasm_trap_t* do_nothing(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args, (void)results;
  return NULL;
}
static wasm_memory_t* new_memory(wasm_store_t* store) {
  wasm_memorytype_t* type = new_memorytype();
  wasm_memory_t* memory = wasm_memory_new(store, type);
  wasm_memorytype_delete(type);
  return memory;
}

void test_vectors(void) {
  CHECK_HANDLE_VECTOR(valtype, wasm_valtype_new_i32(), wasm_valtype_new_f64());
  CHECK_HANDLE_VECTOR(functype, new_functype(), new_functype());
  CHECK_HANDLE_VECTOR(globaltype, new_globaltype(), new_globaltype());
  CHECK_HANDLE_VECTOR(tabletype, new_tabletype(), new_tabletype());
  CHECK_HANDLE_VECTOR(memorytype, new_memorytype(), new_memorytype());
  CHECK_HANDLE_VECTOR(externtype, wasm_functype_as_externtype(new_functype()),
                      wasm_globaltype_as_externtype(new_globaltype()));
  CHECK_HANDLE_VECTOR(importtype, new_importtype(), new_importtype());
  CHECK_HANDLE_VECTOR(exporttype, new_exporttype(), new_exporttype());

  world_t world = new_world();
  CHECK_HANDLE_VECTOR(
      extern, wasm_func_as_extern(new_func(world.store, wasm_functype_new_0_0(), do_nothing)),
      wasm_memory_as_extern(new_memory(world.store)));

  wasm_byte_vec_t bytes, copy;
  wasm_byte_vec_new(&bytes, 4, "a\0b");
  wasm_byte_vec_copy(&copy, &bytes);
  CHECK(copy.size == 4 && memcmp(copy.data, "a\0b", 4) == 0 && copy.data != bytes.data);
  wasm_byte_vec_delete(&bytes);
  wasm_byte_vec_delete(&copy);
  wasm_name_new_from_string_nt(&bytes, "abc");
  CHECK(bytes.size == 4 && bytes.data[3] == 0);
  wasm_name_delete(&bytes);

  wasm_foreign_t* foreign = wasm_foreign_new(world.store);
  const wasm_val_t values[] = {WASM_I32_VAL(7), WASM_REF_VAL(wasm_foreign_as_ref(foreign)),
                               WASM_F64_VAL(0.5)};
  wasm_val_vec_t vector, values_copy;
  wasm_val_vec_new(&vector, 3, values);
  wasm_val_vec_copy(&values_copy, &vector);
  wasm_val_vec_delete(&vector);
  CHECK(values_copy.size == 3 && values_copy.data[0].of.i32 == 7);
  CHECK(wasm_ref_same(values_copy.data[1].of.ref, wasm_foreign_as_ref(foreign)));
  CHECK(values_copy.data[2].kind == WASM_F64 && values_copy.data[2].of.f64 == 0.5);
  wasm_val_vec_delete(&values_copy);
  wasm_val_vec_new_empty(&vector);
  wasm_val_vec_delete(&vector);

  wasm_val_t value;
  wasm_val_init_ptr(&value, &world);
  CHECK(wasm_val_ptr(&value) == &world);
  delete_world(world);
}
