// What one guest may see of the host: arguments, environment, streams, directories. Nothing is
// granted that the embedder has not named.
#pragma once

#include "base/result.h"
#include "platform/filesystem.h"
#include "wasi/directory.h"
#include "wasi/fd_table.h"
#include "wasi/memory_streams.h"

#include <cstddef>
#include <cstdint>
#include <memory>
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

  /// What the guest has written to a captured stream since the last call; empty if it is not
  /// captured.
  std::string take_stdout() { return captured_stdout_ ? captured_stdout_->take() : std::string(); }
  std::string take_stderr() { return captured_stderr_ ? captured_stderr_->take() : std::string(); }

 private:
  explicit Context(const Limits& limits) : limits_(limits), fds_(limits.open_files) {}

  const Limits limits_;
  std::vector<std::string> arguments_;
  std::vector<std::string> environment_;
  FdTable fds_;
  std::shared_ptr<OutputBuffer> captured_stdout_;
  std::shared_ptr<OutputBuffer> captured_stderr_;
};

/// Collects settings; `build` checks them. Strings are bytes: no encoding is assumed of the host's.
/// By default there are no arguments, no environment, no directories, an empty input, and outputs
/// that lead nowhere.
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

  /// The host's own streams. Their flags, which other processes share, are never changed.
  Builder& inherit_stdin();
  Builder& inherit_stdout();
  Builder& inherit_stderr();
  Builder& stdin_bytes(std::string bytes);
  /// Opens a file of the host as the input.
  Builder& stdin_file(std::string host_path);
  Builder& capture_stdout();
  Builder& capture_stderr();

  Builder& limits(const Limits& limits);
  Builder& resolver(platform::Resolver resolver);

  /// Opens the directories and streams. Errors: io for what cannot be opened, invalid for a NUL in
  /// an argument or a variable, an empty key or one with "=", a guest path that is empty;
  /// limit_exceeded for more than 4 GiB of strings.
  Result<std::unique_ptr<Context>> build() const;

 private:
  struct Preopen {
    std::string host_path;
    std::string guest_path;
    DirectoryAccess access;
  };
  struct Variable {
    std::string key;
    std::string value;
  };
  struct Stream {
    enum Kind : uint8_t { none, inherit, bytes, file, capture } kind = none;
    std::string text;  // the bytes, or the file's path
  };

  Result<> build_strings(Context& context) const;
  Result<std::shared_ptr<Descriptor>> open_stream(const Stream& stream, int inherited_raw,
                                                  std::shared_ptr<OutputBuffer>* captured) const;

  bool has_argv0_ = false;
  std::string argv0_;
  std::vector<std::string> arguments_;
  std::vector<Variable> variables_;
  std::vector<Preopen> preopens_;
  Stream stdin_;
  Stream stdout_;
  Stream stderr_;
  Limits limits_;
  platform::Resolver resolver_ = platform::default_resolver();
};

}  // namespace swoop::wasi
