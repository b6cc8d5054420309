/*
 * WASI for embedders, in C: a library of its own, libswoop-wasi, over swoop.h. The C++20 interface
 * (wasi.hh) is made of it.
 *
 * A guest is granted nothing that the embedder has not named: without settings it has no arguments,
 * no environment, no directories, an empty input, and outputs that lead nowhere; it has the host's
 * clocks and random bytes.
 *
 * HANDLES are objects (swoop_object_t) of this library's own kinds: swoop_retain and swoop_release
 * count their references, and every function checks that they are alive and of the right kind.
 * Otherwise, in this header, errors, strings and structs are as swoop.h says.
 *
 * THREADS. Environments, sinks and sources: any thread, at the same time. A builder: one thread at
 * a time. Functions of the embedder's are called on the threads of the guest, within its calls.
 *
 * TIME. What a function waits for, such as time, input, or room in a pipe, ends when its call's
 * stop token or timeout says so.
 */
#ifndef SWOOP_WASI_H
#define SWOOP_WASI_H

#include <swoop/swoop.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Collects what a guest is granted. */
typedef struct swoop_wasi_builder swoop_wasi_builder_t;
/** The world of one program. */
typedef struct swoop_wasi_env swoop_wasi_env_t;
/** Keeps what guests write. */
typedef struct swoop_wasi_sink swoop_wasi_sink_t;
/** Has what guests read. */
typedef struct swoop_wasi_source swoop_wasi_source_t;

/* ------------------------------------------------------------------------------------------------
 * Versions
 */

/** Versions of WASI, the newest last. */
typedef uint32_t swoop_wasi_version_t;
enum {
  SWOOP_WASI_NONE = 0,
  SWOOP_WASI_UNSTABLE, /* preview 0, "wasi_unstable" */
  SWOOP_WASI_PREVIEW1  /* "wasi_snapshot_preview1" */
};

/** The newest version that the module imports functions of. */
SWOOP_API swoop_wasi_version_t swoop_wasi_detect(const swoop_module_t* module);

/* ------------------------------------------------------------------------------------------------
 * Streams that end in the embedder
 */

/** Keeps what is written to it, until that is taken. Once it is full, guests are told that there is
 *  no space left. Null when the system has no memory. */
SWOOP_API swoop_wasi_sink_t* swoop_wasi_sink_new(uint64_t limit_bytes);
/** What was written since the last time. Errors: misuse, out_of_memory. */
SWOOP_API swoop_error_t* swoop_wasi_sink_take(swoop_wasi_sink_t* sink, swoop_bytes_t* bytes);
/** The same without taking it. */
SWOOP_API swoop_error_t* swoop_wasi_sink_peek(const swoop_wasi_sink_t* sink, swoop_bytes_t* bytes);

/** What guests read, as far as the embedder has supplied it; a read of more waits for more. Null
 *  when the system has no memory. */
SWOOP_API swoop_wasi_source_t* swoop_wasi_source_new(void);
/** Forgotten once the source is closed. Errors: misuse. */
SWOOP_API swoop_error_t* swoop_wasi_source_write(swoop_wasi_source_t* source, const uint8_t* bytes,
                                                 size_t size);
/** When all is read, the guest is at the end of the file. Errors: misuse. */
SWOOP_API swoop_error_t* swoop_wasi_source_close(swoop_wasi_source_t* source);

/* ------------------------------------------------------------------------------------------------
 * What a guest is granted
 */

/** Null when the system has no memory. What is wrong with a setting, swoop_wasi_build tells. */
SWOOP_API swoop_wasi_builder_t* swoop_wasi_builder_new(void);

/** The program's name as the guest sees it: its first argument. */
SWOOP_API void swoop_wasi_builder_program(swoop_wasi_builder_t* builder, const char* name,
                                          size_t length);
/** Appends to the arguments after the name. */
SWOOP_API void swoop_wasi_builder_arg(swoop_wasi_builder_t* builder, const char* arg,
                                      size_t length);
/** Setting a variable again replaces its value. */
SWOOP_API void swoop_wasi_builder_env(swoop_wasi_builder_t* builder, const char* key,
                                      size_t key_length, const char* value, size_t value_length);
/** All variables of this process, as they are now. */
SWOOP_API void swoop_wasi_builder_inherit_env(swoop_wasi_builder_t* builder);

/** What a guest may do beneath a directory: SWOOP_WASI_READ_ONLY or SWOOP_WASI_READ_WRITE. */
typedef uint32_t swoop_wasi_access_t;
enum { SWOOP_WASI_READ_ONLY = 0, SWOOP_WASI_READ_WRITE };

/** Grants a directory of the host with all that is beneath it, but nothing that links or ".." lead
 *  to outside of it. It is opened when the environment is built. Directories are numbered from 3,
 * in the order of these calls. */
SWOOP_API void swoop_wasi_builder_directory(swoop_wasi_builder_t* builder, const char* guest_path,
                                            size_t length, const char* c_host_path,
                                            swoop_wasi_access_t access);

/** A file that exists in memory only. */
typedef struct swoop_wasi_file {
  const char* path;     /* in its directory, as in "templates/page.html" */
  size_t path_length;   /* in bytes */
  const uint8_t* bytes; /* its contents */
  size_t size;          /* in bytes */
} swoop_wasi_file_t;
/** Gives the guest a directory of such files, which it can only read. They are copied. */
SWOOP_API void swoop_wasi_builder_mount(swoop_wasi_builder_t* builder, const char* guest_path,
                                        size_t length, const swoop_wasi_file_t* files,
                                        size_t num_files);
/** One directory "/", which nothing can be written to, has the number 3 and all others as its
 *  entries, by their guest paths: a guest that lists "/" sees what it was granted. */
SWOOP_API void swoop_wasi_builder_virtual_root(swoop_wasi_builder_t* builder);

/** The streams that a program begins with. */
typedef uint32_t swoop_wasi_stream_t;
enum { SWOOP_WASI_STDIN = 0, SWOOP_WASI_STDOUT, SWOOP_WASI_STDERR };

/** Lends a stream of this process. Its flags, which other processes share, are not changed. */
SWOOP_API void swoop_wasi_builder_inherit(swoop_wasi_builder_t* builder,
                                          swoop_wasi_stream_t stream);
/** The input: these bytes, which are copied. */
SWOOP_API void swoop_wasi_builder_stdin_bytes(swoop_wasi_builder_t* builder, const uint8_t* bytes,
                                              size_t size);
/** The input: a file of the host, opened when the environment is built. */
SWOOP_API void swoop_wasi_builder_stdin_file(swoop_wasi_builder_t* builder, const char* c_path);
/** The input: what the source has. */
SWOOP_API void swoop_wasi_builder_stdin_from(swoop_wasi_builder_t* builder,
                                             swoop_wasi_source_t* source);
/** An output into a sink of its own, of the size that the limits say: swoop_wasi_env_captured. */
SWOOP_API void swoop_wasi_builder_capture(swoop_wasi_builder_t* builder,
                                          swoop_wasi_stream_t stream);
/** An output into a sink that others may share. */
SWOOP_API void swoop_wasi_builder_output_to_sink(swoop_wasi_builder_t* builder,
                                                 swoop_wasi_stream_t stream,
                                                 swoop_wasi_sink_t* sink);

/* Functions of the embedder's may fail: the error they return passes to the library and ends the
 * guest's call, as that of a host function does. `drop`, if not null, is called with `environment`
 * when the builder and all its environments are gone, or have others instead. They may call the
 * guest that they are called for, but not make its memory grow: the bytes they are given are in
 * it. If it has moved meanwhile, as it may without reservations of address space, they failed. */

/** Gets the bytes that a guest writes, before its write returns. */
typedef swoop_error_t* (*swoop_wasi_write_t)(void* environment, const uint8_t* bytes, size_t size);
/** An output to a function. */
SWOOP_API void swoop_wasi_builder_output_to(swoop_wasi_builder_t* builder,
                                            swoop_wasi_stream_t stream, swoop_wasi_write_t write,
                                            void* environment, void (*drop)(void*));

/** The clocks of WASI, by their numbers. */
typedef uint32_t swoop_wasi_clock_t;
enum {
  SWOOP_WASI_CLOCK_REALTIME = 0,
  SWOOP_WASI_CLOCK_MONOTONIC,
  SWOOP_WASI_CLOCK_PROCESS_CPU_TIME,
  SWOOP_WASI_CLOCK_THREAD_CPU_TIME
};
/** The time of a clock in nanoseconds. */
typedef swoop_error_t* (*swoop_wasi_now_t)(void* environment, swoop_wasi_clock_t clock,
                                           uint64_t* now_ns);
/** Called in place of every wait that time would end, which is over when it returns. */
typedef swoop_error_t* (*swoop_wasi_sleep_t)(void* environment, uint64_t duration_ns);
/** Instead of the host's clocks. Either may be null: then it is the host's time, and waits last as
 *  long on its clock. */
SWOOP_API void swoop_wasi_builder_clocks(swoop_wasi_builder_t* builder, swoop_wasi_now_t now,
                                         swoop_wasi_sleep_t sleep, void* environment,
                                         void (*drop)(void*));
/** Fills all of `bytes`. */
typedef swoop_error_t* (*swoop_wasi_random_t)(void* environment, uint8_t* bytes, size_t size);
/** Instead of the host's random bytes. */
SWOOP_API void swoop_wasi_builder_random(swoop_wasi_builder_t* builder, swoop_wasi_random_t random,
                                         void* environment, void (*drop)(void*));

/** What a guest can make the host hold at once. */
typedef struct swoop_wasi_limits {
  size_t size;                 /* of this struct */
  uint32_t open_files;         /* with streams and directories */
  uint32_t poll_subscriptions; /* of one call */
  uint64_t captured_bytes;     /* of each captured stream */
} swoop_wasi_limits_t;
/** What holds where none are set. */
static inline swoop_wasi_limits_t swoop_wasi_limits_default(void) {
  swoop_wasi_limits_t limits;
  memset(&limits, 0, sizeof limits);
  limits.size = sizeof limits;
  limits.open_files = 1024;
  limits.poll_subscriptions = 4096;
  limits.captured_bytes = (uint64_t)64 << 20;
  return limits;
}
/** Misuse, told by swoop_wasi_build, if their size is not that of this library's. */
SWOOP_API void swoop_wasi_builder_limits(swoop_wasi_builder_t* builder,
                                         const swoop_wasi_limits_t* limits);

/** Opens directories and streams. A builder can build several environments, and be changed in
 *  between. Errors: io for what cannot be opened; misuse for a NUL in a string, a variable's name
 *  that is empty or has a "=", a guest path that is empty or that the virtual root or a mount
 * cannot have, a setting that does not exist; limit_exceeded. */
SWOOP_API swoop_error_t* swoop_wasi_build(swoop_wasi_builder_t* builder, swoop_wasi_env_t** env);

/* ------------------------------------------------------------------------------------------------
 * Environments: the world of one program. What it opens and closes stays so, hence build another
 * for another run.
 */

/** A new reference to what collects the stream; null unless it is captured. */
SWOOP_API swoop_wasi_sink_t* swoop_wasi_env_captured(const swoop_wasi_env_t* env,
                                                     swoop_wasi_stream_t stream);

/** Defines all functions of a version. They keep what they need of `env`, and find guest memory by
 *  the calling instance's export "memory". Errors: misuse, also for a name that is defined. */
SWOOP_API swoop_error_t* swoop_wasi_env_add_to(const swoop_wasi_env_t* env,
                                               swoop_imports_t* imports,
                                               swoop_wasi_version_t version);

/** Runs a command: instantiates the module with WASI, of the versions it imports, and with
 *  `extra`, which goes first and may be null; then calls `_start`. The exit code is that of
 *  proc_exit, or 0. `options` may be null; a timeout, or fuel, is one for both steps.
 *  Errors: not_found for a module without `_start`; those of swoop_link, swoop_linked_instantiate
 *  and swoop_func_call but exit. */
SWOOP_API swoop_error_t* swoop_wasi_env_run(const swoop_wasi_env_t* env, swoop_store_t* store,
                                            swoop_module_t* module, const swoop_imports_t* extra,
                                            const swoop_call_options_t* options,
                                            int32_t* exit_code);

/** Begins a reactor, a module without `_start` whose exports are to be called: instantiates it in
 *  the same way and calls its `_initialize`, if it exports one. Errors: the same, and exit;
 *  type_mismatch for a command. */
SWOOP_API swoop_error_t* swoop_wasi_env_instantiate(const swoop_wasi_env_t* env,
                                                    swoop_store_t* store, swoop_module_t* module,
                                                    const swoop_imports_t* extra,
                                                    const swoop_call_options_t* options,
                                                    swoop_instance_t* instance);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif
