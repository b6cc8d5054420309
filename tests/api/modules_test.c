/* Modules that are serialized, and modules that are shared by threads. */
#include "modules.h"

#include "support.h"

#include <pthread.h>

static wasm_trap_t* count_call(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args, (void)results;
  ++*(int*)env;
  return NULL;
}

void test_serialize(void) {
  world_t world = new_world(), other = new_world();
  wasm_module_t* module = MODULE(world.store, hello_wasm);
  wasm_byte_vec_t bytes;
  wasm_module_serialize(module, &bytes);
  wasm_module_delete(module);
  CHECK(bytes.size > sizeof(hello_wasm));

  module = wasm_module_deserialize(other.store, &bytes);
  CHECK(module != NULL);
  int calls = 0;
  wasm_functype_t* type = wasm_functype_new_0_0();
  wasm_func_t* func = wasm_func_new_with_env(other.store, type, count_call, &calls, NULL);
  wasm_functype_delete(type);
  wasm_extern_t* imports[] = {wasm_func_as_extern(func)};
  wasm_instance_t* instance = instance_of(other.store, module, imports, 1);
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  CHECK(wasm_func_call(func_at(&exports, 0), NULL, NULL) == NULL && calls == 1);

  /* Whatever byte is damaged, and wherever it ends. */
  for (size_t i = 0; i < bytes.size; ++i) {
    bytes.data[i] ^= 0x10;
    CHECK(wasm_module_deserialize(other.store, &bytes) == NULL);
    bytes.data[i] ^= 0x10;
    const wasm_byte_vec_t part = {i, bytes.data};
    CHECK(wasm_module_deserialize(other.store, &part) == NULL);
  }
  const wasm_byte_vec_t foreign = {sizeof(hello_wasm), (char*)hello_wasm};
  CHECK(wasm_module_deserialize(other.store, &foreign) == NULL);
  CHECK(wasm_module_deserialize(other.store, NULL) == NULL);

  wasm_byte_vec_delete(&bytes);
  wasm_module_delete(module);
  wasm_func_delete(func);
  wasm_instance_delete(instance);
  wasm_extern_vec_delete(&exports);
  delete_world(world);
  delete_world(other);
}

enum { kThreads = 16, kRounds = 6 };

typedef struct {
  wasm_engine_t* engine;
  const wasm_shared_module_t* module;
  int32_t id;
  int32_t sum;
} job_t;

static wasm_trap_t* note(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)results;
  ((job_t*)env)->sum += args->data[0].of.i32;
  return NULL;
}

static void* run(void* argument) {
  job_t* job = (job_t*)argument;
  wasm_store_t* store = wasm_store_new(job->engine);
  for (int i = 0; i < kRounds; ++i) {
    /* One of all threads, or one of its own. */
    wasm_module_t* module =
        i % 2 == 0 ? wasm_module_obtain(store, job->module) : MODULE(store, threads_wasm);
    CHECK(module != NULL);
    wasm_functype_t* type = wasm_functype_new_1_0(wasm_valtype_new_i32());
    wasm_func_t* func = wasm_func_new_with_env(store, type, note, job, NULL);
    wasm_functype_delete(type);
    const wasm_val_t value = WASM_I32_VAL(job->id);
    wasm_globaltype_t* global_type = wasm_globaltype_new(wasm_valtype_new_i32(), WASM_CONST);
    wasm_global_t* global = wasm_global_new(store, global_type, &value);
    wasm_globaltype_delete(global_type);
    wasm_extern_t* imports[] = {wasm_func_as_extern(func), wasm_global_as_extern(global)};
    wasm_instance_t* instance = instance_of(store, module, imports, 2);
    wasm_module_delete(module);
    wasm_func_delete(func);
    wasm_global_delete(global);
    wasm_extern_vec_t exports;
    wasm_instance_exports(instance, &exports);
    wasm_instance_delete(instance);
    CHECK(wasm_func_call(func_at(&exports, 0), NULL, NULL) == NULL);
    CHECK(trap_is(wasm_func_call(func_at(&exports, 1), NULL, NULL), "unreachable"));
    wasm_extern_vec_delete(&exports);
  }
  wasm_store_delete(store);
  return NULL;
}

/* Handles that one thread deletes while another uses the store, as finalizers do. */
enum { kHandles = 2000 };
static wasm_extern_t* handles[kHandles];
static wasm_foreign_t* foreigns[kHandles];

static void* delete_all(void* unused) {
  (void)unused;
  for (int i = 0; i < kHandles; ++i) {
    wasm_extern_delete(handles[i]);
    CHECK(wasm_foreign_get_host_info(foreigns[i]) == &foreigns[i]);
    wasm_foreign_delete(foreigns[i]);
  }
  return NULL;
}

static void* call_often(void* func) {
  for (int i = 0; i < kHandles; ++i) {
    CHECK(trap_is(wasm_func_call((const wasm_func_t*)func, NULL, NULL), "unreachable"));
  }
  return NULL;
}

void test_threads(void) {
  world_t world = new_world();
  wasm_module_t* module = MODULE(world.store, threads_wasm);
  wasm_shared_module_t* shared = wasm_module_share(module);
  wasm_module_delete(module);
  wasm_store_delete(world.store);

  pthread_t threads[kThreads];
  job_t jobs[kThreads];
  for (int i = 0; i < kThreads; ++i) {
    jobs[i] = (job_t){world.engine, shared, i + 1, 0};
    CHECK(pthread_create(&threads[i], NULL, run, &jobs[i]) == 0);
  }
  for (int i = 0; i < kThreads; ++i) {
    CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(jobs[i].sum == (i + 1) * kRounds);
  }

  /* A store that goes to another thread, whose handles a third one deletes meanwhile. */
  wasm_store_t* store = wasm_store_new(world.engine);
  wasm_engine_delete(world.engine);
  module = wasm_module_obtain(store, shared);
  wasm_shared_module_delete(shared);
  job_t job = {NULL, NULL, 0, 0};
  wasm_functype_t* type = wasm_functype_new_1_0(wasm_valtype_new_i32());
  wasm_func_t* func = wasm_func_new_with_env(store, type, note, &job, NULL);
  wasm_functype_delete(type);
  wasm_globaltype_t* global_type = wasm_globaltype_new(wasm_valtype_new_i32(), WASM_CONST);
  const wasm_val_t value = WASM_I32_VAL(1);
  wasm_global_t* global = wasm_global_new(store, global_type, &value);
  wasm_globaltype_delete(global_type);
  wasm_extern_t* imports[] = {wasm_func_as_extern(func), wasm_global_as_extern(global)};
  wasm_instance_t* instance = instance_of(store, module, imports, 2);
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  for (int i = 0; i < kHandles; ++i) {
    handles[i] = wasm_extern_copy(exports.data[i % 2]);
    foreigns[i] = wasm_foreign_new(store);
    wasm_foreign_set_host_info(foreigns[i], &foreigns[i]);
  }
  CHECK(pthread_create(&threads[0], NULL, delete_all, NULL) == 0);
  CHECK(pthread_create(&threads[1], NULL, call_often, func_at(&exports, 1)) == 0);
  wasm_func_delete(func);
  wasm_global_delete(global);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  CHECK(pthread_join(threads[0], NULL) == 0 && pthread_join(threads[1], NULL) == 0);
  wasm_extern_vec_delete(&exports);
}
