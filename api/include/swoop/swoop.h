/*
 * Swoop in C: the one stable ABI of the library. The C++20 interface (swoop.hh) is made of it.
 *
 * HANDLES. A swoop_..._t* is a handle, not an address: it has a kind and a generation, which every
 * function checks. A handle that was released, or is of another kind, gives SWOOP_ERROR_MISUSE (or
 * null, 0 or false) and nothing else happens. Whoever gets a handle from a function owns one
 * reference; swoop_retain adds one, swoop_release drops one, on any thread and in any order. What a
 * handle needs stays alive behind it.
 *
 * VALUES. swoop_func_t and the other things in a store are small structs that can be copied freely.
 * They need no release, and are valid until their store is gone; used later they give
 * SWOOP_ERROR_MISUSE, as with another store.
 *
 * ERRORS. A function that may fail returns a swoop_error_t*, null when all went well; the caller
 * owns it. Outputs are written only on success.
 *
 * THREADS. Engines, modules, imports that are not being changed, linked modules, snapshots, stop
 * tokens, errors and objects: any thread, at the same time. A store with all that is in it, a
 * module stream, and imports that are being changed: one thread at a time, any thread; the last
 * reference to a store counts as a use of it. Host functions run on the thread of the call and may
 * use the store.
 *
 * STRINGS are UTF-8 with a length, unless a parameter is called `c_...`; they need no NUL. Returned
 * ones end in a NUL as well, and belong to the handle they were asked of.
 *
 * STRUCTS that begin with `size` may grow: get one with the defaults from its _default function.
 */
#ifndef SWOOP_SWOOP_H
#define SWOOP_SWOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SWOOP_VERSION_MAJOR 0 /* of this header, as the others */
#define SWOOP_VERSION_MINOR 1 /* grows with what breaks programs, while MAJOR is 0 */
#define SWOOP_VERSION_PATCH 0 /* grows with what does not */
#define SWOOP_VERSION "0.1.0" /* all three */

/** What the library shows. */
#define SWOOP_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------------------
 * Version and handles
 */

/** The version of the library that runs, as SWOOP_VERSION is that of the header. */
SWOOP_API const char* swoop_version(void);

/** What went wrong. */
typedef struct swoop_error swoop_error_t;
/** What modules and stores share. */
typedef struct swoop_engine swoop_engine_t;
/** A compiled module. */
typedef struct swoop_module swoop_module_t;
/** A module whose bytes are still arriving. */
typedef struct swoop_module_stream swoop_module_stream_t;
/** What modules can import, by name. */
typedef struct swoop_imports swoop_imports_t;
/** A module whose imports are resolved. */
typedef struct swoop_linked swoop_linked_t;
/** What instances live in. */
typedef struct swoop_store swoop_store_t;
/** What an instance held at one time. */
typedef struct swoop_snapshot swoop_snapshot_t;
/** Ends calls from outside. */
typedef struct swoop_stop_token swoop_stop_token_t;
/** An object of the host: swoop_object_new. */
typedef struct swoop_object swoop_object_t;

/** Adds a reference to a handle of any kind. False if it is dead: nothing happens. Null is dead. */
SWOOP_API bool swoop_retain(const void* handle);

/** Drops a reference to a handle of any kind; the last one destroys. False if it is dead: nothing
 *  happens. A store whose wasm runs is destroyed after that, at the latest when the thread that
 *  dropped it makes the next handle of any kind. */
SWOOP_API bool swoop_release(const void* handle);

/* ------------------------------------------------------------------------------------------------
 * Errors
 */

/** What went wrong, in general. */
typedef uint32_t swoop_error_kind_t;
enum {
  SWOOP_ERROR_MALFORMED = 1,  /* not a module, or not its text */
  SWOOP_ERROR_INVALID,        /* a module that does not validate */
  SWOOP_ERROR_UNLINKABLE,     /* an import is missing or has another type */
  SWOOP_ERROR_LIMIT_EXCEEDED, /* a limit of the implementation, the engine or the store */
  SWOOP_ERROR_OUT_OF_MEMORY,
  SWOOP_ERROR_UNSUPPORTED,   /* this build, or this processor, cannot do it */
  SWOOP_ERROR_IO,            /* a file or stream of the host failed */
  SWOOP_ERROR_TYPE_MISMATCH, /* another signature, kind of value or kind of export than asked for */
  SWOOP_ERROR_NOT_FOUND,     /* no export of that name */
  SWOOP_ERROR_MISUSE,        /* a dead handle, another store, a wrong order of calls */
  SWOOP_ERROR_TRAP,          /* a call trapped: swoop_error_trap_code */
  SWOOP_ERROR_EXCEPTION,     /* a call threw a wasm exception that nobody caught */
  SWOOP_ERROR_EXIT           /* the guest ended itself: swoop_error_exit_code */
};

