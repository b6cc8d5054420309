// What one guest may see of the host: arguments, environment, streams, directories. Nothing is
// granted that the embedder has not named.
#pragma once

#include "base/result.h"
#include "platform/filesystem.h"
#include "wasi/clocks.h"
#include "wasi/fd_table.h"
#include "wasi/host_directory.h"
#include "wasi/streams.h"
#include "wasi/virtual_tree.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace swoop::wasi {

/// Bounds on what a guest can make the host hold at once.
struct Limits {
  uint32_t open_files = 1024;
  uint32_t poll_subscriptions = 4096;
  size_t captured_bytes = size_t{64} << 20;  // of each captured stream
};

/// Fills all of `out` with random bytes.
using RandomSource = std::function<void(std::span<uint8_t> out)>;

/// Shared by the threads of one guest and by both previews, when a module imports both. Immutable
/// but for `fds()`.
class Context {
 public:
  class Builder;

  const std::vector<std::string>& arguments() const { return arguments_; }
  /// "KEY=VALUE".
  const std::vector<std::string>& environment() const { return environment_; }
  FdTable& fds() { return fds_; }
  const Limits& limits() const { return limits_; }

  const Clocks& clocks() const { return clocks_; }
  ErrnoOr<> fill_random(std::span<uint8_t> out) const;

  /// What collects the stream if it is captured, or null.
  const std::shared_ptr<Sink>& captured_stdout() const { return captured_stdout_; }
  const std::shared_ptr<Sink>& captured_stderr() const { return captured_stderr_; }

 private:
  explicit Context(const Limits& limits) : limits_(limits), fds_(limits.open_files) {}

  const Limits limits_;
  std::vector<std::string> arguments_;
  std::vector<std::string> environment_;
  FdTable fds_;
  Clocks clocks_;
  RandomSource random_;  // empty: the host's
  std::shared_ptr<Sink> captured_stdout_;
  std::shared_ptr<Sink> captured_stderr_;
};

/// Collects settings; `build` checks them, and can do so again. Strings are bytes: no encoding is
/// assumed of the host's. By default there are no arguments, no environment, no directories, an
/// empty input, outputs that lead nowhere, and the host's clocks and random bytes. What the
/// embedder supplies as functions is called on the threads of the guest.
class Context::Builder {
 public:
  /// The program's name as the guest sees it: its first argument.
  Builder& argv0(std::string name);
  /// Appends to the arguments after the name.
  Builder& argument(std::string argument);
  /// Setting a key again replaces its value.
  Builder& environment_variable(std::string key, std::string value);

  /// Grants `host_path`, which the guest finds as `guest_path`. Directories are numbered from 3 in
  /// the order of calls.
  Builder& directory(std::string host_path, std::string guest_path,
                     DirectoryAccess access = DirectoryAccess::read_write);
  /// Gives the guest a read-only directory of files that exist in memory only.
  Builder& mount(std::string guest_path, MemoryFiles files);
  /// One directory "/", which nothing can be written to, has the number 3 and all the others as its
  /// entries, by their guest paths; they have no numbers of their own then. Names cannot be moved
  /// from one to the other. A guest that lists "/" sees what it was granted.
  Builder& virtual_root();

  /// The host's own streams. Their flags, which other processes share, are never changed.
  Builder& inherit_stdin();
  Builder& inherit_stdout();
  Builder& inherit_stderr();
  Builder& stdin_bytes(std::string bytes);
  /// Reads wait until `source` has data or is closed.
  Builder& stdin_from(std::shared_ptr<Source> source);
  /// Opens a file of the host as the input.
  Builder& stdin_file(std::string host_path);
  /// Into a sink of its own, of the size that the limits say.
  Builder& capture_stdout();
  Builder& capture_stderr();
  Builder& stdout_to(std::shared_ptr<Sink> sink);
  Builder& stderr_to(std::shared_ptr<Sink> sink);
  Builder& stdout_to(OutputCallback callback);
  Builder& stderr_to(OutputCallback callback);

  /// Instead of the host's.
  Builder& clocks(Clocks clocks);
  Builder& random(RandomSource random);

  Builder& limits(const Limits& limits);
  Builder& resolver(platform::Resolver resolver);

  /// Opens the directories and streams. Errors: io for what cannot be opened, invalid for a NUL in
  /// an argument, a variable or a path, an empty key or one with "=", a guest path that is empty or
  /// that the virtual root cannot have (VirtualTree), a file of a mount that has such a path;
  /// limit_exceeded for more than 4 GiB of strings and for more directories than `open_files`.
  Result<std::unique_ptr<Context>> build() const;

 private:
  struct Preopen {
    std::string guest_path;
    std::string host_path;
    DirectoryAccess access = DirectoryAccess::read_only;
    std::shared_ptr<const MemoryFiles> files;  // instead of the host's
  };
  struct Variable {
    std::string key;
    std::string value;
  };
  struct Input {
    enum Kind : uint8_t { none, inherit, bytes, file, source } kind = none;
    std::string text;  // the bytes, or the file's path
    std::shared_ptr<Source> supplied;
  };
  struct Output {
    enum Kind : uint8_t { none, inherit, capture, sink, callback } kind = none;
    std::shared_ptr<Sink> collecting;
    OutputCallback called;
  };

  Result<> build_strings(Context& context) const;
  Result<> build_streams(Context& context) const;
  Result<> build_directories(Context& context) const;
  Result<> build_virtual_root(Context& context) const;
  Result<std::shared_ptr<Descriptor>> open_input() const;
  std::shared_ptr<Descriptor> open_output(const Output& output, int inherited_raw,
                                          std::shared_ptr<Sink>& captured) const;
  Result<std::shared_ptr<Directory>> open_directory(const Preopen& preopen, uint32_t mount) const;

  bool has_argv0_ = false;
  std::string argv0_;
  std::vector<std::string> arguments_;
  std::vector<Variable> variables_;
  std::vector<Preopen> preopens_;
  bool has_virtual_root_ = false;
  Input stdin_;
  Output stdout_;
  Output stderr_;
  Clocks clocks_;
  RandomSource random_;
  Limits limits_;
  platform::Resolver resolver_ = platform::default_resolver();
};

}  // namespace swoop::wasi
