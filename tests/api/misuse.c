/* Wrong use has defined answers: handles that are null, of another kind or store, values of other
 * types, callbacks that answer nonsense. */
#include "modules.h"
#include "support.h"

static void test_nulls(void) {
  wasm_config_delete(NULL);
  wasm_engine_delete(NULL);
  wasm_store_delete(NULL);
  CHECK(wasm_store_new(NULL) == NULL);
  CHECK(wasm_module_new(NULL, NULL) == NULL && !wasm_module_validate(NULL, NULL));
  CHECK(wasm_module_obtain(NULL, NULL) == NULL && wasm_module_share(NULL) == NULL);
  CHECK(wasm_func_new(NULL, NULL, NULL) == NULL && wasm_foreign_new(NULL) == NULL);
  CHECK(wasm_global_new(NULL, NULL, NULL) == NULL && wasm_memory_new(NULL, NULL) == NULL);
  CHECK(wasm_table_new(NULL, NULL, NULL) == NULL && wasm_table_get(NULL, 0) == NULL);
  CHECK(!wasm_table_set(NULL, 0, NULL) && !wasm_table_grow(NULL, 1, NULL));
  CHECK(wasm_table_size(NULL) == 0 && wasm_memory_size(NULL) == 0);
  CHECK(wasm_memory_data(NULL) == NULL && !wasm_memory_grow(NULL, 1));
  CHECK(wasm_func_type(NULL) == NULL && wasm_func_param_arity(NULL) == 0);
  CHECK(wasm_ref_copy(NULL) == NULL && wasm_ref_get_host_info(NULL) == NULL);
  wasm_ref_set_host_info(NULL, NULL);
  CHECK(wasm_ref_as_func(NULL) == NULL && wasm_func_as_ref(NULL) == NULL);
  CHECK(wasm_extern_type(NULL) == NULL && wasm_extern_as_func(NULL) == NULL);
  CHECK(wasm_trap_origin(NULL) == NULL && wasm_frame_copy(NULL) == NULL);
  CHECK(wasm_functype_new(NULL, NULL) == NULL && wasm_functype_params(NULL) == NULL);
  CHECK(wasm_globaltype_new(NULL, 0) == NULL && wasm_tabletype_new(NULL, NULL) == NULL);
  CHECK(wasm_memorytype_new(NULL) == NULL && wasm_importtype_new(NULL, NULL, NULL) == NULL);
  CHECK(trap_is(wasm_func_call(NULL, NULL, NULL), "what is called is not a function"));
  wasm_trap_t* trap = NULL;
  CHECK(wasm_instance_new(NULL, NULL, NULL, &trap) == NULL && trap_is(trap, "no store"));
  wasm_extern_vec_t externs;
  wasm_instance_exports(NULL, &externs);
  CHECK(externs.size == 0 && externs.data == NULL);
  wasm_frame_vec_t frames;
  wasm_trap_trace(NULL, &frames);
  CHECK(frames.size == 0);
  wasm_byte_vec_t bytes;
  wasm_module_serialize(NULL, &bytes);
  CHECK(bytes.size == 0);
  wasm_trap_message(NULL, &bytes);
  CHECK(bytes.size == 0);
}

static int answer = 0;

/* Answers in many wrong ways. */
static wasm_trap_t* nonsense(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  const wasm_val_t value = WASM_I64_VAL(5);
  switch (answer) {
    case 0: results->data[0] = value; break;
    case 1: wasm_val_vec_new(results, 1, &value); break;
    case 2: wasm_val_vec_delete(results); break;
    case 3: wasm_val_vec_new_uninitialized(results, 100); break;
    case 4: results->data = NULL; break;
    case 5: return (wasm_trap_t*)env;
  }
  return NULL;
}

static void test_callbacks(wasm_store_t* store) {
  const char* const messages[] = {
      "result 0 is not of type i32, or of another store of a callback",
      "result 0 is not of type i32, or of another store of a callback",
      "a callback returned 0 results instead of 1",
      "a callback returned 100 results instead of 1",
      "a callback returned 1 results instead of 1",
      "a callback answered with something else than a trap",
  };
  wasm_functype_t* type = wasm_functype_new_0_1(wasm_valtype_new_i32());
  wasm_func_t* func = wasm_func_new_with_env(store, type, nonsense, store, NULL);
  wasm_functype_delete(type);
  wasm_extern_t* imports[] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t exports = EXPORTS(store, trap_wasm, imports, 1);
  for (answer = 0; answer < 6; ++answer) {
    CHECK(trap_is(wasm_func_call(func, NULL, NULL), messages[answer]));
    CHECK(trap_is(wasm_func_call(func_at(&exports, 0), NULL, NULL), messages[answer]));
  }
  wasm_func_delete(func);
  wasm_extern_vec_delete(&exports);
}