/** Why a call trapped. Spec: exec/runtime#results. */
typedef uint32_t swoop_trap_code_t;
enum {
  SWOOP_TRAP_NONE = 0, /* it did not */
  SWOOP_TRAP_UNREACHABLE,
  SWOOP_TRAP_INTEGER_DIVIDE_BY_ZERO,
  SWOOP_TRAP_INTEGER_OVERFLOW,
  SWOOP_TRAP_INVALID_CONVERSION_TO_INTEGER,
  SWOOP_TRAP_MEMORY_OUT_OF_BOUNDS,
  SWOOP_TRAP_TABLE_OUT_OF_BOUNDS,
  SWOOP_TRAP_UNDEFINED_ELEMENT,
  SWOOP_TRAP_UNINITIALIZED_ELEMENT,
  SWOOP_TRAP_INDIRECT_CALL_TYPE_MISMATCH,
  SWOOP_TRAP_NULL_REFERENCE,
  SWOOP_TRAP_OUT_OF_HEAP,
  SWOOP_TRAP_STACK_EXHAUSTED,
  SWOOP_TRAP_INTERRUPTED, /* by a stop token or a timeout */
  SWOOP_TRAP_OUT_OF_FUEL,
  SWOOP_TRAP_HOST /* a host function failed */
};

/** One wasm function of a backtrace. */
typedef struct swoop_frame {
  const char* module_name;   /* from the name section, else "" */
  const char* function_name; /* from the name section or an export, else "" */
  uint32_t function_index;   /* imported functions count */
  uint32_t function_offset;  /* bytes from the start of the function's body */
  uint64_t module_offset;    /* bytes from the start of the module */
  const char* file;          /* of the source, if the module has debug information, else "" */
  uint32_t line;             /* there; 0: not known */
  uint32_t column;           /* likewise */
} swoop_frame_t;

/** An error of one's own, for host functions to answer with: it becomes a trap, and what the
 *  outermost call returns has its message and its payload, which may be null. An exit has a code:
 *  swoop_error_new_exit. Of a kind there is none of, it is misuse. */
SWOOP_API swoop_error_t* swoop_error_new(swoop_error_kind_t kind, const char* message,
                                         size_t length, swoop_object_t* payload);
/** A trap of wasm's own kinds. */
SWOOP_API swoop_error_t* swoop_error_new_trap(swoop_trap_code_t code);
/** What ends the program, as WASI's proc_exit does. */
SWOOP_API swoop_error_t* swoop_error_new_exit(int32_t code);

/** SWOOP_ERROR_MISUSE for what is not an error. */
SWOOP_API swoop_error_kind_t swoop_error_kind(const swoop_error_t* error);
/** One line without a full stop. */
SWOOP_API const char* swoop_error_message(const swoop_error_t* error);
/** For people: the message, the place in a text module, the backtrace. Several lines. */
SWOOP_API const char* swoop_error_render(const swoop_error_t* error);
/** Of the first bad byte of a module, or of the first bad character of a text; UINT64_MAX without
 *  one. */
SWOOP_API uint64_t swoop_error_offset(const swoop_error_t* error);
/** SWOOP_TRAP_NONE unless the kind is SWOOP_ERROR_TRAP. */
SWOOP_API swoop_trap_code_t swoop_error_trap_code(const swoop_error_t* error);
/** False unless the kind is SWOOP_ERROR_EXIT. */
SWOOP_API bool swoop_error_exit_code(const swoop_error_t* error, int32_t* code);
/** Innermost first; `*frames` belongs to the error. */
SWOOP_API size_t swoop_error_frames(const swoop_error_t* error, const swoop_frame_t** frames);
/** What swoop_error_new was given, here or in a host function that failed: a new reference, or
 *  null. */
SWOOP_API swoop_object_t* swoop_error_payload(const swoop_error_t* error);

/* ------------------------------------------------------------------------------------------------
 * Types and values
 */

/** The type of a value, as far as the host tells them apart: SWOOP_I32, ... */
typedef uint8_t swoop_val_kind_t;
enum {
  SWOOP_I32 = 0,
  SWOOP_I64,
  SWOOP_F32,
  SWOOP_F64,
  SWOOP_V128,
  SWOOP_FUNCREF,
  SWOOP_EXTERNREF,
  SWOOP_OTHER_REF /* a reference type that the host cannot make values of */
};

/** What is imported or exported: SWOOP_FUNC, ... */
typedef uint8_t swoop_extern_kind_t;
enum { SWOOP_FUNC = 0, SWOOP_TABLE, SWOOP_MEMORY, SWOOP_GLOBAL, SWOOP_TAG };

/** Borrowed from where it was asked for. */
typedef struct {
  const swoop_val_kind_t* params;  /* types of parameters */
  size_t num_params;               /* how many */
  const swoop_val_kind_t* results; /* types of results */
  size_t num_results;              /* how many */
} swoop_func_type_t;

/** In pages of a memory, in elements of a table. */
typedef struct swoop_limits {
  uint64_t min; /* at least */
  uint64_t max; /* UINT64_MAX: none */
} swoop_limits_t;

typedef struct {
  swoop_limits_t pages;
  bool is_shared;
  bool is_64;
  uint8_t page_size_log2; /* 16, or 0 with custom page sizes */
} swoop_memory_type_t;

typedef struct {
  swoop_val_kind_t element;
  swoop_limits_t elements;
  bool is_64;
} swoop_table_type_t;

typedef struct {
  swoop_val_kind_t value;
  bool is_mutable;
} swoop_global_type_t;

typedef struct swoop_extern_type {
  swoop_extern_kind_t kind;
  union {
    swoop_func_type_t func; /* also of a tag: without results */
    swoop_table_type_t table;
    swoop_memory_type_t memory;
    swoop_global_type_t global;
  } of;
} swoop_extern_type_t;

/** Something in a store. All zero is null: no function, a null funcref. */
typedef struct swoop_func {
  uint64_t store; /* its number */
  uint64_t id;    /* 0 for none */
} swoop_func_t;
/** A table of a store, as above. */
typedef struct swoop_table {
  uint64_t store; /* its number */
  uint64_t id;    /* 0 for none */
} swoop_table_t;
/** A memory of a store, as above. */
typedef struct swoop_memory {
  uint64_t store; /* its number */
  uint64_t id;    /* 0 for none */
} swoop_memory_t;
/** A global of a store, as above. */
typedef struct swoop_global {
  uint64_t store; /* its number */
  uint64_t id;    /* 0 for none */
} swoop_global_t;
/** A tag of a store, as above. */
typedef struct swoop_tag {
  uint64_t store; /* its number */
  uint64_t id;    /* 0 for none */
} swoop_tag_t;
/** An instance of a store, as above. */
typedef struct swoop_instance {
  uint64_t store; /* its number */
  uint64_t id;    /* 0 for none */
} swoop_instance_t;

typedef struct swoop_extern {
  swoop_extern_kind_t kind;
  union {
    swoop_func_t func;
    swoop_table_t table;
    swoop_memory_t memory;
    swoop_global_t global;
    swoop_tag_t tag;
  } of;
} swoop_extern_t;

/** References in values that are returned are the caller's: release `object`. Those that are passed
 *  stay the caller's. */
typedef struct swoop_value {
  swoop_val_kind_t kind; /* which member of `of` it has */
  /** The value. */
  union {
    int32_t i32;
    int64_t i64;
    float f32;
    double f64;
    uint8_t v128[16];
    swoop_func_t func;
    swoop_object_t* object; /* externref: null, or an object of the host */
  } of;
} swoop_value_t;

/** An object of the host that wasm can hold as an externref. `tag` is for whoever makes it to know
 *  it again. `drop`, if not null, is called with `data` when the last reference is gone. A store
 *  that got it keeps it until the store is gone. */
SWOOP_API swoop_object_t* swoop_object_new(void* data, const void* tag, void (*drop)(void*));
/** What swoop_object_new was given; null for a dead handle. */
SWOOP_API void* swoop_object_data(const swoop_object_t* object);
/** The same. */
SWOOP_API const void* swoop_object_tag(const swoop_object_t* object);

/* ------------------------------------------------------------------------------------------------
 * Engine
 */

/** Proposals: bits of swoop_config_t::features. */
enum {
  SWOOP_FEATURES_WASM1 = 1,
  SWOOP_FEATURES_WASM2 = 2,
  SWOOP_FEATURES_WASM3 = 3,
  SWOOP_FEATURES_ALL = 0 /* everything this library knows */
};

typedef struct swoop_config {
  size_t size;              /* of this struct */
  uint32_t features;        /* SWOOP_FEATURES_... */
  uint32_t compile_threads; /* for one module, with that of the caller; 0: one */
  const char* c_target;     /* "x86_64" or "aarch64"; null: this machine */
  const char* c_cpu;        /* "host", "baseline", or optional features with commas; null: host */
  bool explicit_bounds;     /* check bounds in code: without large reservations of address space */
  bool interruption;        /* loops can be ended by stop tokens and timeouts */
  bool fuel;                /* code counts what it executes */
  bool sign_return_addresses;  /* AArch64 */
  uint64_t stack_bytes;        /* of wasm, for one outermost call; 0: 1 MiB */
  uint64_t max_module_bytes;   /* 0, and at most: 1 GiB */
  uint64_t max_memory_bytes;   /* of one memory; 0: as the spec */
  uint64_t max_table_elements; /* of one table; 0: 10,000,000 */
  uint64_t max_heap_bytes;     /* of one store's structs, arrays and exceptions; 0: 1 GiB */
  /** Fuel for one executed operator, by its opcode: its byte, or prefix << 12 | number. Null: 1,
   * but 0 for those that only mark a place, as `block` and `end`, or drop a value. Bulk operations
   * and growth pay it again for each 64 bytes. Called while the engine is made. */
  uint32_t (*cost)(uint32_t opcode, void* environment);
  void* cost_environment;
} swoop_config_t;
/** What an engine has without a configuration. */
static inline swoop_config_t swoop_config_default(void) {
  swoop_config_t config;
  memset(&config, 0, sizeof config);
  config.size = sizeof config;
  config.interruption = true;
  return config;
}

/** `config` may be null for the default, which can be interrupted. Installs the process's fault
 *  handler, which hands on what is not of wasm. Errors: unsupported, misuse (a config of a newer
 *  header), out_of_memory. */
SWOOP_API swoop_error_t* swoop_engine_new(const swoop_config_t* config, swoop_engine_t** engine);

/* ------------------------------------------------------------------------------------------------
 * Modules
 */

/** Bytes from malloc that the caller owns. */
typedef struct swoop_bytes {
  uint8_t* data; /* null for none */
  size_t size;   /* in bytes */
} swoop_bytes_t;
/** Frees them. */
SWOOP_API void swoop_bytes_delete(swoop_bytes_t* bytes);

/** The binary of a text module. Errors: malformed. */
SWOOP_API swoop_error_t* swoop_wat2wasm(const char* text, size_t length, swoop_bytes_t* wasm);

/** Decodes, validates and compiles; the bytes are not kept. Errors: malformed, invalid,
 *  unsupported, limit_exceeded, out_of_memory. */
SWOOP_API swoop_error_t* swoop_module_compile(swoop_engine_t* engine, const uint8_t* wasm,
                                              size_t size, swoop_module_t** module);
/** The same of a text module. Offsets of errors are of its characters. */
SWOOP_API swoop_error_t* swoop_module_compile_text(swoop_engine_t* engine, const char* text,
                                                   size_t length, swoop_module_t** module);
/** Binary or text, by what is in the file. Errors: io besides. */
SWOOP_API swoop_error_t* swoop_module_load(swoop_engine_t* engine, const char* c_path,
                                           swoop_module_t** module);
/** Without compiling. */
SWOOP_API swoop_error_t* swoop_module_validate(swoop_engine_t* engine, const uint8_t* wasm,
                                               size_t size);

/** From the name section, else "". */
SWOOP_API const char* swoop_module_name(const swoop_module_t* module, size_t* length);

typedef struct swoop_import_type {
  const char* module;
  size_t module_length;
  const char* name;
  size_t name_length;
  swoop_extern_type_t type;
} swoop_import_type_t;
typedef struct swoop_export_type {
  const char* name;
  size_t name_length;
  swoop_extern_type_t type;
} swoop_export_type_t;
/** In the order of the module; the arrays belong to it. */
SWOOP_API size_t swoop_module_imports(const swoop_module_t* module,
                                      const swoop_import_type_t** imports);
