// libswoop-wasi: what a guest is granted, and the streams that end in the embedder.
#include "api/sized.h"
#include "api/wasi_objects.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace swoop::wasi_api {

namespace {

using Environment = std::shared_ptr<void>;

Environment owned(void* environment, void (*drop)(void*)) {
  // A null pointer has no deleter to call, so what is dropped is behind one that is never null.
  struct Owned {
    void* data;
    void (*drop)(void*);
    ~Owned() {
      if (drop != nullptr) drop(data);
    }
  };
  const std::shared_ptr<Owned> owner(new Owned{environment, drop});
  return Environment(owner, environment);
}

/// Calls a function of the embedder's, unless one has failed in this call.
template <class... A>
void call_embedder(swoop_error_t* (*function)(void*, A...), const Environment& environment,
                   A... arguments) {
  if (!GuestCall::has_failed()) GuestCall::came_back(function(environment.get(), arguments...));
}

swoop_error_kind_t kind_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::io: return SWOOP_ERROR_IO;
    case ErrorKind::limit_exceeded: return SWOOP_ERROR_LIMIT_EXCEEDED;
    case ErrorKind::out_of_memory: return SWOOP_ERROR_OUT_OF_MEMORY;
    default: return SWOOP_ERROR_MISUSE;  // a setting that is not valid
  }
}

std::string to_string(const void* bytes, size_t size) {
  return size == 0 ? std::string() : std::string(static_cast<const char*>(bytes), size);
}

/// A builder while a setting is made.
class Setting {
 public:
  explicit Setting(swoop_wasi_builder_t* builder) : object_(builder) {}
  explicit operator bool() const { return bool(object_); }
  wasi::Context::Builder* operator->() const { return &object_->builder; }
  void refuse(std::string message) const {
    if (object_ && !object_->misuse) object_->misuse = std::move(message);
  }
  /// Whether an output can be set.
  bool is_output(swoop_wasi_stream_t stream) const {
    if (!object_) return false;
    if (stream == SWOOP_WASI_STDOUT || stream == SWOOP_WASI_STDERR) return true;
    refuse("output: not an output stream");
    return false;
  }

 private:
  Borrowed<BuilderObject> object_;
};

swoop_error_t* give_bytes(const std::string& text, swoop_bytes_t* bytes) {
  auto* const data = static_cast<uint8_t*>(std::malloc(text.size() + 1));
  if (data == nullptr) return make_error(SWOOP_ERROR_OUT_OF_MEMORY, "no memory for the bytes");
  std::memcpy(data, text.data(), text.size());
  *bytes = {data, text.size()};
  return nullptr;
}

}  // namespace
}  // namespace swoop::wasi_api

using namespace swoop;
using namespace swoop::wasi_api;

// --- Streams

swoop_wasi_sink_t* swoop_wasi_sink_new(uint64_t limit_bytes) {
  return make_handle<swoop_wasi_sink_t>(
      std::make_unique<SinkObject>(SinkObject{std::make_shared<wasi::Sink>(limit_bytes)}));
}

swoop_error_t* swoop_wasi_sink_take(swoop_wasi_sink_t* sink, swoop_bytes_t* bytes) {
  const Borrowed<SinkObject> object(sink);
  return object ? give_bytes(object->sink->take(), bytes) : misuse("take: not a sink");
}

swoop_error_t* swoop_wasi_sink_peek(const swoop_wasi_sink_t* sink, swoop_bytes_t* bytes) {
  const Borrowed<SinkObject> object(sink);
  return object ? give_bytes(object->sink->text(), bytes) : misuse("peek: not a sink");
}

swoop_wasi_source_t* swoop_wasi_source_new() {
  return make_handle<swoop_wasi_source_t>(
      std::make_unique<SourceObject>(SourceObject{std::make_shared<wasi::Source>()}));
}

swoop_error_t* swoop_wasi_source_write(swoop_wasi_source_t* source, const uint8_t* bytes,
                                       size_t size) {
  const Borrowed<SourceObject> object(source);
  if (!object) return misuse("write: not a source");
  if (size != 0) object->source->write({reinterpret_cast<const char*>(bytes), size});
  return nullptr;
}

