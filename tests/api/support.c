#include "support.h"

/* gcc and clang tell it in different ways. */
#if defined(__has_feature)
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

world_t new_world(void) {
  world_t world;
  world.engine = wasm_engine_new();
  CHECK(world.engine != NULL);
  world.store = wasm_store_new(world.engine);
  CHECK(world.store != NULL);
  return world;
}

void delete_world(world_t world) {
  wasm_store_delete(world.store);
  wasm_engine_delete(world.engine);
}

wasm_module_t* module_of(wasm_store_t* store, const unsigned char* bytes, size_t size) {
  wasm_byte_vec_t binary;
  wasm_byte_vec_new(&binary, size, (const char*)bytes);
  wasm_module_t* module = wasm_module_new(store, &binary);
  CHECK(module != NULL);
  wasm_byte_vec_delete(&binary);
  return module;
}

wasm_instance_t* instance_of(wasm_store_t* store, wasm_module_t* module,
                             wasm_extern_t* const imports[], size_t num_imports) {
  const wasm_extern_vec_t vector = {num_imports, (wasm_extern_t**)imports};
  wasm_trap_t* trap = NULL;
  wasm_instance_t* instance = wasm_instance_new(store, module, &vector, &trap);
  if (trap != NULL) {
    wasm_message_t message;
    wasm_trap_message(trap, &message);
    fprintf(stderr, "no instance: %s\n", message.data);
  }
  CHECK(instance != NULL && trap == NULL);
  return instance;
}

wasm_extern_vec_t exports_of(wasm_store_t* store, const unsigned char* bytes, size_t size,
                             wasm_extern_t* const imports[], size_t num_imports) {
  wasm_module_t* module = module_of(store, bytes, size);
  wasm_instance_t* instance = instance_of(store, module, imports, num_imports);
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  wasm_module_delete(module);
  wasm_instance_delete(instance);
  return exports;
}

wasm_func_t* func_at(const wasm_extern_vec_t* exports, size_t i) {
  CHECK(i < exports->size);
  wasm_func_t* func = wasm_extern_as_func(exports->data[i]);
  CHECK(func != NULL);
  return func;
}

wasm_func_t* new_func(wasm_store_t* store, wasm_functype_t* type, wasm_func_callback_t callback) {
  wasm_func_t* func = wasm_func_new(store, type, callback);
  CHECK(func != NULL);
  wasm_functype_delete(type);
  return func;
}

static wasm_trap_t* call(const wasm_func_t* func, size_t num_args, const int32_t* args,
                         wasm_val_t* result) {
  wasm_val_t values[8];
  CHECK(func != NULL && num_args <= 8 && wasm_func_result_arity(func) <= 1);
  for (size_t i = 0; i < num_args; ++i) {
    values[i].kind = WASM_I32;
    values[i].of.i32 = args[i];
  }
  const wasm_val_vec_t arg_vec = {num_args, values};
  wasm_val_vec_t results = {wasm_func_result_arity(func), result};
  return wasm_func_call(func, &arg_vec, &results);
}

int32_t call_i32(const wasm_func_t* func, size_t num_args, const int32_t* args) {
  wasm_val_t result = WASM_I32_VAL(0);
  CHECK(call(func, num_args, args, &result) == NULL);
  CHECK(result.kind == WASM_I32);
  return result.of.i32; /* 0 without a result */
}

bool traps(const wasm_func_t* func, size_t num_args, const int32_t* args, const char* message) {
  wasm_val_t result = WASM_I32_VAL(0);
  return trap_is(call(func, num_args, args, &result), message);
}

bool trap_is(wasm_trap_t* trap, const char* message) {
  if (trap == NULL) return false;
  wasm_message_t found;
  wasm_trap_message(trap, &found);
  const bool result = found.size == strlen(message) + 1 && strcmp(found.data, message) == 0;
  if (!result) fprintf(stderr, "a trap says: %s\n", found.data);
  wasm_byte_vec_delete(&found);
  wasm_trap_delete(trap);
  return result;
}

wasm_name_t name_of(const char* text) {
  wasm_name_t name;
  wasm_name_new_from_string(&name, text);
  return name;
}

bool name_is(const wasm_name_t* name, const char* text) {
  if (name->size != strlen(text)) return false;
  return name->size == 0 || memcmp(name->data, text, name->size) == 0;
}

size_t resident_kib(void) {
  if (SANITIZED) return 0; /* what is freed is kept for a while */
  FILE* file = fopen("/proc/self/statm", "r");
  CHECK(file != NULL);
  size_t total = 0, resident = 0;
  CHECK(fscanf(file, "%zu %zu", &total, &resident) == 2);
  fclose(file);
  return resident * 4;
}

size_t num_mappings(void) {
  FILE* file = fopen("/proc/self/maps", "r");
  CHECK(file != NULL);
  size_t lines = 0;
  for (int c = 0; (c = fgetc(file)) != EOF;) lines += c == '\n';
  fclose(file);
  return lines;
}
