/* The smallest whole program in C: wasm calls a function of the host. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <swoop/swoop.h>

static const char kText[] =
    "(module"
    "  (import \"math\" \"sum\" (func $sum (param i32 i32) (result i32)))"
    "  (func (export \"add_one\") (param $x i32) (result i32)"
    "    local.get $x  i32.const 1  call $sum))";

static swoop_error_t* sum(void* environment, swoop_caller_t* caller, const swoop_value_t* arguments,
                          size_t num_arguments, swoop_value_t* results, size_t num_results) {
  (void)environment, (void)caller, (void)num_arguments, (void)num_results;
  results[0].kind = SWOOP_I32;
  results[0].of.i32 = arguments[0].of.i32 + arguments[1].of.i32;
  return NULL;
}

static void check(swoop_error_t* error) {
  if (error == NULL) return;
  fprintf(stderr, "%s\n", swoop_error_render(error));
  swoop_release(error);
  exit(1);
}

int main(void) {
  swoop_engine_t* engine;
  check(swoop_engine_new(NULL, &engine));
  swoop_module_t* module;
  check(swoop_module_compile_text(engine, kText, strlen(kText), &module));

  const swoop_val_kind_t i32s[] = {SWOOP_I32, SWOOP_I32};
  const swoop_func_type_t type = {i32s, 2, i32s, 1};
  swoop_imports_t* imports = swoop_imports_new();
  check(swoop_imports_define_func(imports, "math", 4, "sum", 3, &type, sum, NULL, NULL));
  swoop_linked_t* linked;
  check(swoop_link(imports, module, &linked));
  swoop_store_t* store;
  check(swoop_store_new(engine, NULL, NULL, NULL, &store));
  swoop_instance_t instance;
  check(swoop_linked_instantiate(linked, store, NULL, &instance));

  swoop_extern_t add_one;
  check(swoop_instance_export(instance, "add_one", 7, &add_one));
  swoop_value_t argument = {.kind = SWOOP_I32, .of.i32 = 41}, result;
  check(swoop_func_call(add_one.of.func, NULL, &argument, 1, &result, 1));
  printf("%d\n", result.of.i32);

  swoop_release(store);
  swoop_release(linked);
  swoop_release(imports);
  swoop_release(module);
  swoop_release(engine);
  return 0;
}
