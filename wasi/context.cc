#include "wasi/context.h"

#include "wasi/file.h"

#include <algorithm>
#include <system_error>

namespace swoop::wasi {
namespace {

Error io_error(const std::string& what, const std::string& name, platform::OsError error) {
  return Error(ErrorKind::io, "cannot open " + what + " '" + name +
                                  "': " + std::generic_category().message(static_cast<int>(error)));
}

bool has_nul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

// The guest learns the total size with all terminators as 32 bits.
bool fits_guest(const std::vector<std::string>& strings) {
  uint64_t total = 0;
  for (const std::string& text : strings) total += text.size() + 1;
  return total <= UINT32_MAX && strings.size() <= UINT32_MAX / sizeof(uint32_t);
}

}  // namespace

Context::Builder& Context::Builder::argv0(std::string name) {
  has_argv0_ = true;
  argv0_ = std::move(name);
  return *this;
}

Context::Builder& Context::Builder::argument(std::string argument) {
  arguments_.push_back(std::move(argument));
  return *this;
}

Context::Builder& Context::Builder::environment_variable(std::string key, std::string value) {
  const auto known = std::ranges::find(variables_, key, &Variable::key);
  if (known != variables_.end()) {
    known->value = std::move(value);
  } else {
    variables_.push_back({std::move(key), std::move(value)});
  }
  return *this;
}

Context::Builder& Context::Builder::directory(std::string host_path, std::string guest_path,
                                              DirectoryAccess access) {
  preopens_.push_back({std::move(host_path), std::move(guest_path), access});
  return *this;
}

Context::Builder& Context::Builder::inherit_stdin() {
  stdin_ = {Stream::inherit, {}};
  return *this;
}

Context::Builder& Context::Builder::inherit_stdout() {
  stdout_ = {Stream::inherit, {}};
  return *this;
}

Context::Builder& Context::Builder::inherit_stderr() {
  stderr_ = {Stream::inherit, {}};
  return *this;
}

Context::Builder& Context::Builder::stdin_bytes(std::string bytes) {
  stdin_ = {Stream::bytes, std::move(bytes)};
  return *this;
}

Context::Builder& Context::Builder::stdin_file(std::string host_path) {
  stdin_ = {Stream::file, std::move(host_path)};
  return *this;
}

Context::Builder& Context::Builder::capture_stdout() {
  stdout_ = {Stream::capture, {}};
  return *this;
}

Context::Builder& Context::Builder::capture_stderr() {
  stderr_ = {Stream::capture, {}};
  return *this;
}

Context::Builder& Context::Builder::limits(const Limits& limits) {
  limits_ = limits;
  return *this;
}

Context::Builder& Context::Builder::resolver(platform::Resolver resolver) {
  resolver_ = resolver;
  return *this;
}

Result<> Context::Builder::build_strings(Context& context) const {
  if (has_argv0_) context.arguments_.push_back(argv0_);
  context.arguments_.insert(context.arguments_.end(), arguments_.begin(), arguments_.end());
  if (std::ranges::any_of(context.arguments_, has_nul)) {
    return Error(ErrorKind::invalid, "a program argument contains a NUL byte");
  }
  for (const Variable& variable : variables_) {
    if (variable.key.empty() || variable.key.find('=') != std::string::npos) {
      return Error(ErrorKind::invalid,
                   "'" + variable.key + "' is not a name for an environment variable");
    }
    if (has_nul(variable.key) || has_nul(variable.value)) {
      return Error(ErrorKind::invalid, "an environment variable contains a NUL byte");
    }
    context.environment_.push_back(variable.key + "=" + variable.value);
  }
  if (!fits_guest(context.arguments_) || !fits_guest(context.environment_)) {
    return Error(ErrorKind::limit_exceeded, "arguments or environment of more than 4 GiB");
  }
  return {};
}

Result<std::shared_ptr<Descriptor>> Context::Builder::open_stream(
    const Stream& stream, int inherited_raw, std::shared_ptr<OutputBuffer>* captured) const {
  const bool is_input = inherited_raw == 0;
  switch (stream.kind) {
    case Stream::none: break;
    case Stream::bytes:
      return std::shared_ptr<Descriptor>(std::make_shared<InputBuffer>(stream.text));
    case Stream::inherit: {
      auto fd = platform::Fd::duplicate(inherited_raw);
      // The host may run with the stream closed; the guest then has the default.
      if (!fd.ok()) break;
      auto file = File::shared_with_host(std::move(*fd));
      if (!file.ok()) break;
      return std::shared_ptr<Descriptor>(std::move(*file));
    }
    case Stream::file: {
      if (has_nul(stream.text)) return Error(ErrorKind::invalid, "a path contains a NUL byte");
      auto fd = platform::open_trusted_file(stream.text);
      if (!fd.ok()) return io_error("input file", stream.text, fd.error());
      auto file = File::opened(std::move(*fd), {.readable = true, .may_change_times = false});
      if (!file.ok()) return Error(ErrorKind::io, "cannot use input file '" + stream.text + "'");
      return std::shared_ptr<Descriptor>(std::move(*file));
    }
    case Stream::capture: {
      auto buffer = std::make_shared<OutputBuffer>(limits_.captured_bytes);
      *captured = buffer;
      return std::shared_ptr<Descriptor>(std::move(buffer));
    }
  }
  if (is_input) return std::shared_ptr<Descriptor>(std::make_shared<InputBuffer>(std::string()));
  return std::shared_ptr<Descriptor>(std::make_shared<NullOutput>());
}

Result<std::unique_ptr<Context>> Context::Builder::build() const {
  std::unique_ptr<Context> context(new Context(limits_));
  TRY(build_strings(*context));

  std::vector<std::shared_ptr<Descriptor>> streams;
  streams.push_back(TRY(open_stream(stdin_, 0, nullptr)));
  streams.push_back(TRY(open_stream(stdout_, 1, &context->captured_stdout_)));
  streams.push_back(TRY(open_stream(stderr_, 2, &context->captured_stderr_)));
  if (streams.size() + preopens_.size() > limits_.open_files) {
    return Error(ErrorKind::limit_exceeded, "more directories than the limit of open files");
  }
  for (std::shared_ptr<Descriptor>& stream : streams) {
    CHECK(context->fds_.insert(std::move(stream)).ok());
  }

  for (const Preopen& preopen : preopens_) {
    if (has_nul(preopen.host_path) || has_nul(preopen.guest_path)) {
      return Error(ErrorKind::invalid, "a path contains a NUL byte");
    }
    if (preopen.guest_path.empty()) {
      return Error(ErrorKind::invalid, "directory '" + preopen.host_path + "' has no guest path");
    }
    auto root = platform::open_root(preopen.host_path);
    if (!root.ok()) return io_error("directory", preopen.host_path, root.error());
    auto directory = std::make_shared<Directory>(std::move(*root), preopen.access, resolver_);
    CHECK(context->fds_.insert(std::move(directory), preopen.guest_path).ok());
  }
  return context;
}

}  // namespace swoop::wasi