static void test_arguments(wasm_store_t* store, wasm_store_t* other) {
  wasm_extern_vec_t exports = EXPORTS(store, tables_wasm, NULL, 0);
  const wasm_func_t* func = func_at(&exports, 2);
  wasm_val_t values[] = {WASM_F32_VAL(1), WASM_I32_VAL(1)};
  wasm_val_vec_t args = WASM_ARRAY_VEC(values);
  CHECK(trap_is(wasm_func_call(func, &args, NULL), "called with 2 arguments instead of 1"));
  CHECK(trap_is(wasm_func_call(func, NULL, NULL), "called with 0 arguments instead of 1"));
  args.size = 1;
  CHECK(trap_is(wasm_func_call(func, &args, NULL),
                "argument 0 is not of type i32, or of another store"));
  values[0].kind = 99;
  CHECK(trap_is(wasm_func_call(func, &args, NULL),
                "argument 0 is not of type i32, or of another store"));
  /* Something else than a function. */
  CHECK(trap_is(wasm_func_call((wasm_func_t*)exports.data[0], &args, NULL),
                "what is called is not a function"));
  CHECK(
      trap_is(wasm_func_call((wasm_func_t*)store, NULL, NULL), "what is called is not a function"));
  CHECK(wasm_store_new((wasm_engine_t*)store) == NULL);
  CHECK(wasm_extern_copy((wasm_extern_t*)store) == NULL);
  wasm_func_delete((wasm_func_t*)exports.data[0]);

  /* Objects of another store. */
  wasm_table_t* table = wasm_extern_as_table(exports.data[0]);
  wasm_extern_vec_t others = EXPORTS(other, tables_wasm, NULL, 0);
  CHECK(!wasm_table_set(table, 0, wasm_extern_as_ref(others.data[2])));
  CHECK(!wasm_table_grow(table, 1, wasm_extern_as_ref(others.data[2])));
  CHECK(wasm_table_size(table) == 2);
  wasm_extern_vec_delete(&others);
  wasm_extern_vec_delete(&exports);
}

static wasm_trap_t* do_nothing(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args, (void)results;
  return NULL;
}

static bool refuses(wasm_store_t* store, wasm_module_t* module, size_t size,
                    wasm_extern_t** imports, const char* message) {
  const wasm_extern_vec_t vector = {size, imports};
  wasm_trap_t* trap = NULL;
  return wasm_instance_new(store, module, &vector, &trap) == NULL && trap_is(trap, message);
}

static void test_imports(wasm_engine_t* engine, wasm_store_t* store, wasm_store_t* other) {
  wasm_module_t* module = MODULE(store, hello_wasm);
  wasm_func_t* good = new_func(store, wasm_functype_new_0_0(), do_nothing);
  wasm_func_t* bad = new_func(store, wasm_functype_new_1_0(wasm_valtype_new_i32()), do_nothing);
  wasm_func_t* foreign = new_func(other, wasm_functype_new_0_0(), do_nothing);
  const wasm_limits_t limits = {0, 1};
  wasm_memorytype_t* type = wasm_memorytype_new(&limits);
  wasm_memory_t* memory = wasm_memory_new(store, type);
  wasm_memorytype_delete(type);

  wasm_extern_t* imports[] = {wasm_func_as_extern(good), wasm_func_as_extern(good)};
  CHECK(refuses(store, module, 0, imports,
                "unknown import `host`.`hello`: the module has 1 imports, and 0 were passed"));
  CHECK(refuses(store, module, 2, imports, "the module has 1 imports, and 2 were passed"));
  imports[0] = NULL;
  CHECK(refuses(store, module, 1, imports, "import `host`.`hello` is no external"));
  imports[0] = (wasm_extern_t*)wasm_module_as_ref(module);
  CHECK(refuses(store, module, 1, imports, "import `host`.`hello` is no external"));
  imports[0] = wasm_func_as_extern(bad);
  CHECK(refuses(store, module, 1, imports,
                "incompatible import type for `host`.`hello`: expected func () -> (), found func "
                "(i32) -> ()"));
  imports[0] = wasm_memory_as_extern(memory);
  CHECK(refuses(store, module, 1, imports,
                "incompatible import type for `host`.`hello`: expected func () -> (), found memory "
                "0..1"));
  imports[0] = wasm_func_as_extern(foreign);
  CHECK(refuses(store, module, 1, imports, "import `host`.`hello` belongs to another store"));
  imports[0] = wasm_func_as_extern(good);
  /* A module of the same engine does for any store; one of another does not. */
  wasm_engine_t* other_engine = wasm_engine_new();
  wasm_store_t* alien = wasm_store_new(other_engine);
  CHECK(refuses(alien, module, 1, imports, "module belongs to another engine"));
  wasm_shared_module_t* shared = wasm_module_share(module);
  CHECK(wasm_module_obtain(alien, shared) == NULL);
  wasm_shared_module_delete(shared);
  wasm_store_delete(alien);
  wasm_engine_delete(other_engine);
  (void)engine;

  wasm_module_delete(module);
  wasm_func_delete(good);
  wasm_func_delete(bad);
  wasm_func_delete(foreign);
  wasm_memory_delete(memory);
}

/* Deleting too often: defined as long as the object lives, which here its store keeps. */
static void test_double_delete(void) {
  world_t world = new_world();
  wasm_func_t* func = new_func(world.store, wasm_functype_new_0_0(), do_nothing);
  wasm_func_delete(func);
  wasm_func_delete(func);
  wasm_func_delete(func);
  wasm_func_t* other = new_func(world.store, wasm_functype_new_0_0(), do_nothing);
  wasm_store_delete(world.store);
  wasm_store_delete(world.store);
  CHECK(wasm_func_call(other, NULL, NULL) == NULL);
  wasm_func_delete(other);
  wasm_engine_delete(world.engine);
}

void test_misuse(void) {
  test_nulls();
  world_t world = new_world();
  wasm_store_t* other = wasm_store_new(world.engine);
  test_callbacks(world.store);
  test_arguments(world.store, other);
  test_imports(world.engine, world.store, other);
  wasm_store_delete(other);
  delete_world(world);
  test_double_delete();

  /* Configurations are taken over. */
  wasm_engine_t* engine = wasm_engine_new_with_config(wasm_config_new());
  CHECK(engine != NULL);
  wasm_engine_delete(engine);
  wasm_config_delete(wasm_config_new());
}
