/* Calls in both directions: hello, callbacks, several values, the start function. */
#include "modules.h"
#include "support.h"

static int num_hellos = 0;

static wasm_trap_t* hello(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  CHECK(args->size == 0 && results->size == 0);
  ++num_hellos;
  return NULL;
}

void test_hello(void) {
  world_t world = new_world();
  wasm_byte_vec_t binary;
  wasm_byte_vec_new(&binary, sizeof(hello_wasm), (const char*)hello_wasm);
  CHECK(wasm_module_validate(world.store, &binary));
  binary.data[0] = 1;
  CHECK(!wasm_module_validate(world.store, &binary));
  binary.data[0] = 0;
  --binary.size;
  CHECK(!wasm_module_validate(world.store, &binary));
  CHECK(wasm_module_new(world.store, &binary) == NULL);
  wasm_byte_vec_delete(&binary);

  wasm_func_t* func = new_func(world.store, wasm_functype_new_0_0(), hello);
  wasm_extern_t* imports[] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t exports = EXPORTS(world.store, hello_wasm, imports, 1);
  wasm_func_delete(func);
  CHECK(exports.size == 1);
  wasm_val_vec_t empty = WASM_EMPTY_VEC;
  CHECK(wasm_func_call(func_at(&exports, 0), &empty, &empty) == NULL);
  CHECK(wasm_func_call(func_at(&exports, 0), NULL, NULL) == NULL);
  CHECK(num_hellos == 2);
  wasm_extern_vec_delete(&exports);
  delete_world(world);
}

static wasm_trap_t* add(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  CHECK(args->size == 2 && args->data[0].kind == WASM_I32 && args->data[1].kind == WASM_I32);
  CHECK(results->size == 1 && results->data[0].kind == WASM_I32);
  wasm_val_copy(&results->data[0], &args->data[0]);
  results->data[0].of.i32 += args->data[1].of.i32;
  return NULL;
}

/* Leaves its result in an array of its own, as callbacks in other languages do. */
static wasm_trap_t* closure(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  CHECK(args->size == 0);
  const wasm_val_t value = WASM_I64_VAL(*(int64_t*)env);
  if (value.of.i64 % 2 == 0) wasm_val_vec_delete(results);
  wasm_val_vec_new(results, 1, &value);
  return NULL;
}

static void count(void* env) {
  *(int64_t*)env = -1;
}

void test_callback(void) {
  world_t world = new_world();
  int64_t env = 1000;
  wasm_func_t* add_func = new_func(
      world.store,
      wasm_functype_new_2_1(wasm_valtype_new_i32(), wasm_valtype_new_i32(), wasm_valtype_new_i32()),
      add);
  wasm_functype_t* type = wasm_functype_new_0_1(wasm_valtype_new_i64());
  wasm_func_t* closure_func = wasm_func_new_with_env(world.store, type, closure, &env, count);
  wasm_functype_delete(type);
  CHECK(wasm_func_param_arity(add_func) == 2 && wasm_func_result_arity(add_func) == 1);
  wasm_functype_t* add_type = wasm_func_type(add_func);
  CHECK(wasm_functype_params(add_type)->size == 2);
  wasm_functype_delete(add_type);
  CHECK(CALL(add_func, 20, 22) == 42); /* without any WebAssembly between */

  wasm_extern_t* imports[] = {wasm_func_as_extern(add_func), wasm_func_as_extern(closure_func)};
  wasm_extern_vec_t exports = EXPORTS(world.store, callback_wasm, imports, 2);
  wasm_func_delete(add_func);
  wasm_func_delete(closure_func);
  const wasm_val_t args[] = {WASM_I32_VAL(3), WASM_I32_VAL(-5)};
  const wasm_val_vec_t arg_vec = {2, (wasm_val_t*)args};
  for (int i = 0; i < 3; ++i) {
    env = 1000 + i;
    wasm_val_t results[] = {WASM_INIT_VAL};
    wasm_val_vec_t result_vec = WASM_ARRAY_VEC(results);
    CHECK(wasm_func_call(func_at(&exports, 0), &arg_vec, &result_vec) == NULL);
    CHECK(results[0].kind == WASM_I64 && results[0].of.i64 == 998 + i);
  }
  CHECK(env == 1002);
  wasm_extern_vec_delete(&exports);
  delete_world(world);
  CHECK(env == -1);
}