/** The same for exports. */
SWOOP_API size_t swoop_module_exports(const swoop_module_t* module,
                                      const swoop_export_type_t** exports);

typedef struct swoop_custom_section {
  const char* name;
  size_t name_length;
  const uint8_t* bytes;
  size_t size;
} swoop_custom_section_t;
/** What a module says to tools, such as its debug information: names need not be unique, and
 * nothing about the bytes was checked. In the order of the module; all belongs to it. Spec:
 *  appendix/custom. */
SWOOP_API size_t swoop_module_custom_sections(const swoop_module_t* module,
                                              const swoop_custom_section_t** sections);

/** A module that compiles while its bytes arrive. */
SWOOP_API swoop_error_t* swoop_module_stream_new(swoop_engine_t* engine,
                                                 swoop_module_stream_t** stream);
/** The next bytes, which are not kept. An error is final: every later call gives it again. */
SWOOP_API swoop_error_t* swoop_module_stream_feed(swoop_module_stream_t* stream,
                                                  const uint8_t* bytes, size_t size);
/** When all bytes were fed; the stream is then used up, and further calls are misuse. */
SWOOP_API swoop_error_t* swoop_module_stream_finish(swoop_module_stream_t* stream,
                                                    swoop_module_t** module);

/* ------------------------------------------------------------------------------------------------
 * Stores and calls
 */

/** What one store may hold. */
typedef struct swoop_store_limits {
  size_t size;             /* of this struct */
  uint64_t memory_bytes;   /* of all memories together */
  uint64_t table_elements; /* of all tables together */
  uint32_t instances;      /* also those whose instantiation failed half-way */
  uint32_t memories;       /* how many */
  uint32_t tables;         /* how many */
} swoop_store_limits_t;
/** No limits. */
static inline swoop_store_limits_t swoop_store_limits_default(void) {
  swoop_store_limits_t limits;
  memset(&limits, 0xff, sizeof limits);
  limits.size = sizeof limits;
  return limits;
}

/** `limits` may be null. `data` is for host functions; `drop`, if not null, is called with it when
 *  the store is gone. */
SWOOP_API swoop_error_t* swoop_store_new(swoop_engine_t* engine, const swoop_store_limits_t* limits,
                                         void* data, void (*drop)(void*), swoop_store_t** store);
/** What swoop_store_new was given; null for a dead handle. */
SWOOP_API void* swoop_store_data(const swoop_store_t* store);
/** What wasm of the store may still execute: UINT64_MAX to begin with, and 0 after a trap for want
 *  of it. The budget of a call is a part of this; within the call, this is what is left of that.
 *  Exact between calls and in host functions, and the same on all machines. False, or misuse,
 * unless the engine counts fuel. */
SWOOP_API bool swoop_store_fuel(const swoop_store_t* store, uint64_t* fuel);
/** The same to set it. Errors: misuse. */
SWOOP_API swoop_error_t* swoop_store_set_fuel(swoop_store_t* store, uint64_t fuel);

/** A token for calls: swoop_call_options_t. */
SWOOP_API swoop_stop_token_t* swoop_stop_token_new(void);
/** Ends the calls that were given it: those that run and those that begin later. Any thread. */
SWOOP_API void swoop_stop_token_stop(swoop_stop_token_t* token);
/** Whether it was stopped. It stays so. */
SWOOP_API bool swoop_stop_token_is_stopped(const swoop_stop_token_t* token);

/** What holds for one call, and the calls that it makes through host functions. */
typedef struct swoop_call_options {
  size_t size;              /* of this struct */
  swoop_stop_token_t* stop; /* may be null */
  uint64_t timeout_ns;      /* from the call's beginning; UINT64_MAX: none */
  uint64_t fuel;            /* the call's budget, of what the store has; UINT64_MAX: all that */
} swoop_call_options_t;
/** No limits. */
static inline swoop_call_options_t swoop_call_options_default(void) {
  swoop_call_options_t options;
  memset(&options, 0, sizeof options);
  options.size = sizeof options;
  options.timeout_ns = UINT64_MAX;
  options.fuel = UINT64_MAX;
  return options;
}

/** `arguments` and `results` by the function's type; `options` may be null. Errors: type_mismatch,
 *  misuse, trap, exception, exit. */
SWOOP_API swoop_error_t* swoop_func_call(swoop_func_t func, const swoop_call_options_t* options,
                                         const swoop_value_t* arguments, size_t num_arguments,
                                         swoop_value_t* results, size_t num_results);
