/* Traps with origin and trace, from WebAssembly and from callbacks; calls nested in each other. */
#include "modules.h"
#include "support.h"

/* With or without the final zero. */
static wasm_trap_t* fail(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args, (void)results;
  static int calls = 0;
  wasm_message_t message;
  if (calls++ == 0) {
    wasm_name_new_from_string_nt(&message, "callback gives up");
  } else {
    wasm_name_new_from_string(&message, "callback gives up");
  }
  wasm_trap_t* trap = wasm_trap_new((wasm_store_t*)env, &message);
  wasm_trap_set_host_info(trap, env);
  wasm_name_delete(&message);
  return trap;
}

static void check_frame(const wasm_frame_t* frame, uint32_t func, const wasm_instance_t* instance) {
  CHECK(wasm_frame_func_index(frame) == func);
  CHECK(wasm_frame_func_offset(frame) > 0);
  CHECK(wasm_frame_module_offset(frame) > wasm_frame_func_offset(frame));
  CHECK(wasm_instance_same(wasm_frame_instance(frame), instance));
}

void test_trap(void) {
  world_t world = new_world();
  wasm_functype_t* type = wasm_functype_new_0_1(wasm_valtype_new_i32());
  wasm_func_t* func = wasm_func_new_with_env(world.store, type, fail, world.store, NULL);
  wasm_functype_delete(type);
  wasm_extern_t* imports[] = {wasm_func_as_extern(func)};
  wasm_module_t* module = MODULE(world.store, trap_wasm);
  wasm_instance_t* other = instance_of(world.store, module, imports, 1);
  wasm_instance_t* instance = instance_of(world.store, module, imports, 1);
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);

  const wasm_val_vec_t args = WASM_EMPTY_VEC;
  wasm_val_vec_t results = WASM_EMPTY_VEC;
  for (int i = 0; i < 3; ++i) {
    wasm_trap_t* trap = wasm_func_call(func_at(&exports, i / 2), &args, &results);
    CHECK(trap != NULL);
    /* The callback's trap is the very same. */
    CHECK(wasm_trap_get_host_info(trap) == (i < 2 ? world.store : NULL));
    wasm_frame_t* origin = wasm_trap_origin(trap);
    CHECK(origin != NULL);
    check_frame(origin, i < 2 ? 1 : 2, instance);
    CHECK(!wasm_instance_same(wasm_frame_instance(origin), other));
    wasm_frame_t* copy = wasm_frame_copy(origin);
    wasm_frame_delete(origin);
    check_frame(copy, i < 2 ? 1 : 2, instance);
    wasm_frame_delete(copy);
    wasm_frame_vec_t trace, trace_copy;
    wasm_trap_trace(trap, &trace);
    wasm_frame_vec_copy(&trace_copy, &trace);
    wasm_frame_vec_delete(&trace);
    CHECK(trace_copy.size == 1);
    check_frame(trace_copy.data[0], i < 2 ? 1 : 2, instance);
    wasm_frame_vec_delete(&trace_copy);
    CHECK(trap_is(trap, i < 2 ? "callback gives up" : "unreachable"));
  }
  /* A callback that is called without WebAssembly has no frames. */
  wasm_trap_t* trap = wasm_func_call(func, &args, &results);
  CHECK(trap != NULL && wasm_trap_origin(trap) == NULL);
  CHECK(trap_is(trap, "callback gives up"));

  trap = wasm_func_call(func_at(&exports, 2), &args, &results);
  wasm_frame_vec_t trace;
  wasm_trap_trace(trap, &trace);
  CHECK(trace.size == 64);
  check_frame(trace.data[63], 3, instance);
  wasm_frame_vec_delete(&trace);
  CHECK(trap_is(trap, "call stack exhausted"));

  wasm_func_delete(func);
  wasm_module_delete(module);
  wasm_instance_delete(instance);
  wasm_instance_delete(other);
  wasm_extern_vec_delete(&exports);
  delete_world(world);
}

/* What `again` calls, and how it ended. */
static struct {
  const wasm_func_t* func;
  wasm_trap_t* last;
  int depth, deepest;
} nest;

static wasm_trap_t* again(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  if (++nest.depth > nest.deepest) nest.deepest = nest.depth;
  wasm_trap_t* trap = NULL;
  if (wasm_func_result_arity(nest.func) == 1) {
    trap = wasm_func_call(nest.func, args, results);
  } else {
    wasm_val_vec_t none = WASM_EMPTY_VEC;
    trap = wasm_func_call(nest.func, args, &none);
  }
  if (trap != NULL) {
    wasm_trap_delete(nest.last);
    nest.last = wasm_trap_copy(trap);
  }
  --nest.depth;
  return trap;
}

void test_nested(void) {
  world_t world = new_world();
  wasm_func_t* func = new_func(
      world.store, wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32()), again);
  wasm_extern_t* imports[] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t exports = EXPORTS(world.store, nested_wasm, imports, 1);
  wasm_func_delete(func);

  /* WebAssembly and host, ten times in each other: one trap goes through all of it. */
  nest.func = func_at(&exports, 1);
  wasm_val_t value = WASM_I32_VAL(10), result = WASM_INIT_VAL;
  const wasm_val_vec_t args = {1, &value};
  wasm_val_vec_t results = {1, &result};
  wasm_trap_t* trap = wasm_func_call(nest.func, &args, &results);
  CHECK(nest.deepest == 10 && trap != NULL);
  CHECK(wasm_trap_same(trap, nest.last));
  wasm_frame_vec_t trace;
  wasm_trap_trace(trap, &trace);
  CHECK(trace.size == 11);
  for (size_t i = 0; i < trace.size; ++i) CHECK(wasm_frame_func_index(trace.data[i]) == 1);
  wasm_frame_vec_delete(&trace);
  CHECK(trap_is(trap, "unreachable"));

  /* An exception that WebAssembly does not catch is a trap to the host, and again an exception to
   * the WebAssembly that called the host. */
  nest.func = func_at(&exports, 2);
  value.of.i32 = 55;
  trap = wasm_func_call(nest.func, &args, &results);
  CHECK(trap_is(trap, "uncaught exception (i32)"));
  CHECK(CALL(func_at(&exports, 3), 55) == 55);

  CHECK(wasm_extern_kind(exports.data[0]) == 4);
  wasm_externtype_t* tag = wasm_extern_type(exports.data[0]);
  CHECK(wasm_externtype_kind(tag) == 4 && wasm_externtype_as_functype(tag) == NULL);
  wasm_externtype_delete(tag);
  wasm_trap_delete(nest.last);
  wasm_extern_vec_delete(&exports);
  delete_world(world);
}
