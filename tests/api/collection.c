/* A store ends what nobody reaches any more while it lives on, and nothing else. */
#include "modules.h"
#include "support.h"

static int ended = 0;

static void finalize(void* info) {
  ++*(int*)info;
}

/* Makes so much garbage that the store has to look for it. */
static void collect(wasm_store_t* store) {
  static int garbage_ended = 0;
  wasm_module_t* module = MODULE(store, instances_wasm);
  const int before = garbage_ended;
  for (int i = 0; garbage_ended == before; ++i) {
    CHECK(i < 10000);
    wasm_instance_t* instance = instance_of(store, module, NULL, 0);
    wasm_instance_set_host_info_with_finalizer(instance, &garbage_ended, finalize);
    wasm_instance_delete(instance);
  }
  wasm_module_delete(module);
}

static wasm_trap_t* seven(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env, (void)args;
  results->data[0].of.i32 = 7;
  return NULL;
}

static wasm_func_t* new_seven(wasm_store_t* store) {
  wasm_functype_t* type = wasm_functype_new_0_1(wasm_valtype_new_i32());
  wasm_func_t* func = wasm_func_new_with_env(store, type, seven, &ended, finalize);
  wasm_functype_delete(type);
  return func;
}

/* The exports of instances_wasm and importer_wasm. */
enum { kMemory, kTable, kGet, kSet, kSize, kExtern, kFunc };
enum { kImportedGet, kLoad, kThroughTable, kHide, kShown, kInit };

static wasm_val_t ref_value(wasm_ref_t* ref) {
  const wasm_val_t value = WASM_REF_VAL(ref);
  return value;
}

/* What an instance exports lives on without it, in the host and in other instances. */
static void test_exports_stay(wasm_store_t* store) {
  wasm_extern_vec_t other = EXPORTS(store, instances_wasm, NULL, 0);
  wasm_memory_t* memory = wasm_extern_as_memory(other.data[kMemory]);
  wasm_table_t* table = wasm_extern_as_table(other.data[kTable]);
  wasm_extern_t* imports[] = {other.data[kMemory], other.data[kTable], other.data[kGet],
                              other.data[kFunc]};
  wasm_extern_vec_t importer = EXPORTS(store, importer_wasm, imports, 4);
  CHECK(wasm_table_set(table, 1, wasm_extern_as_ref(other.data[kGet])));
  memory = wasm_memory_copy(memory);
  table = wasm_table_copy(table);
  wasm_func_t* set = wasm_func_copy(func_at(&other, kSet));
  wasm_extern_vec_delete(&other);
  collect(store);

  CHECK(CALL(set, 1234) == 0);
  CHECK(CALL(func_at(&importer, kImportedGet)) == 1234);
  CHECK(CALL(func_at(&importer, kLoad)) == 1234);
  CHECK(CALL(func_at(&importer, kThroughTable), 1) == 1234);
  wasm_func_delete(set);
  collect(store);
  wasm_memory_data(memory)[0] = 5;
  CHECK(wasm_memory_grow(memory, 1));
  CHECK(CALL(func_at(&importer, kImportedGet)) == 1024 + 5);
  CHECK(CALL(func_at(&importer, kInit)) == 0); /* from a passive segment */
  wasm_extern_vec_delete(&importer);
  collect(store);

  /* Of the first instance only the memory and a table with its function are left. */
  wasm_ref_t* ref = wasm_table_get(table, 3);
  CHECK(CALL(wasm_ref_as_func(ref)) == 1024 + 5);
  wasm_ref_delete(ref);
  for (wasm_table_size_t i = 0; i < 4; ++i) CHECK(wasm_table_set(table, i, NULL));
  collect(store);
  CHECK(wasm_memory_size(memory) == 2 && wasm_memory_grow(memory, 1));
  CHECK(wasm_memory_data(memory)[0] == 5);
  CHECK(wasm_table_size(table) == 4);
  wasm_table_delete(table);
  collect(store);
  CHECK(wasm_memory_data(memory)[0] == 5);
  wasm_memory_delete(memory);
  collect(store);
}

/* Functions of the host end when neither a handle nor WebAssembly has them. */
static void test_host_functions(wasm_store_t* store) {
  ended = 0;
  wasm_func_delete(new_seven(store));
  collect(store);
  CHECK(ended == 1);

  wasm_extern_vec_t exports = EXPORTS(store, instances_wasm, NULL, 0);
  wasm_table_t* table = wasm_extern_as_table(exports.data[kTable]);
  wasm_global_t* global = wasm_extern_as_global(exports.data[kFunc]);
  int infos_ended = 0;
  for (int i = 0; i < 2; ++i) {
    wasm_func_t* func = new_seven(store);
    wasm_func_set_host_info_with_finalizer(func, &infos_ended, finalize);
    const wasm_val_t value = ref_value(wasm_func_as_ref(func));
    if (i == 0) CHECK(wasm_table_set(table, 2, wasm_func_as_ref(func)));
    if (i == 1) wasm_global_set(global, &value);
    wasm_func_delete(func);
  }
  collect(store);
  CHECK(ended == 1 && infos_ended == 0);
  wasm_ref_t* ref = wasm_table_get(table, 2);
  CHECK(CALL(wasm_ref_as_func(ref)) == 7);
  CHECK(wasm_ref_get_host_info(ref) == &infos_ended);
  wasm_ref_delete(ref);
  CHECK(wasm_table_set(table, 2, NULL));
  collect(store);
  CHECK(ended == 2 && infos_ended == 1);
  wasm_val_t value;
  wasm_global_get(global, &value);
  CHECK(wasm_ref_get_host_info(value.of.ref) == &infos_ended);
  wasm_extern_vec_delete(&exports);
  collect(store);
  CHECK(CALL(wasm_ref_as_func(value.of.ref)) == 7);
  wasm_val_delete(&value);
  collect(store);
  CHECK(ended == 3 && infos_ended == 2);
}