swoop_error_t* swoop_wasi_source_close(swoop_wasi_source_t* source) {
  const Borrowed<SourceObject> object(source);
  if (!object) return misuse("close: not a source");
  object->source->close();
  return nullptr;
}

// --- Settings

swoop_wasi_builder_t* swoop_wasi_builder_new() {
  return make_handle<swoop_wasi_builder_t>(std::make_unique<BuilderObject>());
}

void swoop_wasi_builder_program(swoop_wasi_builder_t* builder, const char* name, size_t length) {
  if (const Setting setting(builder); setting) setting->argv0(to_string(name, length));
}

void swoop_wasi_builder_arg(swoop_wasi_builder_t* builder, const char* arg, size_t length) {
  if (const Setting setting(builder); setting) setting->argument(to_string(arg, length));
}

void swoop_wasi_builder_env(swoop_wasi_builder_t* builder, const char* key, size_t key_length,
                            const char* value, size_t value_length) {
  if (const Setting setting(builder); setting)
    setting->environment_variable(to_string(key, key_length), to_string(value, value_length));
}

void swoop_wasi_builder_inherit_env(swoop_wasi_builder_t* builder) {
  const Setting setting(builder);
  if (!setting) return;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    // Anything can be in there, even what is no variable.
    if (equals == 0 || equals == std::string_view::npos) continue;
    setting->environment_variable(std::string(text.substr(0, equals)),
                                  std::string(text.substr(equals + 1)));
  }
}

void swoop_wasi_builder_directory(swoop_wasi_builder_t* builder, const char* guest_path,
                                  size_t length, const char* c_host_path,
                                  swoop_wasi_access_t access) {
  const Setting setting(builder);
  if (!setting) return;
  if (c_host_path == nullptr) return setting.refuse("directory: no path of the host");
  if (access != SWOOP_WASI_READ_ONLY && access != SWOOP_WASI_READ_WRITE)
    return setting.refuse("directory: there is no such access");
  setting->directory(c_host_path, to_string(guest_path, length),
                     access == SWOOP_WASI_READ_ONLY ? wasi::DirectoryAccess::read_only
                                                    : wasi::DirectoryAccess::read_write);
}

void swoop_wasi_builder_mount(swoop_wasi_builder_t* builder, const char* guest_path, size_t length,
                              const swoop_wasi_file_t* files, size_t num_files) {
  const Setting setting(builder);
  if (!setting) return;
  wasi::MemoryFiles contents;
  for (size_t i = 0; i < num_files; ++i) {
    const auto [place, is_new] = contents.try_emplace(
        to_string(files[i].path, files[i].path_length), to_string(files[i].bytes, files[i].size));
    if (!is_new) return setting.refuse("mount: two files have the path '" + place->first + "'");
  }
  setting->mount(to_string(guest_path, length), std::move(contents));
}

void swoop_wasi_builder_virtual_root(swoop_wasi_builder_t* builder) {
  if (const Setting setting(builder); setting) setting->virtual_root();
}

void swoop_wasi_builder_inherit(swoop_wasi_builder_t* builder, swoop_wasi_stream_t stream) {
  const Setting setting(builder);
  if (!setting) return;
  switch (stream) {
    case SWOOP_WASI_STDIN: setting->inherit_stdin(); return;
    case SWOOP_WASI_STDOUT: setting->inherit_stdout(); return;
    case SWOOP_WASI_STDERR: setting->inherit_stderr(); return;
  }
  setting.refuse("inherit: there is no such stream");
}

void swoop_wasi_builder_stdin_bytes(swoop_wasi_builder_t* builder, const uint8_t* bytes,
                                    size_t size) {
  if (const Setting setting(builder); setting) setting->stdin_bytes(to_string(bytes, size));
}

void swoop_wasi_builder_stdin_file(swoop_wasi_builder_t* builder, const char* c_path) {
  const Setting setting(builder);
  if (!setting) return;
  if (c_path == nullptr) return setting.refuse("input file: no path");
  setting->stdin_file(c_path);
}

void swoop_wasi_builder_stdin_from(swoop_wasi_builder_t* builder, swoop_wasi_source_t* source) {
  const Setting setting(builder);
  if (!setting) return;
  const Borrowed<SourceObject> object(source);
  if (!object) return setting.refuse("input: not a source");
  setting->stdin_from(object->source);
}

void swoop_wasi_builder_capture(swoop_wasi_builder_t* builder, swoop_wasi_stream_t stream) {
  const Setting setting(builder);
  if (!setting.is_output(stream)) return;
  stream == SWOOP_WASI_STDOUT ? setting->capture_stdout() : setting->capture_stderr();
}

void swoop_wasi_builder_output_to_sink(swoop_wasi_builder_t* builder, swoop_wasi_stream_t stream,
                                       swoop_wasi_sink_t* sink) {
  const Setting setting(builder);
  if (!setting.is_output(stream)) return;
  const Borrowed<SinkObject> object(sink);
  if (!object) return setting.refuse("output: not a sink");
  stream == SWOOP_WASI_STDOUT ? setting->stdout_to(object->sink) : setting->stderr_to(object->sink);
}

void swoop_wasi_builder_output_to(swoop_wasi_builder_t* builder, swoop_wasi_stream_t stream,
                                  swoop_wasi_write_t write, void* environment,
                                  void (*drop)(void*)) {
  // From here on `drop` is called, whatever happens.
  const Environment kept = owned(environment, drop);
  const Setting setting(builder);
  if (!setting.is_output(stream)) return;
  if (write == nullptr) return setting.refuse("output: no function to write to");
  wasi::OutputCallback callback = [write, kept](wasi::ConstBytes bytes) {
    call_embedder(write, kept, bytes.data(), bytes.size());
  };
  stream == SWOOP_WASI_STDOUT ? setting->stdout_to(std::move(callback))
                              : setting->stderr_to(std::move(callback));
}

void swoop_wasi_builder_clocks(swoop_wasi_builder_t* builder, swoop_wasi_now_t now,
                               swoop_wasi_sleep_t sleep, void* environment, void (*drop)(void*)) {
  const Environment kept = owned(environment, drop);
  const Setting setting(builder);
  if (!setting) return;
  wasi::Clocks::Now tell;
  if (now != nullptr) {
    tell = [now, kept](platform::Clock clock) {
      uint64_t time_ns = UINT64_MAX;  // every wait is over, once this has failed
      call_embedder(now, kept, static_cast<swoop_wasi_clock_t>(clock), &time_ns);
      return GuestCall::has_failed() ? UINT64_MAX : time_ns;
    };
  }
  wasi::Clocks::Sleep pass;
  if (sleep != nullptr)
    pass = [sleep, kept](uint64_t duration_ns) { call_embedder(sleep, kept, duration_ns); };
  setting->clocks(wasi::Clocks(std::move(tell), std::move(pass)));
}

void swoop_wasi_builder_random(swoop_wasi_builder_t* builder, swoop_wasi_random_t random,
                               void* environment, void (*drop)(void*)) {
  const Environment kept = owned(environment, drop);
  const Setting setting(builder);
  if (!setting) return;
  wasi::RandomSource fill;
  if (random != nullptr) {
    fill = [random, kept](std::span<uint8_t> out) {
      call_embedder(random, kept, out.data(), out.size());
    };
  }
  setting->random(std::move(fill));
}

void swoop_wasi_builder_limits(swoop_wasi_builder_t* builder, const swoop_wasi_limits_t* limits) {
  const Setting setting(builder);
  if (!setting) return;
  swoop_wasi_limits_t chosen = swoop_wasi_limits_default();
  if (limits == nullptr || !swoop::api::read_sized(*limits, chosen))
    return setting.refuse("limits: not of a size that this library knows");
  setting->limits({chosen.open_files, chosen.poll_subscriptions, chosen.captured_bytes});
}

swoop_error_t* swoop_wasi_build(swoop_wasi_builder_t* builder, swoop_wasi_env_t** env) {
  const Borrowed<BuilderObject> object(builder);
  if (!object) return misuse("build: not a builder of WASI environments");
  if (object->misuse) return misuse(*object->misuse);
  Result<std::unique_ptr<wasi::Context>> context = object->builder.build();
  if (!context) return make_error(kind_of(context.error().kind), context.error().message);
  auto* const made = make_handle<swoop_wasi_env_t>(
      std::make_unique<EnvObject>(EnvObject{std::move(context).value()}));
  if (made == nullptr) return out_of_memory();
  *env = made;
  return nullptr;
}