/** Borrowed from the store; all zero for a dead one. */
SWOOP_API swoop_func_type_t swoop_func_type(swoop_func_t func);

/** Who called a host function. Valid until that returns. */
typedef struct swoop_caller swoop_caller_t;

/** The body of a host function. `arguments` are by its type, and `results` are to be; objects in
 *  results pass to the library. The error, if any, passes to the library: the call traps. */
typedef swoop_error_t* (*swoop_callback_t)(void* environment, swoop_caller_t* caller,
                                           const swoop_value_t* arguments, size_t num_arguments,
                                           swoop_value_t* results, size_t num_results);

/** `drop`, if not null, is called with `environment` when the function is gone. */
SWOOP_API swoop_error_t* swoop_func_new(swoop_store_t* store, const swoop_func_type_t* type,
                                        swoop_callback_t callback, void* environment,
                                        void (*drop)(void*), swoop_func_t* func);

/** A new reference to the store. */
SWOOP_API swoop_store_t* swoop_caller_store(swoop_caller_t* caller);
/** The data of the store: swoop_store_data. */
SWOOP_API void* swoop_caller_data(swoop_caller_t* caller);
/** False when the host called, not wasm. */
SWOOP_API bool swoop_caller_instance(swoop_caller_t* caller, swoop_instance_t* instance);
/** Memory 0 of the calling instance, as long as it does not grow. False if there is none. */
SWOOP_API bool swoop_caller_memory(swoop_caller_t* caller, uint8_t** data, uint64_t* size);
/** Whether the call shall end: what takes long asks, and then fails. */
SWOOP_API bool swoop_caller_is_stopped(swoop_caller_t* caller);
/** Whether anything can end the call: a stop token, or a timeout. */
SWOOP_API bool swoop_caller_can_be_stopped(swoop_caller_t* caller);
/** A descriptor to poll for reading along with what a host function waits for: ready when the call
 *  shall perhaps end. If it shall not, read 8 bytes from it before the next wait. Made when first
 *  asked for; -1 if the call cannot be ended, or the system has no more descriptors. */
SWOOP_API int swoop_caller_stop_descriptor(swoop_caller_t* caller);
/** Takes fuel for what a host function does. Nothing happens unless the engine counts fuel. Errors:
 *  the trap to answer with, if there is less. */
SWOOP_API swoop_error_t* swoop_caller_charge(swoop_caller_t* caller, uint64_t fuel);

/* ------------------------------------------------------------------------------------------------
 * Native calls: by the C calling convention, without arrays of values. For languages that can make
 * functions of a signature at hand; swoop.hh does it for C++.
 *
 * i32 and i64 travel as uint32_t and uint64_t, f32 and f64 as such, a funcref as the `id` of its
 * swoop_func_t, an externref as a word (swoop_object_word). A function that has one result answers
 * with struct { T value; uint64_t status; }, one without or with several with struct { uint64_t
 * status; }; several results are in an array of swoop_word_t. Types with other values have none.
 */

typedef struct swoop_word {
  uint64_t low; /* i32 and f32 in the low half, the rest zero */
  uint64_t high;
} swoop_word_t;

/** Whether the native call may be made here; otherwise use swoop_func_call, which is always right.
 *  It may if the stack pointer `sp` and the thread pointer `tp` of the caller satisfy
 *  generation == func.generation && sp - low < size && tp == thread. It is never unmapped. */
typedef struct swoop_call_gate {
  uint64_t low;        /* of the part of the stack it is for */
  uint64_t size;       /* of that, in bytes */
  uint64_t thread;     /* a thread pointer */
  uint64_t generation; /* of the store; none has 0 */
} swoop_call_gate_t;

typedef struct swoop_native_func {
  /** Called as code(callee, [swoop_word_t* results,] arguments...). Status 1: swoop_take_error. */
  void (*code)(void);
  const void* callee;
  const swoop_call_gate_t* gate;
  uint64_t generation;
} swoop_native_func_t;

/** Errors: type_mismatch unless it has exactly this type; unsupported for types without native
 *  form. */
SWOOP_API swoop_error_t* swoop_func_native(swoop_func_t func, const swoop_func_type_t* type,
                                           swoop_native_func_t* native);
/** Why the last native call of this function had status 1. */
SWOOP_API swoop_error_t* swoop_take_error(swoop_func_t func);

