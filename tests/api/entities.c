/* Globals, tables, memories, and what modules say of themselves. */
#include "modules.h"
#include "support.h"

static wasm_global_t* new_global(wasm_store_t* store, wasm_valkind_t kind, wasm_mutability_t mut,
                                 wasm_val_t value) {
  wasm_globaltype_t* type = wasm_globaltype_new(wasm_valtype_new(kind), mut);
  wasm_global_t* global = wasm_global_new(store, type, &value);
  wasm_globaltype_delete(type);
  return global;
}

static wasm_val_t get(const wasm_global_t* global) {
  wasm_val_t value;
  wasm_global_get(global, &value);
  return value;
}

static wasm_val_t call(const wasm_func_t* func) {
  wasm_val_t value = WASM_INIT_VAL;
  wasm_val_vec_t results = {1, &value};
  CHECK(wasm_func_call(func, NULL, &results) == NULL);
  return value;
}

void test_global(void) {
  world_t world = new_world();
  const wasm_val_t f32 = WASM_F32_VAL(1.25f), i64 = WASM_I64_VAL(2), i32 = WASM_I32_VAL(8);
  wasm_global_t* constant = new_global(world.store, WASM_F32, WASM_CONST, f32);
  wasm_global_t* variable = new_global(world.store, WASM_I64, WASM_VAR, i64);
  CHECK(new_global(world.store, WASM_I64, WASM_VAR, f32) == NULL);
  wasm_extern_t* imports[] = {wasm_global_as_extern(constant), wasm_global_as_extern(variable)};
  wasm_extern_vec_t exports = EXPORTS(world.store, globals_wasm, imports, 2);

  wasm_global_t* own_constant = wasm_extern_as_global(exports.data[0]);
  wasm_global_t* own_variable = wasm_extern_as_global(exports.data[1]);
  CHECK(get(own_constant).kind == WASM_F64 && get(own_constant).of.f64 == 5);
  CHECK(get(own_variable).of.i32 == 7);
  CHECK(call(func_at(&exports, 2)).of.f32 == 1.25f);
  CHECK(call(func_at(&exports, 3)).of.i64 == 2);

  const wasm_val_t next = WASM_I64_VAL(34);
  wasm_global_set(variable, &next);
  CHECK(call(func_at(&exports, 3)).of.i64 == 34);
  wasm_global_set(own_variable, &i32);
  CHECK(call(func_at(&exports, 4)).of.i32 == 8);
  CHECK(CALL(func_at(&exports, 6), 9) == 0);
  CHECK(get(own_variable).of.i32 == 9);
  /* Constants, and values of another type, change nothing. */
  wasm_global_set(constant, &(wasm_val_t)WASM_F32_VAL(3));
  wasm_global_set(own_variable, &next);
  CHECK(get(constant).of.f32 == 1.25f && get(own_variable).of.i32 == 9);

  wasm_global_t* copy = wasm_global_copy(variable);
  CHECK(wasm_global_same(copy, variable) && !wasm_global_same(copy, constant));
  wasm_global_delete(copy);
  wasm_globaltype_t* type = wasm_global_type(variable);
  CHECK(wasm_globaltype_mutability(type) == WASM_VAR);
  CHECK(wasm_valtype_kind(wasm_globaltype_content(type)) == WASM_I64);
  wasm_globaltype_delete(type);
  wasm_global_delete(constant);
  wasm_global_delete(variable);
  wasm_extern_vec_delete(&exports);
  delete_world(world);
}

static bool is_set(const wasm_table_t* table, wasm_table_size_t i) {
  wasm_ref_t* ref = wasm_table_get(table, i);
  wasm_ref_delete(ref);
  return ref != NULL;
}

static wasm_trap_t* negate(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  results->data[0].of.i32 = -args->data[0].of.i32;
  return NULL;
}

#define CALL_TRAPS(func, i, message) traps(func, 2, (int32_t[]){0, i}, message)

void test_table(void) {
  world_t world = new_world();
  wasm_extern_vec_t exports = EXPORTS(world.store, tables_wasm, NULL, 0);
  wasm_table_t* table = wasm_extern_as_table(exports.data[0]);
  wasm_func_t *through = func_at(&exports, 1), *same = func_at(&exports, 2),
              *constant = func_at(&exports, 3);
  wasm_func_t* host = new_func(
      world.store, wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32()), negate);

  CHECK(wasm_table_size(table) == 2);
  CHECK(!is_set(table, 0) && is_set(table, 1) && !is_set(table, 2));
  CHECK(CALL_TRAPS(through, 0, "uninitialized element"));
  CHECK(CALL(through, 7, 1) == 7);
  CHECK(CALL_TRAPS(through, 2, "undefined element"));
  wasm_ref_t* element = wasm_table_get(table, 1);
  CHECK(wasm_ref_same(element, wasm_func_as_ref(same)));
  CHECK(CALL(wasm_ref_as_func(element), 12) == 12);
  wasm_ref_delete(element);

  CHECK(wasm_table_set(table, 0, wasm_func_as_ref(constant)));
  CHECK(wasm_table_set(table, 1, NULL));
  CHECK(!wasm_table_set(table, 2, wasm_func_as_ref(same)));
  CHECK(!wasm_table_set(table, 0, wasm_table_as_ref(table)));
  CHECK(CALL(through, 7, 0) == 666);
  CHECK(CALL_TRAPS(through, 1, "uninitialized element"));

  CHECK(wasm_table_grow(table, 3, NULL) && wasm_table_size(table) == 5);
  CHECK(wasm_table_set(table, 3, wasm_func_as_ref(host)));
  CHECK(CALL(through, 6, 3) == -6);
  CHECK(CALL_TRAPS(through, 4, "uninitialized element"));
  CHECK(wasm_table_grow(table, 2, wasm_func_as_ref(same)));
  CHECK(CALL(through, 5, 5) == 5 && CALL(through, 4, 6) == 4);
  CHECK(!wasm_table_grow(table, 4, NULL) && wasm_table_size(table) == 7);
  CHECK(!wasm_table_grow(table, UINT32_MAX, NULL));
  CHECK(wasm_table_grow(table, 3, NULL) && wasm_table_grow(table, 0, NULL));
  wasm_tabletype_t* type = wasm_table_type(table);
  CHECK(wasm_tabletype_limits(type)->min == 10 && wasm_tabletype_limits(type)->max == 10);
  CHECK(wasm_valtype_kind(wasm_tabletype_element(type)) == WASM_FUNCREF);
  wasm_tabletype_delete(type);
  wasm_table_t* copy = wasm_table_copy(table);
  CHECK(wasm_table_same(copy, table));
  wasm_table_delete(copy);
  wasm_func_delete(host);
  wasm_extern_vec_delete(&exports);

  const wasm_limits_t limits = {5, 5}, huge = {UINT32_MAX, UINT32_MAX};
  wasm_tabletype_t* own_type = wasm_tabletype_new(wasm_valtype_new_externref(), &limits);
  wasm_foreign_t* foreign = wasm_foreign_new(world.store);
  wasm_table_t* own = wasm_table_new(world.store, own_type, wasm_foreign_as_ref(foreign));
  element = wasm_table_get(own, 4);
  CHECK(wasm_table_size(own) == 5 && wasm_ref_same(element, wasm_foreign_as_ref(foreign)));
  CHECK(wasm_table_set(own, 4, wasm_table_as_ref(own)));
  CHECK(!wasm_table_grow(own, 1, NULL) && wasm_table_grow(own, 0, NULL));
  wasm_ref_delete(element);
  wasm_foreign_delete(foreign);
  wasm_tabletype_delete(own_type);
  wasm_table_delete(own);
  own_type = wasm_tabletype_new(wasm_valtype_new_funcref(), &huge);
  CHECK(wasm_table_new(world.store, own_type, NULL) == NULL);
  wasm_tabletype_delete(own_type);
  delete_world(world);
}

void test_memory(void) {
  world_t world = new_world();
  wasm_extern_vec_t exports = EXPORTS(world.store, memories_wasm, NULL, 0);
  wasm_memory_t* memory = wasm_extern_as_memory(exports.data[0]);
  const wasm_func_t *size = func_at(&exports, 1), *load = func_at(&exports, 2),
                    *store = func_at(&exports, 3);
  CHECK(wasm_memory_size(memory) == 2 && wasm_memory_data_size(memory) == 2 * MEMORY_PAGE_SIZE);
  CHECK(wasm_memory_data(memory)[0] == 0 && wasm_memory_data(memory)[0x1003] == 4);
  CHECK(CALL(size) == 2 && CALL(load, 0x1000) == 1 && CALL(load, 0x1ffff) == 0);
  CHECK(traps(load, 1, (int32_t[]){0x20000}, "out of bounds memory access"));

  wasm_memory_data(memory)[0x1003] = 5;
  CHECK(CALL(load, 0x1003) == 5);
  CHECK(CALL(store, 0x1002, 6) == 0);
  CHECK(wasm_memory_data(memory)[0x1002] == 6);
  CHECK(traps(store, 2, (int32_t[]){0x20000, 1}, "out of bounds memory access"));

  CHECK(wasm_memory_grow(memory, 1) && wasm_memory_size(memory) == 3 && CALL(size) == 3);
  CHECK(CALL(store, 0x2ffff, 9) == 0);
  CHECK(wasm_memory_data(memory)[0x2ffff] == 9);
  CHECK(!wasm_memory_grow(memory, 1) && !wasm_memory_grow(memory, UINT32_MAX));
  CHECK(wasm_memory_grow(memory, 0));
  wasm_memorytype_t* type = wasm_memory_type(memory);
  CHECK(wasm_memorytype_limits(type)->min == 3 && wasm_memorytype_limits(type)->max == 3);
  wasm_memorytype_delete(type);
  wasm_memory_t* copy = wasm_memory_copy(memory);
  CHECK(wasm_memory_same(copy, memory));
  wasm_memory_delete(copy);
  wasm_extern_vec_delete(&exports);

  const wasm_limits_t limits = {5, 5}, open = {0, wasm_limits_max_default}, huge = {65537, 70000};
  type = wasm_memorytype_new(&limits);
  memory = wasm_memory_new(world.store, type);
  CHECK(wasm_memory_size(memory) == 5 && !wasm_memory_grow(memory, 1));
  wasm_memory_delete(memory);
  wasm_memorytype_delete(type);
  type = wasm_memorytype_new(&open);
  memory = wasm_memory_new(world.store, type);
  CHECK(wasm_memory_size(memory) == 0 && wasm_memory_grow(memory, 3));
  wasm_memory_delete(memory);
  wasm_memorytype_delete(type);
  type = wasm_memorytype_new(&huge);
  CHECK(wasm_memory_new(world.store, type) == NULL);
  wasm_memorytype_delete(type);
  delete_world(world);
}

