/* Handles that outlive what they came from, in any order; finalizers; memory that stays flat. */
#include "modules.h"
#include "support.h"

static int live = 0;

static void finalize(void* info) {
  CHECK(info != NULL);
  --live;
}

static wasm_trap_t* do_nothing(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args, (void)results;
  return NULL;
}

static void make_instances(wasm_store_t* store, int count) {
  wasm_module_t* module = MODULE(store, instances_wasm);
  for (int i = 1; i <= count; ++i) {
    wasm_instance_t* instance = instance_of(store, module, NULL, 0);
    ++live;
    wasm_instance_set_host_info_with_finalizer(instance, &live, finalize);
    wasm_extern_vec_t exports;
    wasm_instance_exports(instance, &exports);
    wasm_instance_delete(instance);
    if (i % 100 == 0) {
      CHECK(CALL(func_at(&exports, 2)) == 42);
      CHECK(CALL(func_at(&exports, 3), i) == 0);
      CHECK(CALL(func_at(&exports, 2)) == i);
    }
    wasm_extern_vec_delete(&exports);
  }
  wasm_module_delete(module);
}

void test_finalize(void) {
  enum { kInstances = 100000 };
  world_t world = new_world();
  wasm_store_t* other = wasm_store_new(world.engine);
  make_instances(world.store, kInstances / 100);
  const size_t kib = resident_kib(), mappings = num_mappings();
  make_instances(world.store, kInstances);
  make_instances(other, kInstances / 10);
  CHECK(num_mappings() < mappings + 10000);
  CHECK(resident_kib() < kib + 64 * 1024);
  wasm_store_delete(other);
  wasm_store_delete(world.store);
  CHECK(live == 0);
  wasm_engine_delete(world.engine);
}

/* The handles of one instance and of all it came from. */
enum { kEngine, kStore, kModule, kInstance, kImport, kFunc, kAny, kForeign, kTrap, kHandles };

static void delete_handle(void* handles[], int which) {
  switch (which) {
    case kEngine: wasm_engine_delete((wasm_engine_t*)handles[which]); break;
    case kStore: wasm_store_delete((wasm_store_t*)handles[which]); break;
    case kModule: wasm_module_delete((wasm_module_t*)handles[which]); break;
    case kInstance: wasm_instance_delete((wasm_instance_t*)handles[which]); break;
    case kImport: wasm_func_delete((wasm_func_t*)handles[which]); break;
    case kFunc: wasm_func_delete((wasm_func_t*)handles[which]); break;
    case kAny: wasm_extern_delete((wasm_extern_t*)handles[which]); break;
    case kForeign: wasm_foreign_delete((wasm_foreign_t*)handles[which]); break;
    case kTrap: wasm_trap_delete((wasm_trap_t*)handles[which]); break;
  }
}

static void use_what_is_left(void* handles[]) {
  if (handles[kFunc] != NULL) {
    CHECK(trap_is(wasm_func_call((wasm_func_t*)handles[kFunc], NULL, NULL), "unreachable"));
  }
  if (handles[kAny] != NULL) {
    CHECK(wasm_func_call(wasm_extern_as_func((wasm_extern_t*)handles[kAny]), NULL, NULL) == NULL);
  }
  if (handles[kInstance] != NULL) {
    wasm_extern_vec_t exports;
    wasm_instance_exports((wasm_instance_t*)handles[kInstance], &exports);
    CHECK(exports.size == 2);
    wasm_extern_vec_delete(&exports);
  }
  if (handles[kTrap] != NULL) {
    wasm_frame_t* origin = wasm_trap_origin((wasm_trap_t*)handles[kTrap]);
    wasm_extern_vec_t exports;
    wasm_instance_exports(wasm_frame_instance(origin), &exports);
    CHECK(exports.size == 2);
    wasm_extern_vec_delete(&exports);
    wasm_frame_delete(origin);
  }
  if (handles[kModule] != NULL) {
    wasm_exporttype_vec_t types;
    wasm_module_exports((wasm_module_t*)handles[kModule], &types);
    CHECK(types.size == 2);
    wasm_exporttype_vec_delete(&types);
  }
}

static void delete_in_order(const int order[kHandles]) {
  void* handles[kHandles];
  wasm_engine_t* engine = wasm_engine_new();
  wasm_store_t* store = wasm_store_new(engine);
  wasm_module_t* module = MODULE(store, threads_wasm);
  wasm_func_t* func = new_func(store, wasm_functype_new_1_0(wasm_valtype_new_i32()), do_nothing);
  wasm_globaltype_t* type = wasm_globaltype_new(wasm_valtype_new_i32(), WASM_CONST);
  const wasm_val_t value = WASM_I32_VAL(1);
  wasm_global_t* global = wasm_global_new(store, type, &value);
  wasm_globaltype_delete(type);
  wasm_extern_t* imports[] = {wasm_func_as_extern(func), wasm_global_as_extern(global)};
  wasm_instance_t* instance = instance_of(store, module, imports, 2);
  wasm_global_delete(global);
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  wasm_foreign_t* foreign = wasm_foreign_new(store);
  ++live;
  wasm_foreign_set_host_info_with_finalizer(foreign, store, finalize);

  handles[kEngine] = engine;
  handles[kStore] = store;
  handles[kModule] = module;
  handles[kInstance] = instance;
  handles[kImport] = func;
  handles[kFunc] = wasm_func_copy(func_at(&exports, 1));
  handles[kAny] = wasm_extern_copy(exports.data[0]);
  handles[kForeign] = foreign;
  handles[kTrap] = wasm_func_call(func_at(&exports, 1), NULL, NULL);
  wasm_extern_vec_delete(&exports);
  for (int i = 0; i < kHandles; ++i) {
    use_what_is_left(handles);
    delete_handle(handles, order[i]);
    handles[order[i]] = NULL;
  }
  CHECK(live == 0);
}