/** What native host code is called with; its environment is swoop_native_environment(self). */
typedef struct swoop_native_self swoop_native_self_t;
/** What swoop_func_new_native was given. */
static inline void* swoop_native_environment(const swoop_native_self_t* self) {
  return ((void* const*)self)[-1];
}
/** `code` is called as code(self, caller, [swoop_word_t* results,] arguments...). */
SWOOP_API swoop_error_t* swoop_func_new_native(swoop_store_t* store, const swoop_func_type_t* type,
                                               void (*code)(void), void* environment,
                                               void (*drop)(void*), swoop_func_t* func);
/** Memory 0 of what called native host code, as swoop_caller_memory. */
SWOOP_API bool swoop_native_memory(swoop_native_self_t* self, void* caller, uint8_t** data,
                                   uint64_t* size);
/** Room for a caller: swoop_native_caller. */
typedef struct swoop_caller_space {
  void* words[4]; /* the library's */
} swoop_caller_space_t;
/** The caller of native host code, from both of its first arguments, for the functions above. It
 *  lives in `*space`. */
SWOOP_API swoop_caller_t* swoop_native_caller(swoop_native_self_t* self, void* caller,
                                              swoop_caller_space_t* space);
/** The number of the store that native host code is called in. */
SWOOP_API uint64_t swoop_native_store(swoop_native_self_t* self);
/** Fails native host code: takes the error, and returns the status to answer with. */
SWOOP_API uint64_t swoop_native_fail(swoop_native_self_t* self, swoop_error_t* error);

/** The function with this id, which native code was given in that store. As native code itself, the
 *  id is believed. */
SWOOP_API swoop_func_t swoop_native_func_name(uint64_t store, uint64_t id);
/** Between externrefs and words. The store, which is named by its number in a swoop_func_t, keeps
 *  the object. */
SWOOP_API uint64_t swoop_object_word(uint64_t store, swoop_object_t* object);
/** A new reference, or null if there is no object of the host behind the word. */
SWOOP_API swoop_object_t* swoop_word_object(uint64_t word);

/* ------------------------------------------------------------------------------------------------
 * Imports, linking, instances
 */

/** What modules can import: names for host functions, of no store, and for things in a store. */
SWOOP_API swoop_imports_t* swoop_imports_new(void);
/** Others with the same definitions and settings. Null for a dead handle. */
SWOOP_API swoop_imports_t* swoop_imports_copy(const swoop_imports_t* imports);
/** Names may be defined once, unless shadowing is allowed. */
SWOOP_API void swoop_imports_allow_shadowing(swoop_imports_t* imports, bool allow);
/** Functions that nobody defined trap when they are called. */
SWOOP_API void swoop_imports_unknown_as_traps(swoop_imports_t* imports, bool allow);
/** A host function for any store. `drop`, if not null, is called with `environment` when nobody can
 *  call it any more, also if this fails. Errors, as below: misuse for a name that is defined. */
SWOOP_API swoop_error_t* swoop_imports_define_func(swoop_imports_t* imports, const char* module,
                                                   size_t module_length, const char* name,
                                                   size_t name_length,
                                                   const swoop_func_type_t* type,
                                                   swoop_callback_t callback, void* environment,
                                                   void (*drop)(void*));
/** The same for native host code, as swoop_func_new_native takes it. */
SWOOP_API swoop_error_t* swoop_imports_define_native(swoop_imports_t* imports, const char* module,
                                                     size_t module_length, const char* name,
                                                     size_t name_length,
                                                     const swoop_func_type_t* type,
                                                     void (*code)(void), void* environment,
                                                     void (*drop)(void*));
/** Modules that import it can be instantiated in its store alone. */
SWOOP_API swoop_error_t* swoop_imports_define_extern(swoop_imports_t* imports, const char* module,
                                                     size_t module_length, const char* name,
                                                     size_t name_length, swoop_extern_t value);
/** Every export of it, under `module`. */
SWOOP_API swoop_error_t* swoop_imports_define_instance(swoop_imports_t* imports, const char* module,
                                                       size_t module_length,
                                                       swoop_instance_t instance);

/** Resolves the module's imports once, and compares types. Later changes of `imports` do not
 *  matter. `imports` may be null for none. Looks at the stores of things among the imports, so no
 *  other thread may use these meanwhile. Errors: unlinkable, misuse. */
