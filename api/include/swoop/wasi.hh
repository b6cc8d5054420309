// WASI for embedders: what a guest is granted, and programs that run with it. Link libswoop-wasi
// besides libswoop. The rules of wasi.h hold here too.
//
//   auto env = swoop::wasi::Builder("wc").arg("-l").stdin_text("a\nb\n").capture_stdout().build();
//   int code = env.value().run(store, module).value();
//   std::string output = env.value().out().text();
#pragma once

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <swoop/instance.hh>
#include <swoop/wasi.h>

namespace swoop {
inline namespace SWOOP_NAMESPACE {
namespace wasi {

/// Versions of WASI, the newest last.
enum class Version : int {
  none = SWOOP_WASI_NONE,
  unstable = SWOOP_WASI_UNSTABLE,  // preview 0
  preview1 = SWOOP_WASI_PREVIEW1,
};

/// The newest version that the module imports functions of.
inline Version detect(const Module& module) {
  return static_cast<Version>(swoop_wasi_detect(module.raw()));
}

/// Keeps what guests write to it, until that is taken. Once it is full, guests are told that there
/// is no space left. Copies are the same sink; any thread may use it.
class Sink {
  template <class Use>
  static auto use_bytes(swoop_error_t* error, swoop_bytes_t& raw, Use use) {
    const std::unique_ptr<swoop_bytes_t, void (*)(swoop_bytes_t*)> owned(&raw, swoop_bytes_delete);
    return detail::result_of(error) ? use(raw) : decltype(use(raw))();
  }

 public:
  /// Which is full with so many bytes.
  explicit Sink(std::uint64_t limit_bytes = std::uint64_t{64} << 20)
      : handle_(swoop_wasi_sink_new(limit_bytes)) {}
  /// Takes a handle of the C interface over.
  explicit Sink(swoop_wasi_sink_t* raw) noexcept : handle_(raw) {}

  /// What was written since the last time.
  Bytes take() const {
    swoop_bytes_t raw = {};
    return use_bytes(swoop_wasi_sink_take(handle_.get(), &raw), raw, [](const swoop_bytes_t& got) {
      const auto* const first = reinterpret_cast<const std::byte*>(got.data);
      return Bytes(first, first + got.size);
    });
  }
  /// The same without taking it. Empty for an output that is not captured.
  std::string text() const {
    swoop_bytes_t raw = {};
    return use_bytes(swoop_wasi_sink_peek(handle_.get(), &raw), raw, [](const swoop_bytes_t& got) {
      return std::string(reinterpret_cast<const char*>(got.data), got.size);
    });
  }
  swoop_wasi_sink_t* raw() const noexcept { return handle_.get(); }

 private:
  detail::Handle<swoop_wasi_sink_t> handle_;
};

/// What guests read, as far as the embedder has supplied it; a read of more waits for more. Copies
/// are the same source; any thread may use it.
class Source {
 public:
  Source() : handle_(swoop_wasi_source_new()) {}

  /// Forgotten once the source is closed.
  void write(BytesView bytes) const { put(bytes.data(), bytes.size()); }
  /// The same.
  void write(std::string_view text) const { put(text.data(), text.size()); }
  /// When all is read, the guest is at the end of the file.
  void close() const { (void)detail::result_of(swoop_wasi_source_close(raw())); }
  swoop_wasi_source_t* raw() const noexcept { return handle_.get(); }

 private:
  void put(const void* bytes, std::size_t size) const {
    (void)detail::result_of(
        swoop_wasi_source_write(raw(), static_cast<const std::uint8_t*>(bytes), size));
  }
  detail::Handle<swoop_wasi_source_t> handle_;
};

/// The world of one program. What it opens and closes stays so: build another for another run.
/// Copies are the same environment; any thread may use it.
class Env {
 public:
  /// Takes a handle of the C interface over.
  explicit Env(swoop_wasi_env_t* raw) noexcept : handle_(raw) {}

  /// What collects the outputs, if they are captured.
  Sink out() const { return Sink(swoop_wasi_env_captured(raw(), SWOOP_WASI_STDOUT)); }
  /// The same of the other output.
  Sink err() const { return Sink(swoop_wasi_env_captured(raw(), SWOOP_WASI_STDERR)); }

  /// Defines all functions of a version; they keep what they need of this. Errors: misuse for a
  /// name that is defined.
  Result<> add_to(Imports& imports, Version version = Version::preview1) const {
    return detail::result_of(
        swoop_wasi_env_add_to(raw(), imports.raw(), static_cast<swoop_wasi_version_t>(version)));
  }

  /// Runs a command: instantiates the module with WASI, of the versions it imports, and with
  /// `extra`, which goes first; then calls `_start`. The exit code is that of proc_exit, or 0. A
  /// timeout, or fuel, is one for both steps. Errors: not_found for a module without `_start`;
  /// unlinkable, trap, exception and what else Instance::make and calls tell.
  Result<int> run(const Store& store, const Module& module, const Imports& extra = {},
                  const CallOptions& options = {}) const {
    if (const Result<> status = extra.status(); !status) return status.error();
    const swoop_call_options_t raw_options = detail::raw_options(options);
    std::int32_t code = 0;
    if (swoop_error_t* const error =
            swoop_wasi_env_run(raw(), store.raw(), module.raw(), extra.raw(), &raw_options, &code))
      return Error(error);
    return code;
  }
  /// The same without other imports.
  Result<int> run(const Store& store, const Module& module, const CallOptions& options) const {
    return run(store, module, {}, options);
  }

  /// Begins a reactor, a module without `_start` whose exports are to be called: instantiates it in
  /// the same way and calls its `_initialize`, if it exports one. Errors: the same, and exit;
  /// type_mismatch for a command.
  Result<Instance> instantiate(const Store& store, const Module& module, const Imports& extra = {},
                               const CallOptions& options = {}) const {
    if (const Result<> status = extra.status(); !status) return status.error();
    const swoop_call_options_t raw_options = detail::raw_options(options);
    swoop_instance_t instance;
    if (swoop_error_t* const error = swoop_wasi_env_instantiate(
            raw(), store.raw(), module.raw(), extra.raw(), &raw_options, &instance))
      return Error(error);
    return Instance(instance);
  }
  swoop_wasi_env_t* raw() const noexcept { return handle_.get(); }

 private:
  detail::Handle<swoop_wasi_env_t> handle_;
};

/// What a guest may do beneath a directory.
enum class Access : int {
  read_only = SWOOP_WASI_READ_ONLY,
  read_write = SWOOP_WASI_READ_WRITE,
};

/// The clocks of WASI.
enum class Clock : int {
  realtime = SWOOP_WASI_CLOCK_REALTIME,
  monotonic = SWOOP_WASI_CLOCK_MONOTONIC,
  process_cpu_time = SWOOP_WASI_CLOCK_PROCESS_CPU_TIME,
  thread_cpu_time = SWOOP_WASI_CLOCK_THREAD_CPU_TIME,
};

/// What a guest can make the host hold at once.
struct Limits {
  std::uint32_t open_files = 1024;                         // with streams and directories
  std::uint32_t poll_subscriptions = 4096;                 // of one call
  std::uint64_t captured_bytes = std::uint64_t{64} << 20;  // of each captured stream
};

/// Collects what a guest is granted, and nothing else is: by default there are no arguments, no
/// environment, no directories, an empty input, and outputs that lead nowhere. Functions given to
/// it are called on the threads of the guest, within its calls; what they throw comes out of those.
/// They may call that guest, but not make its memory grow: if it has moved meanwhile, they failed.
/// One thread at a time.
class Builder {
 public:
  Builder() : handle_(swoop_wasi_builder_new()) {}
  /// With the program's name as the guest sees it: its first argument.
  explicit Builder(std::string_view program) : Builder() {
    swoop_wasi_builder_program(raw(), program.data(), program.size());
  }
  Builder(Builder&&) noexcept = default;
  Builder& operator=(Builder&&) noexcept = default;

  /// Appends to the arguments after the name.
  Builder& arg(std::string_view arg) {
    swoop_wasi_builder_arg(raw(), arg.data(), arg.size());
    return *this;
  }
  /// Appends several.
  Builder& args(std::initializer_list<std::string_view> args) {
    for (const std::string_view each : args) arg(each);
    return *this;
  }
  /// Setting a variable again replaces its value.
  Builder& env(std::string_view key, std::string_view value) {
    swoop_wasi_builder_env(raw(), key.data(), key.size(), value.data(), value.size());
    return *this;
  }
  /// All variables of this process, as they are now.
  Builder& inherit_env() {
    swoop_wasi_builder_inherit_env(raw());
    return *this;
  }

  /// Grants a directory of the host, which the guest finds as `guest`, with all that is beneath it,
  /// but nothing that links or ".." lead to outside of it.
  Builder& map_dir(std::string_view guest, const std::filesystem::path& host,
                   Access access = Access::read_write) {
    swoop_wasi_builder_directory(raw(), guest.data(), guest.size(), host.c_str(),
                                 static_cast<swoop_wasi_access_t>(access));
    return *this;
  }
  /// The same, by the name that it has on the host.
  Builder& preopen(const std::filesystem::path& host, Access access = Access::read_write) {
    return map_dir(host.native(), host, access);
  }
  /// A directory of files that exist in memory only, by their paths in it; guests can only read.
  Builder& mount(std::string_view guest, const std::map<std::string, Bytes>& files) {
    return mount_files(guest, files);
  }
  /// The same with text.
  Builder& mount_text(std::string_view guest, const std::map<std::string, std::string>& files) {
    return mount_files(guest, files);
  }
  /// One directory "/", which nothing can be written to, has all others as its entries, by their
  /// guest paths: a guest that lists "/" sees what it was granted.
  Builder& virtual_root() {
    swoop_wasi_builder_virtual_root(raw());
    return *this;
  }

  /// Lends all three streams of this process.
  Builder& inherit_stdio() { return inherit_stdin().inherit_stdout().inherit_stderr(); }
  /// Lends the input.
  Builder& inherit_stdin() { return inherit(SWOOP_WASI_STDIN); }
  /// Lends the output.
  Builder& inherit_stdout() { return inherit(SWOOP_WASI_STDOUT); }
  /// Lends the output for errors.
  Builder& inherit_stderr() { return inherit(SWOOP_WASI_STDERR); }
  /// The input: this text.
  Builder& stdin_text(std::string_view text) {
    swoop_wasi_builder_stdin_bytes(raw(), reinterpret_cast<const std::uint8_t*>(text.data()),
                                   text.size());
    return *this;
  }
  /// The input: a file of the host, opened by build().
  Builder& stdin_file(const std::filesystem::path& host) {
    swoop_wasi_builder_stdin_file(raw(), host.c_str());
    return *this;
  }
  /// The input: what the source has.
  Builder& stdin_from(const Source& source) {
    swoop_wasi_builder_stdin_from(raw(), source.raw());
    return *this;
  }
  /// Into Env::out() and Env::err().
  Builder& capture_stdout() { return capture(SWOOP_WASI_STDOUT); }
  /// The same.
  Builder& capture_stderr() { return capture(SWOOP_WASI_STDERR); }
  /// The output into a sink that others may share.
  Builder& stdout_to(const Sink& sink) { return output_to(SWOOP_WASI_STDOUT, sink); }
  /// The same.
  Builder& stderr_to(const Sink& sink) { return output_to(SWOOP_WASI_STDERR, sink); }
  /// Called with the bytes that a guest writes, before its write returns.
  Builder& stdout_to(std::function<void(BytesView)> write) {
    return output_to(SWOOP_WASI_STDOUT, std::move(write));
  }
  /// The same.
  Builder& stderr_to(std::function<void(BytesView)> write) {
    return output_to(SWOOP_WASI_STDERR, std::move(write));
  }

  /// Instead of the host's clocks: `now` tells the time in nanoseconds; `sleep` is called in place
  /// of every wait that time would end, which is over when it returns. Either may be empty: then it
  /// is the host's time, and waits last as long on its clock.
  Builder& clocks(std::function<std::uint64_t(Clock)> now,
                  std::function<void(std::chrono::nanoseconds)> sleep = nullptr) {
    struct Functions {
      std::function<std::uint64_t(Clock)> now;
      std::function<void(std::chrono::nanoseconds)> sleep;
    };
    const swoop_wasi_now_t call_now = [](void* functions, swoop_wasi_clock_t clock,
                                         std::uint64_t* now_ns) {
      return guarded(
          [&] { *now_ns = static_cast<Functions*>(functions)->now(static_cast<Clock>(clock)); });
    };
    const swoop_wasi_sleep_t call_sleep = [](void* functions, std::uint64_t duration_ns) {
      return guarded([&] {
        static_cast<Functions*>(functions)->sleep(std::chrono::nanoseconds(
            static_cast<std::int64_t>(std::min<std::uint64_t>(duration_ns, INT64_MAX))));
      });
    };
    const bool has_now = bool(now), has_sleep = bool(sleep);
    swoop_wasi_builder_clocks(raw(), has_now ? call_now : nullptr, has_sleep ? call_sleep : nullptr,
                              new Functions{std::move(now), std::move(sleep)},
                              detail::destroy<Functions>);
    return *this;
  }
  /// Instead of the host's random bytes: fills all of what it is given.
  Builder& random(std::function<void(std::span<std::byte>)> fill) {
    using Fill = std::function<void(std::span<std::byte>)>;
    const swoop_wasi_random_t call = [](void* f, std::uint8_t* bytes, std::size_t size) {
      return guarded([&] {
        (*static_cast<Fill*>(f))({reinterpret_cast<std::byte*>(bytes), size});
      });
    };
    swoop_wasi_builder_random(raw(), call, new Fill(std::move(fill)), detail::destroy<Fill>);
    return *this;
  }
  /// What the guest can make the host hold at once.
  Builder& limits(const Limits& limits) {
    swoop_wasi_limits_t raw_limits = swoop_wasi_limits_default();
    raw_limits.open_files = limits.open_files;
    raw_limits.poll_subscriptions = limits.poll_subscriptions;
    raw_limits.captured_bytes = limits.captured_bytes;
    swoop_wasi_builder_limits(raw(), &raw_limits);
    return *this;
  }

  /// Opens directories and streams, and can do so again. Errors: io for what cannot be opened;
  /// misuse for a NUL in a string, a variable's name that is empty or has a "=", a guest path that
  /// is empty or that the virtual root or a mount cannot have; limit_exceeded.
  Result<Env> build() const {
    swoop_wasi_env_t* env = nullptr;
    if (swoop_error_t* const error = swoop_wasi_build(raw(), &env)) return Error(error);
    return Env(env);
  }
  swoop_wasi_builder_t* raw() const noexcept { return handle_.get(); }

 private:
  /// What the C interface is told of a function of the embedder's.
  template <class F>
  static swoop_error_t* guarded(F&& f) {
#if defined(__cpp_exceptions)
    try {
      f();
    } catch (...) {
      return Error::of_exception(std::current_exception()).release();
    }
#else
    f();
#endif
    return nullptr;
  }
  Builder& inherit(swoop_wasi_stream_t stream) {
    swoop_wasi_builder_inherit(raw(), stream);
    return *this;
  }
  Builder& capture(swoop_wasi_stream_t stream) {
    swoop_wasi_builder_capture(raw(), stream);
    return *this;
  }
  Builder& output_to(swoop_wasi_stream_t stream, const Sink& sink) {
    swoop_wasi_builder_output_to_sink(raw(), stream, sink.raw());
    return *this;
  }
  Builder& output_to(swoop_wasi_stream_t stream, std::function<void(BytesView)> write) {
    using Write = std::function<void(BytesView)>;
    const swoop_wasi_write_t call = [](void* f, const std::uint8_t* bytes, std::size_t size) {
      return guarded([&] {
        (*static_cast<Write*>(f))({reinterpret_cast<const std::byte*>(bytes), size});
      });
    };
    swoop_wasi_builder_output_to(raw(), stream, call, new Write(std::move(write)),
                                 detail::destroy<Write>);
    return *this;
  }
  template <class Files>
  Builder& mount_files(std::string_view guest, const Files& files) {
    std::vector<swoop_wasi_file_t> raw_files;
    for (const auto& [path, bytes] : files) {
      raw_files.push_back({path.data(), path.size(),
                           reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    }
    swoop_wasi_builder_mount(raw(), guest.data(), guest.size(), raw_files.data(), raw_files.size());
    return *this;
  }

  detail::Handle<swoop_wasi_builder_t> handle_;
};

}  // namespace wasi
}  // namespace SWOOP_NAMESPACE
}  // namespace swoop
