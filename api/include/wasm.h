/* The standard C API of WebAssembly, as Swoop provides it. Programs written for any other
 * implementation of wasm.h compile with this header and, since layouts and names agree, run with
 * this library unchanged.
 *
 * Handles. A pointer to an opaque struct is a handle. Handles are counted: whatever returns a new
 * one, such as `_new`, `_copy`, `_obtain` or the getters marked "new handle", gives the caller one
 * count, and `_delete` takes it back. `_delete` of NULL does nothing. An object keeps what it needs
 * alive: a function still works after its instance, module, store and engine were deleted, in any
 * order. The casts `_as_` count nothing: what they return is the same object and lives as long.
 *
 * Ownership of parameters. Types, names and vectors passed to the `_new` functions of types become
 * part of what is made; the caller does not delete them. Everything else that is passed stays the
 * caller's, except that a callback gives away the trap or the results it returns. What comes out of
 * an `out` parameter is the caller's, who deletes it with the vector's or value's `_delete`; memory
 * behind a vector's `data` is that of malloc and free.
 *
 * Threads. An engine and a shared module may be used by any threads at once. A store, and all that
 * was made in it, is used by one thread at a time, which need not be the same from call to call.
 * `_copy`, `_delete`, `_same` and host info of any handle may be used at any time from any thread,
 * also while another one runs WebAssembly in the store; so finalizers of other languages can delete
 * handles whenever they want.
 *
 * Errors. No function ends the process because of what it is given, as long as handles are live or
 * NULL. A handle that is NULL, of another kind, or of another store where the same store is needed,
 * makes a function return NULL, false, 0 or an empty vector, or do nothing; calls and instantiation
 * say what was wrong with a trap. So does a lack of memory for what a guest can ask for.
 */
#ifndef WASM_H
#define WASM_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifndef WASM_API_EXTERN
#if defined(_WIN32) && !defined(__MINGW32__) && !defined(LIBWASM_STATIC)
#define WASM_API_EXTERN __declspec(dllimport)
#elif defined(__GNUC__)
#define WASM_API_EXTERN __attribute__((visibility("default")))
#else
#define WASM_API_EXTERN
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef char byte_t;
typedef float float32_t;
typedef double float64_t;

/* --- Families of declarations. Headers with extensions of this API use them, too. --- */

/* clang-format off */

/* An opaque type and the function that gives back a handle to it. */
#define WASM_DECLARE_OWN(name)                    \
  typedef struct wasm_##name##_t wasm_##name##_t; \
  WASM_API_EXTERN void wasm_##name##_delete(wasm_##name##_t* handle);

/* A vector of wasm_NAME_t (`star` empty) or of handles (`star` is an asterisk).
 * `_new_uninitialized` sets all elements to zero or NULL, so a vector can always be deleted. `_new`
 * takes over the elements of `from`. `_copy` copies the elements, too, and `_delete` deletes them.
 * Where there is no memory, the result is an empty vector. */
#define WASM_DECLARE_VEC(name, star)                                                            \
  typedef struct wasm_##name##_vec_t {                                                          \
    size_t size;                                                                                \
    wasm_##name##_t star* data;                                                                 \
  } wasm_##name##_vec_t;                                                                        \
  WASM_API_EXTERN void wasm_##name##_vec_new_empty(wasm_##name##_vec_t* out);                   \
  WASM_API_EXTERN void wasm_##name##_vec_new_uninitialized(wasm_##name##_vec_t* out,            \
                                                           size_t size);                        \
  WASM_API_EXTERN void wasm_##name##_vec_new(wasm_##name##_vec_t* out, size_t size,             \
                                             wasm_##name##_t star const* from);                \
  WASM_API_EXTERN void wasm_##name##_vec_copy(wasm_##name##_vec_t* out,                         \
                                              const wasm_##name##_vec_t* from);                 \
  WASM_API_EXTERN void wasm_##name##_vec_delete(wasm_##name##_vec_t* vector);

/* A description of a type: immutable, of no store and no engine. `_copy` gives a new handle. */
#define WASM_DECLARE_TYPE(name) \
  WASM_DECLARE_OWN(name)        \
  WASM_DECLARE_VEC(name, *)     \
  WASM_API_EXTERN wasm_##name##_t* wasm_##name##_copy(const wasm_##name##_t* from);

