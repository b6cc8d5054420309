/* What calls cost: not a test, and not run as one. */
#include "modules.h"
#include "support.h"

#include <time.h>

static wasm_trap_t* decrement(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  results->data[0].of.i32 = args->data[0].of.i32 - 1;
  return NULL;
}

static double now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void measure(const char* what, const wasm_func_t* func, size_t num_args) {
  enum { kCalls = 5000000 };
  wasm_val_t values[] = {WASM_I32_VAL(1), WASM_I32_VAL(2)}, result;
  const wasm_val_vec_t args = {num_args, values};
  wasm_val_vec_t results = {wasm_func_result_arity(func), &result};
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    const double begin = now_ns();
    for (int i = 0; i < kCalls / 5; ++i) CHECK(wasm_func_call(func, &args, &results) == NULL);
    const double each = (now_ns() - begin) / (kCalls / 5);
    if (each < best) best = each;
  }
  printf("%-40s %6.1f ns\n", what, best);
}

void measure_calls(void) {
  world_t world = new_world();
  wasm_func_t* host =
      new_func(world.store, wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32()),
               decrement);
  wasm_extern_t* imports[] = {wasm_func_as_extern(host)};
  wasm_extern_vec_t exports = EXPORTS(world.store, nested_wasm, imports, 1);
  measure("call of () -> ()", func_at(&exports, 5), 0);
  measure("call of (i32, i32) -> i32", func_at(&exports, 4), 2);
  measure("call that calls back, (i32) -> i32", func_at(&exports, 1), 1);
  wasm_func_delete(host);
  wasm_extern_vec_delete(&exports);
  delete_world(world);
}