static wasm_trap_t* reverse(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  CHECK(args->size == results->size);
  for (size_t i = 0; i < args->size; ++i) {
    wasm_val_copy(&results->data[i], &args->data[args->size - 1 - i]);
  }
  return NULL;
}

void test_multi(void) {
  world_t world = new_world();
  wasm_valtype_t* types[] = {wasm_valtype_new_i32(), wasm_valtype_new_i64(), wasm_valtype_new_f32(),
                             wasm_valtype_new_f64()};
  wasm_valtype_t* reversed[] = {types[3], types[2], types[1], types[0]};
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new(&params, 4, types);
  wasm_valtype_vec_new(&results, 4, reversed);
  wasm_func_t* func = new_func(world.store, wasm_functype_new(&params, &results), reverse);
  wasm_extern_t* imports[] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t exports = EXPORTS(world.store, multi_wasm, imports, 1);
  wasm_func_delete(func);

  const wasm_val_t args[] = {WASM_I32_VAL(-1), WASM_I64_VAL(INT64_MIN), WASM_F32_VAL(1.5f),
                             WASM_F64_VAL(-2.25)};
  const wasm_val_vec_t arg_vec = {4, (wasm_val_t*)args};
  wasm_val_t got[] = {WASM_INIT_VAL, WASM_INIT_VAL, WASM_INIT_VAL, WASM_INIT_VAL};
  wasm_val_vec_t got_vec = WASM_ARRAY_VEC(got);
  CHECK(wasm_func_call(func_at(&exports, 0), &arg_vec, &got_vec) == NULL);
  CHECK(got[0].kind == WASM_F64 && got[0].of.f64 == -2.25);
  CHECK(got[1].kind == WASM_F32 && got[1].of.f32 == 1.5f);
  CHECK(got[2].kind == WASM_I64 && got[2].of.i64 == INT64_MIN);
  CHECK(got[3].kind == WASM_I32 && got[3].of.i32 == -1);

  /* More values than there is room for on the way; and fewer results than there are. */
  wasm_val_t many[20];
  for (int i = 0; i < 20; ++i) {
    many[i].kind = WASM_I64;
    many[i].of.i64 = i;
  }
  const wasm_val_vec_t many_vec = {20, many};
  wasm_val_vec_t many_results;
  wasm_val_vec_new_uninitialized(&many_results, 18);
  CHECK(wasm_func_call(func_at(&exports, 1), &many_vec, &many_results) == NULL);
  for (int i = 0; i < 18; ++i) CHECK(many_results.data[i].of.i64 == 19 - i);
  many_results.data[1].of.i64 = 77;
  many_results.size = 1;
  CHECK(wasm_func_call(func_at(&exports, 1), &many_vec, &many_results) == NULL);
  CHECK(many_results.data[1].of.i64 == 77);
  wasm_val_vec_delete(&many_results);
  wasm_extern_vec_delete(&exports);
  delete_world(world);
}

void test_start(void) {
  world_t world = new_world();
  wasm_module_t* module = MODULE(world.store, start_wasm);
  const wasm_extern_vec_t imports = WASM_EMPTY_VEC;
  wasm_trap_t* trap = NULL;
  CHECK(wasm_instance_new(world.store, module, &imports, &trap) == NULL);
  CHECK(trap != NULL);
  wasm_frame_t* origin = wasm_trap_origin(trap);
  CHECK(origin != NULL && wasm_frame_func_index(origin) == 0);
  wasm_frame_delete(origin);
  wasm_frame_vec_t trace;
  wasm_trap_trace(trap, &trace);
  CHECK(trace.size == 2 && wasm_frame_func_index(trace.data[1]) == 1);
  wasm_frame_vec_delete(&trace);
  CHECK(trap_is(trap, "integer divide by zero"));
  CHECK(wasm_instance_new(world.store, module, &imports, NULL) == NULL);
  wasm_module_delete(module);
  delete_world(world);
}