/* An object of a store. `_copy` gives a new handle to the same object, and `_same` tells whether
 * two handles are of one object, however they were got.
 *
 * Host info is a pointer kept with the object, not with the handle: any handle finds it. Its
 * finalizer is called once, when the info is replaced or the object ends: a foreign object, a
 * module or a trap with its last reference; all others when their store ends, or before, when
 * nothing in the store can reach them any more. */
#define WASM_DECLARE_REF_BASE(name)                                                          \
  WASM_DECLARE_OWN(name)                                                                     \
  WASM_API_EXTERN wasm_##name##_t* wasm_##name##_copy(const wasm_##name##_t* from);          \
  WASM_API_EXTERN bool wasm_##name##_same(const wasm_##name##_t* a, const wasm_##name##_t* b); \
  WASM_API_EXTERN void* wasm_##name##_get_host_info(const wasm_##name##_t* object);          \
  WASM_API_EXTERN void wasm_##name##_set_host_info(wasm_##name##_t* object, void* info);     \
  WASM_API_EXTERN void wasm_##name##_set_host_info_with_finalizer(                           \
      wasm_##name##_t* object, void* info, void (*finalizer)(void* info));

/* An object that can be used as a reference. The casts back give NULL for another kind. */
#define WASM_DECLARE_REF(name)                                                                 \
  WASM_DECLARE_REF_BASE(name)                                                                  \
  WASM_API_EXTERN wasm_ref_t* wasm_##name##_as_ref(wasm_##name##_t* object);                   \
  WASM_API_EXTERN const wasm_ref_t* wasm_##name##_as_ref_const(const wasm_##name##_t* object); \
  WASM_API_EXTERN wasm_##name##_t* wasm_ref_as_##name(wasm_ref_t* ref);                        \
  WASM_API_EXTERN const wasm_##name##_t* wasm_ref_as_##name##_const(const wasm_ref_t* ref);

/* An object that goes to other stores of its engine, and to other threads: `_share` gives a new
 * handle that belongs to no store, `_obtain` a new object of a store. NULL for another engine. */
#define WASM_DECLARE_SHARABLE_REF(name)                                                       \
  WASM_DECLARE_REF(name)                                                                      \
  WASM_DECLARE_OWN(shared_##name)                                                             \
  WASM_API_EXTERN wasm_shared_##name##_t* wasm_##name##_share(const wasm_##name##_t* object); \
  WASM_API_EXTERN wasm_##name##_t* wasm_##name##_obtain(wasm_store_t* store,                  \
                                                        const wasm_shared_##name##_t* shared);

/* The casts between a description of one kind of external and that of any. */
#define SWOOP_DECLARE_AS_EXTERNTYPE(name)                                                       \
  WASM_API_EXTERN wasm_externtype_t* wasm_##name##_as_externtype(wasm_##name##_t* type);        \
  WASM_API_EXTERN const wasm_externtype_t* wasm_##name##_as_externtype_const(                   \
      const wasm_##name##_t* type);                                                             \
  WASM_API_EXTERN wasm_##name##_t* wasm_externtype_as_##name(wasm_externtype_t* type);          \
  WASM_API_EXTERN const wasm_##name##_t* wasm_externtype_as_##name##_const(                     \
      const wasm_externtype_t* type);

/* The casts between one kind of external and any. */
#define SWOOP_DECLARE_AS_EXTERN(name)                                                         \
  WASM_API_EXTERN wasm_extern_t* wasm_##name##_as_extern(wasm_##name##_t* object);            \
  WASM_API_EXTERN const wasm_extern_t* wasm_##name##_as_extern_const(                         \
      const wasm_##name##_t* object);                                                         \
  WASM_API_EXTERN wasm_##name##_t* wasm_extern_as_##name(wasm_extern_t* object);              \
  WASM_API_EXTERN const wasm_##name##_t* wasm_extern_as_##name##_const(const wasm_extern_t* object);

/* clang-format on */

/* --- Bytes and names --- */

typedef byte_t wasm_byte_t;
WASM_DECLARE_VEC(byte, )

/* UTF-8, without a final zero unless the function says so. */
typedef wasm_byte_vec_t wasm_name_t;
#define wasm_name wasm_byte_vec
#define wasm_name_new wasm_byte_vec_new
#define wasm_name_new_empty wasm_byte_vec_new_empty
#define wasm_name_new_uninitialized wasm_byte_vec_new_uninitialized
#define wasm_name_new_new_uninitialized wasm_byte_vec_new_uninitialized /* as it is published */
#define wasm_name_copy wasm_byte_vec_copy
#define wasm_name_delete wasm_byte_vec_delete