SWOOP_API swoop_error_t* swoop_link(swoop_imports_t* imports, swoop_module_t* module,
                                    swoop_linked_t** linked);
/** Runs segments and the start function, for which `options` hold; they may be null. Errors:
 *  unlinkable, limit_exceeded, out_of_memory, trap, exception, exit, misuse. */
SWOOP_API swoop_error_t* swoop_linked_instantiate(swoop_linked_t* linked, swoop_store_t* store,
                                                  const swoop_call_options_t* options,
                                                  swoop_instance_t* instance);

/** A new reference to the module; null for a dead instance. */
SWOOP_API swoop_module_t* swoop_instance_module(swoop_instance_t instance);
/** Errors: not_found. */
SWOOP_API swoop_error_t* swoop_instance_export(swoop_instance_t instance, const char* name,
                                               size_t length, swoop_extern_t* value);

/** What the instance's own memories, tables, globals and segments hold now; imports are not
 *  included, nor what is on the stack if it runs. Errors: out_of_memory. */
SWOOP_API swoop_error_t* swoop_instance_snapshot(swoop_instance_t instance,
                                                 swoop_snapshot_t** snapshot);
/** Makes the instance, which that was made of or another one of the same module, hold it again, at
 *  a cost that goes with what has changed. Errors: limit_exceeded, out_of_memory; misuse while wasm
 *  of the store runs, or for a snapshot that does not fit: nothing has changed then. */
SWOOP_API swoop_error_t* swoop_instance_reset(swoop_instance_t instance,
                                              swoop_snapshot_t* snapshot);

/* ------------------------------------------------------------------------------------------------
 * Memories, tables, globals
 */

/** Errors: type_mismatch, limit_exceeded, out_of_memory; unsupported for 64-bit and shared
 *  memories. */
SWOOP_API swoop_error_t* swoop_memory_new(swoop_store_t* store, const swoop_memory_type_t* type,
                                          swoop_memory_t* memory);
/** With the current size as `min`. All zero for a dead one, as below. */
SWOOP_API swoop_memory_type_t swoop_memory_type(swoop_memory_t memory);
/** Valid until the memory grows, or its instance is reset. */
SWOOP_API uint8_t* swoop_memory_data(swoop_memory_t memory, uint64_t* size_bytes);
/** Errors: limit_exceeded. `previous_pages` may be null. */
SWOOP_API swoop_error_t* swoop_memory_grow(swoop_memory_t memory, uint64_t delta_pages,
                                           uint64_t* previous_pages);

/** All elements are `init`. Errors: type_mismatch, limit_exceeded, out_of_memory; unsupported for
 *  64-bit tables. */
SWOOP_API swoop_error_t* swoop_table_new(swoop_store_t* store, const swoop_table_type_t* type,
                                         const swoop_value_t* init, swoop_table_t* table);
/** With the current size as `min`. */
SWOOP_API swoop_table_type_t swoop_table_type(swoop_table_t table);
/** In elements; 0 for a dead one. */
SWOOP_API uint64_t swoop_table_size(swoop_table_t table);
/** Errors, as below: a trap when `index` is out of bounds; type_mismatch. */
SWOOP_API swoop_error_t* swoop_table_get(swoop_table_t table, uint64_t index, swoop_value_t* value);
/** `value` stays the caller's. */
SWOOP_API swoop_error_t* swoop_table_set(swoop_table_t table, uint64_t index,
                                         const swoop_value_t* value);
/** The new elements are `init`. Errors: limit_exceeded, type_mismatch. */
SWOOP_API swoop_error_t* swoop_table_grow(swoop_table_t table, uint64_t delta,
                                          const swoop_value_t* init, uint64_t* previous_size);

/** Errors: type_mismatch, misuse. */
SWOOP_API swoop_error_t* swoop_global_new(swoop_store_t* store, const swoop_global_type_t* type,
                                          const swoop_value_t* value, swoop_global_t* global);
/** All zero for a dead one. */
SWOOP_API swoop_global_type_t swoop_global_type(swoop_global_t global);
/** References in `value` are the caller's. Errors: misuse. */
SWOOP_API swoop_error_t* swoop_global_get(swoop_global_t global, swoop_value_t* value);
/** Errors: type_mismatch, also for an immutable global. */
SWOOP_API swoop_error_t* swoop_global_set(swoop_global_t global, const swoop_value_t* value);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif
