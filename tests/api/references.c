/* References: what goes into WebAssembly as an externref or a funcref comes out as itself. */
#include "modules.h"
#include "support.h"

static void* seen_info = NULL;

static wasm_trap_t* echo(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  CHECK(args->data[0].kind == WASM_EXTERNREF && results->data[0].kind == WASM_EXTERNREF);
  CHECK(results->data[0].of.ref == NULL);
  seen_info = wasm_ref_get_host_info(args->data[0].of.ref);
  wasm_val_copy(&results->data[0], &args->data[0]);
  return NULL;
}

static wasm_val_t ref_value(wasm_ref_t* ref) {
  const wasm_val_t value = WASM_REF_VAL(ref);
  return value;
}

/* Calls with one reference, borrowed; gives the handle that came back. */
static wasm_ref_t* call(const wasm_func_t* func, wasm_ref_t* ref) {
  wasm_val_t arg = ref_value(ref), result = WASM_INIT_VAL;
  const wasm_val_vec_t args = {wasm_func_param_arity(func), &arg};
  wasm_val_vec_t results = {wasm_func_result_arity(func), &result};
  CHECK(wasm_func_call(func, &args, &results) == NULL);
  CHECK(wasm_valkind_is_ref(result.kind));
  return result.of.ref;
}

static void check_same(wasm_ref_t* given, const wasm_ref_t* expected) {
  CHECK((given == NULL) == (expected == NULL));
  if (given != NULL) CHECK(wasm_ref_same(given, expected));
  wasm_ref_delete(given);
}

static wasm_trap_t* try_call(const wasm_func_t* func, wasm_val_t value) {
  wasm_val_t result = WASM_INIT_VAL;
  const wasm_val_vec_t args = {1, &value};
  wasm_val_vec_t results = {1, &result};
  return wasm_func_call(func, &args, &results);
}

void test_hostref(void) {
  world_t world = new_world();
  wasm_func_t* func = new_func(
      world.store,
      wasm_functype_new_1_1(wasm_valtype_new_externref(), wasm_valtype_new_externref()), echo);
  wasm_extern_t* imports[] = {wasm_func_as_extern(func)};
  wasm_module_t* module = MODULE(world.store, hostref_wasm);
  wasm_instance_t* instance = instance_of(world.store, module, imports, 1);
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  wasm_global_t* global = wasm_extern_as_global(exports.data[0]);
  wasm_table_t* table = wasm_extern_as_table(exports.data[1]);
  const wasm_func_t *global_set = func_at(&exports, 2), *global_get = func_at(&exports, 3),
                    *table_set = func_at(&exports, 4), *table_get = func_at(&exports, 5),
                    *through = func_at(&exports, 6), *funcref = func_at(&exports, 7);

  wasm_foreign_t* foreign = wasm_foreign_new(world.store);
  wasm_foreign_set_host_info(foreign, &world);
  wasm_trap_t* trap = wasm_trap_new(world.store, NULL);
  /* Every kind of object, and null. */
  wasm_ref_t* refs[] = {NULL,
                        wasm_foreign_as_ref(foreign),
                        wasm_func_as_ref(func),
                        wasm_global_as_ref(global),
                        wasm_table_as_ref(table),
                        wasm_module_as_ref(module),
                        wasm_instance_as_ref(instance),
                        wasm_trap_as_ref(trap),
                        wasm_extern_as_ref(exports.data[3])};
  for (size_t i = 0; i < sizeof(refs) / sizeof(*refs); ++i) {
    check_same(call(through, refs[i]), refs[i]);
    CHECK(seen_info == (i == 1 ? &world : NULL));
    CHECK(call(global_set, refs[i]) == NULL);
    check_same(call(global_get, NULL), refs[i]);
    wasm_val_t value;
    wasm_global_get(global, &value);
    CHECK(value.kind == WASM_EXTERNREF);
    check_same(value.of.ref, refs[i]);

    const wasm_val_t set_args[] = {WASM_I32_VAL((int32_t)i), ref_value(refs[i])};
    const wasm_val_vec_t set_vec = {2, (wasm_val_t*)set_args};
    CHECK(wasm_func_call(table_set, &set_vec, NULL) == NULL);
    check_same(wasm_table_get(table, (wasm_table_size_t)i), refs[i]);
    CHECK(wasm_table_set(table, 9, refs[i]));
    wasm_val_t index = WASM_I32_VAL(9), result = WASM_INIT_VAL;
    const wasm_val_vec_t get_vec = {1, &index};
    wasm_val_vec_t results = {1, &result};
    CHECK(wasm_func_call(table_get, &get_vec, &results) == NULL);
    check_same(result.of.ref, refs[i]);
  }
  const wasm_val_t value = ref_value(wasm_foreign_as_ref(foreign));
  wasm_global_set(global, &value);
  check_same(call(global_get, NULL), wasm_foreign_as_ref(foreign));

  /* Only functions are funcrefs. */
  check_same(call(funcref, wasm_func_as_ref(func)), wasm_func_as_ref(func));
  check_same(call(funcref, NULL), NULL);
  wasm_trap_t* refused = try_call(funcref, value);
  CHECK(trap_is(refused, "argument 0 is not of type funcref, or of another store"));

  /* References that WebAssembly made itself, which stay what they are. */
  wasm_val_t number = WASM_I32_VAL(-77), made = WASM_INIT_VAL;
  const wasm_val_vec_t number_vec = {1, &number};
  wasm_val_vec_t made_vec = {1, &made};
  CHECK(wasm_func_call(func_at(&exports, 8), &number_vec, &made_vec) == NULL);
  CHECK(made.kind == WASM_EXTERNREF && made.of.ref != NULL);
  CHECK(wasm_ref_as_func(made.of.ref) == NULL && wasm_ref_as_foreign(made.of.ref) == NULL);
  check_same(call(through, made.of.ref), made.of.ref);
  wasm_val_t again = WASM_INIT_VAL;
  wasm_val_vec_t again_vec = {1, &again};
  CHECK(wasm_func_call(func_at(&exports, 8), &number_vec, &again_vec) == NULL);
  check_same(again.of.ref, made.of.ref);
  number.of.i32 = 78;
  CHECK(wasm_func_call(func_at(&exports, 8), &number_vec, &again_vec) == NULL);
  CHECK(!wasm_ref_same(again.of.ref, made.of.ref));
  wasm_val_delete(&again);
  wasm_val_delete(&made);

  /* Types without a kind, and references that must not be null. */
  CHECK(try_call(func_at(&exports, 9), value) == NULL);
  CHECK(trap_is(try_call(func_at(&exports, 9), ref_value(NULL)),
                "argument 0 is not of type (ref extern), or of another store"));
  CHECK(trap_is(wasm_func_call(func_at(&exports, 10), NULL, NULL),
                "a parameter or result has a type without a kind"));
  CHECK(trap_is(try_call(func_at(&exports, 11), value),
                "a parameter or result has a type without a kind"));

  wasm_func_delete(func);
  wasm_module_delete(module);
  wasm_instance_delete(instance);
  wasm_foreign_delete(foreign);
  wasm_trap_delete(trap);
  wasm_extern_vec_delete(&exports);
  delete_world(world);
}
