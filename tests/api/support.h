/* What the programs of this folder share. Each is one function that returns when all is well. */
#pragma once

#include "api/include/wasm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                        \
  do {                                                                          \
    if (!(condition)) {                                                         \
      fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                  \
    }                                                                           \
  } while (0)

void test_names(void);
void test_types(void);
void test_vectors(void);
void test_hello(void);
void test_callback(void);
void test_start(void);
void test_trap(void);
void test_reflect(void);
void test_global(void);
void test_table(void);
void test_memory(void);
void test_multi(void);
void test_hostref(void);
void test_serialize(void);
void test_threads(void);
void test_finalize(void);
void test_nested(void);
void test_lifetime(void);
void test_misuse(void);
void test_leaks(void);
void test_collection(void);
void measure_calls(void);

/* header_test.cc */
bool shorthands_work_in_cpp(void);

/* An engine with a store. */
typedef struct {
  wasm_engine_t* engine;
  wasm_store_t* store;
} world_t;
world_t new_world(void);
void delete_world(world_t world);

/* The module of an array of bytes. */
#define MODULE(store, bytes) module_of(store, bytes, sizeof(bytes))
wasm_module_t* module_of(wasm_store_t* store, const unsigned char* bytes, size_t size);

/* An instance with these imports, of which it has as many; or the end of the test. */
wasm_instance_t* instance_of(wasm_store_t* store, wasm_module_t* module,
                             wasm_extern_t* const imports[], size_t num_imports);
/* The exports of a module's only instance, whose other handles are gone. */
#define EXPORTS(store, bytes, imports, num_imports) \
  exports_of(store, bytes, sizeof(bytes), imports, num_imports)
wasm_extern_vec_t exports_of(wasm_store_t* store, const unsigned char* bytes, size_t size,
                             wasm_extern_t* const imports[], size_t num_imports);
wasm_func_t* func_at(const wasm_extern_vec_t* exports, size_t i);

/* A function that takes over its type. */
wasm_func_t* new_func(wasm_store_t* store, wasm_functype_t* type, wasm_func_callback_t callback);

/* Calls that must return, with i32 for parameters and results. */
int32_t call_i32(const wasm_func_t* func, size_t num_args, const int32_t* args);
#define CALL(func, ...)                                                     \
  call_i32(func, sizeof((int32_t[]){0, __VA_ARGS__}) / sizeof(int32_t) - 1, \
           (int32_t[]){0, __VA_ARGS__} + 1)
/* Calls with i32 that must trap: whether they do with this message. */
bool traps(const wasm_func_t* func, size_t num_args, const int32_t* args, const char* message);
/* Whether the trap, which this deletes, has this message. */
bool trap_is(wasm_trap_t* trap, const char* message);

wasm_name_t name_of(const char* text);
bool name_is(const wasm_name_t* name, const char* text);

/* Of this process; memory is not counted with sanitizers. */
size_t resident_kib(void);
size_t num_mappings(void);