static inline void wasm_name_new_from_string(wasm_name_t* out, const char* text) {
  wasm_byte_vec_new(out, strlen(text), text);
}
/* With the final zero. */
static inline void wasm_name_new_from_string_nt(wasm_name_t* out, const char* text) {
  wasm_byte_vec_new(out, strlen(text) + 1, text);
}

/* --- Configuration, engine, store --- */

WASM_DECLARE_OWN(config)
WASM_DECLARE_OWN(engine)
WASM_DECLARE_OWN(store)

WASM_API_EXTERN wasm_config_t* wasm_config_new(void);

/* NULL where the processor or the system lacks what is needed. The second takes over the
 * configuration; without one it is as the first. */
WASM_API_EXTERN wasm_engine_t* wasm_engine_new(void);
WASM_API_EXTERN wasm_engine_t* wasm_engine_new_with_config(wasm_config_t* config);

WASM_API_EXTERN wasm_store_t* wasm_store_new(wasm_engine_t* engine);

/* --- Types --- */

/* Vectors have kind 4, which no value has. References that are neither functions nor externrefs
 * have kind 130. Types with such kinds can be looked at, but no value of them can be passed. */
typedef uint8_t wasm_valkind_t;
enum wasm_valkind_enum {
  WASM_I32 = 0,
  WASM_I64 = 1,
  WASM_F32 = 2,
  WASM_F64 = 3,
  WASM_EXTERNREF = 128,
  WASM_FUNCREF = 129
};

typedef uint8_t wasm_mutability_t;
enum wasm_mutability_enum { WASM_CONST = 0, WASM_VAR = 1 };

/* Tags of exceptions have kind 4: they can be exported and imported, and that is all. */
typedef uint8_t wasm_externkind_t;
enum wasm_externkind_enum {
  WASM_EXTERN_FUNC = 0,
  WASM_EXTERN_GLOBAL = 1,
  WASM_EXTERN_TABLE = 2,
  WASM_EXTERN_MEMORY = 3
};

/* In pages of a memory, or elements of a table. What does not fit is shown as the greatest number
 * that does. */
typedef struct wasm_limits_t {
  uint32_t min;
  uint32_t max;
} wasm_limits_t;
/* As `max`: no maximum. */
static const uint32_t wasm_limits_max_default = 0xffffffff;

WASM_DECLARE_TYPE(valtype)
WASM_DECLARE_TYPE(functype)
WASM_DECLARE_TYPE(globaltype)
WASM_DECLARE_TYPE(tabletype)
WASM_DECLARE_TYPE(memorytype)
WASM_DECLARE_TYPE(externtype)
WASM_DECLARE_TYPE(importtype)
WASM_DECLARE_TYPE(exporttype)

/* The makers return NULL, and delete what they took over, where a part is missing or wrong. */
WASM_API_EXTERN wasm_valtype_t* wasm_valtype_new(wasm_valkind_t kind);
WASM_API_EXTERN wasm_functype_t* wasm_functype_new(wasm_valtype_vec_t* params,
                                                   wasm_valtype_vec_t* results);
WASM_API_EXTERN wasm_globaltype_t* wasm_globaltype_new(wasm_valtype_t* content,
                                                       wasm_mutability_t mutability);
WASM_API_EXTERN wasm_tabletype_t* wasm_tabletype_new(wasm_valtype_t* element,
                                                     const wasm_limits_t* limits);
WASM_API_EXTERN wasm_memorytype_t* wasm_memorytype_new(const wasm_limits_t* limits);
WASM_API_EXTERN wasm_importtype_t* wasm_importtype_new(wasm_name_t* module, wasm_name_t* name,
                                                       wasm_externtype_t* type);
WASM_API_EXTERN wasm_exporttype_t* wasm_exporttype_new(wasm_name_t* name, wasm_externtype_t* type);

/* The parts live as long as the whole. */
WASM_API_EXTERN wasm_valkind_t wasm_valtype_kind(const wasm_valtype_t* type);
WASM_API_EXTERN const wasm_valtype_vec_t* wasm_functype_params(const wasm_functype_t* type);
WASM_API_EXTERN const wasm_valtype_vec_t* wasm_functype_results(const wasm_functype_t* type);
WASM_API_EXTERN const wasm_valtype_t* wasm_globaltype_content(const wasm_globaltype_t* type);
WASM_API_EXTERN wasm_mutability_t wasm_globaltype_mutability(const wasm_globaltype_t* type);
WASM_API_EXTERN const wasm_valtype_t* wasm_tabletype_element(const wasm_tabletype_t* type);
WASM_API_EXTERN const wasm_limits_t* wasm_tabletype_limits(const wasm_tabletype_t* type);
WASM_API_EXTERN const wasm_limits_t* wasm_memorytype_limits(const wasm_memorytype_t* type);
WASM_API_EXTERN wasm_externkind_t wasm_externtype_kind(const wasm_externtype_t* type);
WASM_API_EXTERN const wasm_name_t* wasm_importtype_module(const wasm_importtype_t* type);
WASM_API_EXTERN const wasm_name_t* wasm_importtype_name(const wasm_importtype_t* type);
WASM_API_EXTERN const wasm_externtype_t* wasm_importtype_type(const wasm_importtype_t* type);
WASM_API_EXTERN const wasm_name_t* wasm_exporttype_name(const wasm_exporttype_t* type);
WASM_API_EXTERN const wasm_externtype_t* wasm_exporttype_type(const wasm_exporttype_t* type);

SWOOP_DECLARE_AS_EXTERNTYPE(functype)
SWOOP_DECLARE_AS_EXTERNTYPE(globaltype)
SWOOP_DECLARE_AS_EXTERNTYPE(tabletype)
SWOOP_DECLARE_AS_EXTERNTYPE(memorytype)

static inline bool wasm_valkind_is_num(wasm_valkind_t kind) {
  return kind < WASM_EXTERNREF;
}
static inline bool wasm_valkind_is_ref(wasm_valkind_t kind) {
  return !wasm_valkind_is_num(kind);
}
static inline bool wasm_valtype_is_num(const wasm_valtype_t* type) {
  return wasm_valkind_is_num(wasm_valtype_kind(type));
}
static inline bool wasm_valtype_is_ref(const wasm_valtype_t* type) {
  return wasm_valkind_is_ref(wasm_valtype_kind(type));
}

/* --- References and values --- */

/* Any object of a store. As an externref it goes through WebAssembly and comes out as the same
 * object (`wasm_ref_same`); a function can also be a funcref. While WebAssembly may have a
 * reference to an object, the object stays; but it does not keep its own store alive, so handing
 * an object to its store makes no cycle. */
WASM_DECLARE_REF_BASE(ref)

/* Of kind WASM_EXTERNREF or WASM_FUNCREF, `ref` is a handle or NULL. */
typedef struct wasm_val_t {
  wasm_valkind_t kind;
  union {
    int32_t i32;
    int64_t i64;
    float32_t f32;
    float64_t f64;
    struct wasm_ref_t* ref;
  } of;
} wasm_val_t;
WASM_DECLARE_VEC(val, )

/* Delete and copy the reference, if it is one. */
WASM_API_EXTERN void wasm_val_delete(wasm_val_t* value);
WASM_API_EXTERN void wasm_val_copy(wasm_val_t* out, const wasm_val_t* from);

/* --- Modules --- */

WASM_DECLARE_SHARABLE_REF(module)

/* Compile and validate a module in the binary format. NULL: it is not valid, or this engine refuses
 * it. The bytes are copied. */
WASM_API_EXTERN wasm_module_t* wasm_module_new(wasm_store_t* store, const wasm_byte_vec_t* binary);
/* Whether wasm_module_new would give a module. It takes about as long. */
WASM_API_EXTERN bool wasm_module_validate(wasm_store_t* store, const wasm_byte_vec_t* binary);

WASM_API_EXTERN void wasm_module_imports(const wasm_module_t* module, wasm_importtype_vec_t* out);
WASM_API_EXTERN void wasm_module_exports(const wasm_module_t* module, wasm_exporttype_vec_t* out);

/* What is written is the module's own bytes, with a header and a checksum: reading it compiles
 * anew, so it is as safe as wasm_module_new, and any machine and version can read what another has
 * written. Bytes that are damaged or of another origin give NULL. */
WASM_API_EXTERN void wasm_module_serialize(const wasm_module_t* module, wasm_byte_vec_t* out);
WASM_API_EXTERN wasm_module_t* wasm_module_deserialize(wasm_store_t* store,
                                                       const wasm_byte_vec_t* bytes);

/* --- Traps --- */

WASM_DECLARE_OWN(frame)
WASM_DECLARE_VEC(frame, *)
WASM_DECLARE_REF(trap)

/* One function of a backtrace. */
WASM_API_EXTERN wasm_frame_t* wasm_frame_copy(const wasm_frame_t* from);
/* Lives as long as the frame. NULL where it cannot be told which of several instances of a module
 * it was. */
WASM_API_EXTERN struct wasm_instance_t* wasm_frame_instance(const wasm_frame_t* frame);
WASM_API_EXTERN uint32_t wasm_frame_func_index(const wasm_frame_t* frame);
/* Of the instruction: from the start of the function's body, and of the module. In bytes. */
WASM_API_EXTERN size_t wasm_frame_func_offset(const wasm_frame_t* frame);
WASM_API_EXTERN size_t wasm_frame_module_offset(const wasm_frame_t* frame);

typedef wasm_name_t wasm_message_t;

/* What is thrown and not caught, or a host that ends the program, arrives as a trap, too.
 * Messages that are passed in may end with one zero; those that come out always do. */
WASM_API_EXTERN wasm_trap_t* wasm_trap_new(wasm_store_t* store, const wasm_message_t* message);
WASM_API_EXTERN void wasm_trap_message(const wasm_trap_t* trap, wasm_message_t* out);
/* The innermost function: a new handle, NULL if there was no WebAssembly. */
WASM_API_EXTERN wasm_frame_t* wasm_trap_origin(const wasm_trap_t* trap);
/* All functions, the innermost first; of very deep stacks only the first 64. */
WASM_API_EXTERN void wasm_trap_trace(const wasm_trap_t* trap, wasm_frame_vec_t* out);

/* --- Externals --- */

/* An object without any meaning to WebAssembly, for host info to be attached to. */
WASM_DECLARE_REF(foreign)
WASM_API_EXTERN wasm_foreign_t* wasm_foreign_new(wasm_store_t* store);

WASM_DECLARE_REF(func)
WASM_DECLARE_REF(global)
WASM_DECLARE_REF(table)
WASM_DECLARE_REF(memory)
WASM_DECLARE_REF(extern)
WASM_DECLARE_VEC(extern, *)

WASM_API_EXTERN wasm_externkind_t wasm_extern_kind(const wasm_extern_t* object);
/* A new handle. */
WASM_API_EXTERN wasm_externtype_t* wasm_extern_type(const wasm_extern_t* object);

SWOOP_DECLARE_AS_EXTERN(func)
SWOOP_DECLARE_AS_EXTERN(global)
SWOOP_DECLARE_AS_EXTERN(table)
SWOOP_DECLARE_AS_EXTERN(memory)

/* The body of a function of the host. It returns NULL, or a trap, which it gives away. `args` stay
 * ours. `results` has room for the results, all zero or NULL, of which references are given away;
 * instead of filling it, the callback may make a new vector there. It must not leave by an
 * exception or a longjmp. */
typedef wasm_trap_t* (*wasm_func_callback_t)(const wasm_val_vec_t* args, wasm_val_vec_t* results);
typedef wasm_trap_t* (*wasm_func_callback_with_env_t)(void* env, const wasm_val_vec_t* args,
                                                      wasm_val_vec_t* results);

/* NULL for types with parts that no value can have. The finalizer, which may be NULL, is called
 * when the function ends, which is when its store does, if not before; at once if there is none. */
WASM_API_EXTERN wasm_func_t* wasm_func_new(wasm_store_t* store, const wasm_functype_t* type,
                                           wasm_func_callback_t callback);
WASM_API_EXTERN wasm_func_t* wasm_func_new_with_env(wasm_store_t* store,
                                                    const wasm_functype_t* type,
                                                    wasm_func_callback_with_env_t callback,
                                                    void* env, void (*finalizer)(void* env));

/* A new handle. */
WASM_API_EXTERN wasm_functype_t* wasm_func_type(const wasm_func_t* func);
WASM_API_EXTERN size_t wasm_func_param_arity(const wasm_func_t* func);
WASM_API_EXTERN size_t wasm_func_result_arity(const wasm_func_t* func);

/* NULL when the function returned; its results are then in `results`, as many as fit. Otherwise a
 * trap, which is the caller's. What `results` held before is overwritten, not deleted. Either
 * vector may be NULL if it would be empty. Arguments must be as many as the parameters, and of
 * their kinds. */