/* What is hidden in WebAssembly as an externref, where no handle reaches. */
static void test_externrefs(wasm_store_t* store) {
  wasm_extern_vec_t other = EXPORTS(store, instances_wasm, NULL, 0);
  wasm_extern_t* imports[] = {other.data[kMemory], other.data[kTable], other.data[kGet],
                              other.data[kFunc]};
  wasm_extern_vec_t importer = EXPORTS(store, importer_wasm, imports, 4);
  wasm_extern_vec_delete(&other);
  const wasm_func_t *hide = func_at(&importer, kHide), *shown = func_at(&importer, kShown);
  ended = 0;
  for (int i = 0; i < 3; ++i) {
    /* An object of no entity; a function of the host; an instance. */
    wasm_ref_t* ref = NULL;
    if (i == 0) ref = wasm_foreign_as_ref(wasm_foreign_new(store));
    if (i == 1) ref = wasm_func_as_ref(new_seven(store));
    if (i == 2) {
      wasm_module_t* module = MODULE(store, instances_wasm);
      ref = wasm_instance_as_ref(instance_of(store, module, NULL, 0));
      wasm_module_delete(module);
    }
    int infos_ended = 0;
    wasm_ref_set_host_info_with_finalizer(ref, &infos_ended, finalize);
    wasm_val_t value = ref_value(ref), result = WASM_INIT_VAL;
    const wasm_val_vec_t args = {1, &value};
    wasm_val_vec_t results = {1, &result};
    CHECK(wasm_func_call(hide, &args, NULL) == NULL);
    wasm_ref_delete(ref);
    for (int again = 0; again < 2; ++again) {
      collect(store);
      CHECK(wasm_func_call(shown, NULL, &results) == NULL);
      CHECK(wasm_ref_get_host_info(result.of.ref) == &infos_ended);
      if (i == 1) CHECK(CALL(wasm_ref_as_func(result.of.ref)) == 7);
      if (i == 2) {
        wasm_extern_vec_t exports;
        wasm_instance_exports(wasm_ref_as_instance(result.of.ref), &exports);
        CHECK(CALL(func_at(&exports, kGet)) == 42);
        wasm_extern_vec_delete(&exports);
      }
      wasm_val_delete(&result);
    }
    value.of.ref = NULL;
    CHECK(wasm_func_call(hide, &args, NULL) == NULL);
    collect(store);
    CHECK(infos_ended == 1);
  }
  CHECK(ended == 1);
  wasm_extern_vec_delete(&importer);
}

/* A trap keeps the instances of its frames. */
static void test_traps(wasm_store_t* store) {
  wasm_func_t* func = new_seven(store);
  wasm_extern_t* imports[] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t exports = EXPORTS(store, trap_wasm, imports, 1);
  wasm_func_delete(func);
  wasm_trap_t* trap = wasm_func_call(func_at(&exports, 1), NULL, NULL);
  wasm_extern_vec_delete(&exports);
  collect(store);
  wasm_frame_t* origin = wasm_trap_origin(trap);
  wasm_trap_delete(trap);
  collect(store);
  wasm_instance_exports(wasm_frame_instance(origin), &exports);
  wasm_frame_delete(origin);
  CHECK(CALL(func_at(&exports, 0)) == 7);
  wasm_extern_vec_delete(&exports);
}

/* Within a callback nothing ends, whatever is made there. */
static wasm_store_t* callback_store;

static wasm_trap_t* make_garbage(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args, (void)results;
  wasm_module_t* module = MODULE(callback_store, instances_wasm);
  for (int i = 0; i < 1000; ++i) {
    wasm_instance_delete(instance_of(callback_store, module, NULL, 0));
  }
  wasm_module_delete(module);
  return NULL;
}

static void test_callbacks(wasm_store_t* store) {
  callback_store = store;
  collect(store);
  ended = 0;
  wasm_func_delete(new_seven(store));
  wasm_func_t* func = new_func(store, wasm_functype_new_0_0(), make_garbage);
  wasm_extern_t* imports[] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t exports = EXPORTS(store, hello_wasm, imports, 1);
  wasm_func_delete(func);
  CHECK(wasm_func_call(func_at(&exports, 0), NULL, NULL) == NULL);
  CHECK(ended == 0);
  CHECK(wasm_func_call(func_at(&exports, 0), NULL, NULL) == NULL);
  wasm_extern_vec_delete(&exports);
  collect(store);
  CHECK(ended == 1);
}

void test_collection(void) {
  world_t world = new_world();
  test_exports_stay(world.store);
  test_host_functions(world.store);
  test_externrefs(world.store);
  test_traps(world.store);
  test_callbacks(world.store);
  delete_world(world);
}