static void check_types(const wasm_valtype_vec_t* types, size_t size, const wasm_valkind_t* kinds) {
  CHECK(types->size == size);
  for (size_t i = 0; i < size; ++i) CHECK(wasm_valtype_kind(types->data[i]) == kinds[i]);
}

void test_reflect(void) {
  world_t world = new_world();
  wasm_module_t* module = MODULE(world.store, reflect_wasm);
  wasm_importtype_vec_t imports;
  wasm_module_imports(module, &imports);
  const wasm_externkind_t import_kinds[] = {WASM_EXTERN_FUNC, WASM_EXTERN_GLOBAL, WASM_EXTERN_TABLE,
                                            WASM_EXTERN_MEMORY};
  const char* const import_names[][2] = {{"a", "f"}, {"a", "g"}, {"b", "t"}, {"b", "m"}};
  CHECK(imports.size == 4);
  for (size_t i = 0; i < 4; ++i) {
    CHECK(name_is(wasm_importtype_module(imports.data[i]), import_names[i][0]));
    CHECK(name_is(wasm_importtype_name(imports.data[i]), import_names[i][1]));
    CHECK(wasm_externtype_kind(wasm_importtype_type(imports.data[i])) == import_kinds[i]);
  }
  const wasm_tabletype_t* table =
      wasm_externtype_as_tabletype_const(wasm_importtype_type(imports.data[2]));
  CHECK(wasm_tabletype_limits(table)->min == 1 && wasm_tabletype_limits(table)->max == 5);
  const wasm_memorytype_t* memory =
      wasm_externtype_as_memorytype_const(wasm_importtype_type(imports.data[3]));
  CHECK(wasm_memorytype_limits(memory)->min == 2);
  CHECK(wasm_memorytype_limits(memory)->max == wasm_limits_max_default);

  wasm_exporttype_vec_t exports;
  wasm_module_exports(module, &exports);
  const wasm_externkind_t kinds[] = {WASM_EXTERN_FUNC,   WASM_EXTERN_GLOBAL, WASM_EXTERN_TABLE,
                                     WASM_EXTERN_MEMORY, WASM_EXTERN_FUNC,   WASM_EXTERN_FUNC,
                                     4 /* a tag */,      WASM_EXTERN_FUNC};
  const char* const names[] = {"func",      "global", "table", "memory",
                               "exception", "any",    "tag",   "imported"};
  CHECK(exports.size == 8);
  for (size_t i = 0; i < 8; ++i) {
    CHECK(name_is(wasm_exporttype_name(exports.data[i]), names[i]));
    CHECK(wasm_externtype_kind(wasm_exporttype_type(exports.data[i])) == kinds[i]);
  }
  const wasm_functype_t* func =
      wasm_externtype_as_functype_const(wasm_exporttype_type(exports.data[0]));
  const wasm_valkind_t params[] = {WASM_I32, WASM_I64,     WASM_F32,
                                   WASM_F64, WASM_FUNCREF, WASM_EXTERNREF};
  const wasm_valkind_t results[] = {WASM_I64, WASM_I32};
  check_types(wasm_functype_params(func), 6, params);
  check_types(wasm_functype_results(func), 2, results);
  /* Kinds without a name. */
  const wasm_valkind_t other = 130;
  func = wasm_externtype_as_functype_const(wasm_exporttype_type(exports.data[4]));
  check_types(wasm_functype_params(func), 1, &other);
  CHECK(wasm_func_new(world.store, func, negate) == NULL);
  func = wasm_externtype_as_functype_const(wasm_exporttype_type(exports.data[5]));
  check_types(wasm_functype_params(func), 1, &other);
  check_types(wasm_functype_results(func), 1, &other);

  wasm_module_delete(module);
  CHECK(name_is(wasm_exporttype_name(exports.data[0]), "func")); /* of no store */
  wasm_importtype_vec_delete(&imports);
  wasm_exporttype_vec_delete(&exports);
  delete_world(world);
}