WASM_API_EXTERN wasm_trap_t* wasm_func_call(const wasm_func_t* func, const wasm_val_vec_t* args,
                                            wasm_val_vec_t* results);

/* NULL if the value is not of the type. */
WASM_API_EXTERN wasm_global_t* wasm_global_new(wasm_store_t* store, const wasm_globaltype_t* type,
                                               const wasm_val_t* value);
/* A new handle. */
WASM_API_EXTERN wasm_globaltype_t* wasm_global_type(const wasm_global_t* global);
/* A value of a kind that has no name here is a null externref. */
WASM_API_EXTERN void wasm_global_get(const wasm_global_t* global, wasm_val_t* out);
/* Does nothing to a constant, or with a value of another type. */
WASM_API_EXTERN void wasm_global_set(wasm_global_t* global, const wasm_val_t* value);

typedef uint32_t wasm_table_size_t;

/* All elements are `init` at first. */
WASM_API_EXTERN wasm_table_t* wasm_table_new(wasm_store_t* store, const wasm_tabletype_t* type,
                                             wasm_ref_t* init);
/* A new handle. Its minimum is the current size. */
WASM_API_EXTERN wasm_tabletype_t* wasm_table_type(const wasm_table_t* table);
/* A new handle; NULL for a null element and beyond the end. */
WASM_API_EXTERN wasm_ref_t* wasm_table_get(const wasm_table_t* table, wasm_table_size_t index);
/* False beyond the end, and for references that are not of the table's type. */
WASM_API_EXTERN bool wasm_table_set(wasm_table_t* table, wasm_table_size_t index, wasm_ref_t* ref);
WASM_API_EXTERN wasm_table_size_t wasm_table_size(const wasm_table_t* table);
WASM_API_EXTERN bool wasm_table_grow(wasm_table_t* table, wasm_table_size_t delta,
                                     wasm_ref_t* init);

typedef uint32_t wasm_memory_pages_t;
static const size_t MEMORY_PAGE_SIZE = 0x10000;

WASM_API_EXTERN wasm_memory_t* wasm_memory_new(wasm_store_t* store, const wasm_memorytype_t* type);
/* A new handle. Its minimum is the current size. */
WASM_API_EXTERN wasm_memorytype_t* wasm_memory_type(const wasm_memory_t* memory);
/* The bytes. Growing may move them where the system has no room for guard regions; elsewhere they
 * stay as long as the memory. */
WASM_API_EXTERN byte_t* wasm_memory_data(wasm_memory_t* memory);
WASM_API_EXTERN size_t wasm_memory_data_size(const wasm_memory_t* memory);
WASM_API_EXTERN wasm_memory_pages_t wasm_memory_size(const wasm_memory_t* memory);
WASM_API_EXTERN bool wasm_memory_grow(wasm_memory_t* memory, wasm_memory_pages_t delta);

/* --- Instances --- */

WASM_DECLARE_REF(instance)

/* `imports` are those of wasm_module_imports, in their order and number, of the same store. NULL if
 * the instance cannot be made, or its start function traps: why is said by a trap, if `trap` is not
 * NULL. */
WASM_API_EXTERN wasm_instance_t* wasm_instance_new(wasm_store_t* store, const wasm_module_t* module,
                                                   const wasm_extern_vec_t* imports,
                                                   wasm_trap_t** trap);
/* In the order of wasm_module_exports. */
WASM_API_EXTERN void wasm_instance_exports(const wasm_instance_t* instance, wasm_extern_vec_t* out);

/* --- Shorthands --- */

#define WASM_EMPTY_VEC \
  { 0, NULL }
#define WASM_ARRAY_VEC(array) \
  { sizeof(array) / sizeof(*(array)), array }

/* clang-format off */
#define WASM_I32_VAL(i) {.kind = WASM_I32, .of = {.i32 = i}}
#define WASM_I64_VAL(i) {.kind = WASM_I64, .of = {.i64 = i}}
#define WASM_F32_VAL(z) {.kind = WASM_F32, .of = {.f32 = z}}
#define WASM_F64_VAL(z) {.kind = WASM_F64, .of = {.f64 = z}}
#define WASM_REF_VAL(r) {.kind = WASM_EXTERNREF, .of = {.ref = r}}
#define WASM_INIT_VAL {.kind = WASM_EXTERNREF, .of = {.ref = NULL}}
/* clang-format on */