/* A callback that deletes the function that is running, and the store. */
static struct {
  wasm_store_t* store;
  wasm_func_t* func;
} doomed;

static wasm_trap_t* delete_caller(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args, (void)results;
  wasm_func_delete(doomed.func);
  wasm_store_delete(doomed.store);
  return NULL;
}

static void test_deleting_callback(void) {
  world_t world = new_world();
  wasm_func_t* func = new_func(world.store, wasm_functype_new_0_0(), delete_caller);
  wasm_extern_t* imports[] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t exports = EXPORTS(world.store, hello_wasm, imports, 1);
  wasm_func_delete(func);
  doomed.store = world.store;
  doomed.func = wasm_func_copy(func_at(&exports, 0));
  wasm_extern_vec_delete(&exports);
  wasm_engine_delete(world.engine);
  CHECK(wasm_func_call(doomed.func, NULL, NULL) == NULL);
}

/* Objects that their own store refers to do not keep it alive. */
static void test_cycles(void) {
  world_t world = new_world();
  wasm_limits_t limits = {2, 2};
  wasm_tabletype_t* type = wasm_tabletype_new(wasm_valtype_new_externref(), &limits);
  wasm_table_t* table = wasm_table_new(world.store, type, NULL);
  wasm_tabletype_delete(type);
  wasm_foreign_t* foreign = wasm_foreign_new(world.store);
  live = 2;
  wasm_foreign_set_host_info_with_finalizer(foreign, foreign, finalize);
  wasm_table_set_host_info_with_finalizer(table, table, finalize);
  CHECK(wasm_table_set(table, 0, wasm_table_as_ref(table)));
  CHECK(wasm_table_set(table, 1, wasm_foreign_as_ref(foreign)));
  wasm_foreign_delete(foreign);
  CHECK(live == 2);
  wasm_ref_t* ref = wasm_table_get(table, 1);
  CHECK(wasm_ref_get_host_info(ref) == (void*)foreign);
  wasm_ref_delete(ref);
  wasm_table_delete(table);
  CHECK(live == 2);
  delete_world(world);
  CHECK(live == 0);
}

static void test_host_info(void) {
  world_t world = new_world();
  wasm_foreign_t* foreign = wasm_foreign_new(world.store);
  wasm_foreign_t* copy = wasm_foreign_copy(foreign);
  live = 2;
  CHECK(wasm_foreign_get_host_info(foreign) == NULL);
  wasm_foreign_set_host_info_with_finalizer(foreign, &world, finalize);
  CHECK(wasm_foreign_get_host_info(copy) == &world);
  wasm_foreign_set_host_info_with_finalizer(copy, &live, finalize);
  CHECK(live == 1 && wasm_foreign_get_host_info(foreign) == &live);
  CHECK(wasm_foreign_same(foreign, copy));
  wasm_foreign_delete(foreign);
  CHECK(live == 1);
  wasm_foreign_delete(copy);
  CHECK(live == 0);
  delete_world(world);
}

void test_lifetime(void) {
  for (int rotation = 0; rotation < kHandles; ++rotation) {
    int forward[kHandles], backward[kHandles];
    for (int i = 0; i < kHandles; ++i) {
      forward[i] = (i + rotation) % kHandles;
      backward[i] = (2 * kHandles - i - rotation - 1) % kHandles;
    }
    delete_in_order(forward);
    delete_in_order(backward);
  }
  test_deleting_callback();
  test_cycles();
  test_host_info();
}

/* What is made and deleted many times leaves nothing behind. */
static void make_everything(wasm_engine_t* engine) {
  wasm_store_t* store = wasm_store_new(engine);
  wasm_module_t* module = MODULE(store, hello_wasm);
  wasm_func_t* func = new_func(store, wasm_functype_new_0_0(), do_nothing);
  wasm_extern_t* imports[] = {wasm_func_as_extern(func)};
  wasm_instance_t* instance = instance_of(store, module, imports, 1);
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  CHECK(wasm_func_call(func_at(&exports, 0), NULL, NULL) == NULL);
  wasm_trap_delete(wasm_trap_new(store, NULL));
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_func_delete(func);
  wasm_module_delete(module);
  wasm_store_delete(store);
}

void test_leaks(void) {
  enum { kRounds = 3000 };
  wasm_engine_t* engine = wasm_engine_new();
  for (int i = 0; i < kRounds / 10; ++i) make_everything(engine);
  const size_t kib = resident_kib(), mappings = num_mappings();
  for (int i = 0; i < kRounds; ++i) make_everything(engine);
  CHECK(resident_kib() < kib + 8 * 1024);
  CHECK(num_mappings() < mappings + 100);

  /* Objects that come and go in one store. */
  wasm_store_t* store = wasm_store_new(engine);
  const size_t before = resident_kib();
  wasm_message_t message;
  wasm_name_new_from_string(&message, "a message of some length, so that a leak of it shows soon");
  for (int i = 0; i < 100 * kRounds; ++i) {
    wasm_foreign_delete(wasm_foreign_new(store));
    wasm_trap_delete(wasm_trap_new(store, &message));
  }
  wasm_byte_vec_delete(&message);
  CHECK(resident_kib() < before + 4 * 1024);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}