/* A pointer of the host as a number. */
static inline void wasm_val_init_ptr(wasm_val_t* out, void* pointer) {
#if UINTPTR_MAX == UINT32_MAX
  out->kind = WASM_I32;
  out->of.i32 = (int32_t)(intptr_t)pointer;
#else
  out->kind = WASM_I64;
  out->of.i64 = (int64_t)(intptr_t)pointer;
#endif
}
static inline void* wasm_val_ptr(const wasm_val_t* value) {
#if UINTPTR_MAX == UINT32_MAX
  return (void*)(intptr_t)value->of.i32;
#else
  return (void*)(intptr_t)value->of.i64;
#endif
}

static inline wasm_valtype_t* wasm_valtype_new_i32(void) {
  return wasm_valtype_new(WASM_I32);
}
static inline wasm_valtype_t* wasm_valtype_new_i64(void) {
  return wasm_valtype_new(WASM_I64);
}
static inline wasm_valtype_t* wasm_valtype_new_f32(void) {
  return wasm_valtype_new(WASM_F32);
}
static inline wasm_valtype_t* wasm_valtype_new_f64(void) {
  return wasm_valtype_new(WASM_F64);
}
static inline wasm_valtype_t* wasm_valtype_new_externref(void) {
  return wasm_valtype_new(WASM_EXTERNREF);
}
static inline wasm_valtype_t* wasm_valtype_new_funcref(void) {
  return wasm_valtype_new(WASM_FUNCREF);
}

/* Function types by their numbers of parameters and results: wasm_functype_new_2_1(p, q, r). */
static inline wasm_functype_t* swoop_functype_of(wasm_valtype_t* const* types, size_t params,
                                                 size_t results) {
  wasm_valtype_vec_t params_vec, results_vec;
  wasm_valtype_vec_new(&params_vec, params, types);
  wasm_valtype_vec_new(&results_vec, results, types + params);
  return wasm_functype_new(&params_vec, &results_vec);
}
#define SWOOP_FUNCTYPE_NEW(params, results, parameters, ...)                         \
  static inline wasm_functype_t* wasm_functype_new_##params##_##results parameters { \
    wasm_valtype_t* const types[] = {__VA_ARGS__, NULL};                             \
    return swoop_functype_of(types, params, results);                                \
  }
/* clang-format off */
#define SWOOP_T wasm_valtype_t*
SWOOP_FUNCTYPE_NEW(0, 0, (void), NULL)
SWOOP_FUNCTYPE_NEW(1, 0, (SWOOP_T p1), p1)
SWOOP_FUNCTYPE_NEW(2, 0, (SWOOP_T p1, SWOOP_T p2), p1, p2)
SWOOP_FUNCTYPE_NEW(3, 0, (SWOOP_T p1, SWOOP_T p2, SWOOP_T p3), p1, p2, p3)
SWOOP_FUNCTYPE_NEW(0, 1, (SWOOP_T r1), r1)
SWOOP_FUNCTYPE_NEW(1, 1, (SWOOP_T p1, SWOOP_T r1), p1, r1)
SWOOP_FUNCTYPE_NEW(2, 1, (SWOOP_T p1, SWOOP_T p2, SWOOP_T r1), p1, p2, r1)
SWOOP_FUNCTYPE_NEW(3, 1, (SWOOP_T p1, SWOOP_T p2, SWOOP_T p3, SWOOP_T r1), p1, p2, p3, r1)
SWOOP_FUNCTYPE_NEW(0, 2, (SWOOP_T r1, SWOOP_T r2), r1, r2)
SWOOP_FUNCTYPE_NEW(1, 2, (SWOOP_T p1, SWOOP_T r1, SWOOP_T r2), p1, r1, r2)
SWOOP_FUNCTYPE_NEW(2, 2, (SWOOP_T p1, SWOOP_T p2, SWOOP_T r1, SWOOP_T r2), p1, p2, r1, r2)
SWOOP_FUNCTYPE_NEW(3, 2, (SWOOP_T p1, SWOOP_T p2, SWOOP_T p3, SWOOP_T r1, SWOOP_T r2), p1, p2, p3, r1, r2)
/* clang-format on */
#undef SWOOP_T
#undef SWOOP_FUNCTYPE_NEW
#undef SWOOP_DECLARE_AS_EXTERN
#undef SWOOP_DECLARE_AS_EXTERNTYPE

#ifdef __cplusplus
}
#endif

#endif
