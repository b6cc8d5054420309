#include "wasi/context.h"

#include "platform/random.h"
#include "wasi/file.h"
#include "wasi/virtual_directory.h"

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

// One of the host's own streams; null if the host runs with it closed.
std::shared_ptr<Descriptor> inherited(int raw) {
  auto fd = platform::Fd::duplicate(raw);
  if (!fd.ok()) return nullptr;
  auto file = File::shared_with_host(std::move(*fd));
  return file.ok() ? std::move(*file) : nullptr;
}

std::shared_ptr<Descriptor> input_of(std::string_view bytes) {
  auto source = std::make_shared<Source>();
  source->write(bytes);
  source->close();
  return make_input(std::move(source));
}

// Directories between which names can be moved, if the host can do it.
constexpr uint32_t kSharedMount = 0;

}  // namespace

ErrnoOr<> Context::fill_random(std::span<uint8_t> out) const {
  if (!random_) return from_os(platform::fill_random(out));
  random_(out);
  return {};
}

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
  preopens_.push_back({std::move(guest_path), std::move(host_path), access, nullptr});
  return *this;
}

Context::Builder& Context::Builder::mount(std::string guest_path, MemoryFiles files) {
  preopens_.push_back({std::move(guest_path),
                       {},
                       DirectoryAccess::read_only,
                       std::make_shared<const MemoryFiles>(std::move(files))});
  return *this;
}

Context::Builder& Context::Builder::virtual_root() {
  has_virtual_root_ = true;
  return *this;
}

Context::Builder& Context::Builder::inherit_stdin() {
  stdin_ = {Input::inherit, {}, nullptr};
  return *this;
}

Context::Builder& Context::Builder::stdin_bytes(std::string bytes) {
  stdin_ = {Input::bytes, std::move(bytes), nullptr};
  return *this;
}

Context::Builder& Context::Builder::stdin_from(std::shared_ptr<Source> source) {
  stdin_ = {Input::source, {}, std::move(source)};
  return *this;
}

Context::Builder& Context::Builder::stdin_file(std::string host_path) {
  stdin_ = {Input::file, std::move(host_path), nullptr};
  return *this;
}

Context::Builder& Context::Builder::inherit_stdout() {
  stdout_ = {Output::inherit, nullptr, nullptr};
  return *this;
}

Context::Builder& Context::Builder::capture_stdout() {
  stdout_ = {Output::capture, nullptr, nullptr};
  return *this;
}

Context::Builder& Context::Builder::stdout_to(std::shared_ptr<Sink> sink) {
  stdout_ = {Output::sink, std::move(sink), nullptr};
  return *this;
}

Context::Builder& Context::Builder::stdout_to(OutputCallback callback) {
  stdout_ = {Output::callback, nullptr, std::move(callback)};
  return *this;
}

Context::Builder& Context::Builder::inherit_stderr() {
  stderr_ = {Output::inherit, nullptr, nullptr};
  return *this;
}

Context::Builder& Context::Builder::capture_stderr() {
  stderr_ = {Output::capture, nullptr, nullptr};
  return *this;
}

Context::Builder& Context::Builder::stderr_to(std::shared_ptr<Sink> sink) {
  stderr_ = {Output::sink, std::move(sink), nullptr};
  return *this;
}

Context::Builder& Context::Builder::stderr_to(OutputCallback callback) {
  stderr_ = {Output::callback, nullptr, std::move(callback)};
  return *this;
}

Context::Builder& Context::Builder::clocks(Clocks clocks) {
  clocks_ = std::move(clocks);
  return *this;
}

Context::Builder& Context::Builder::random(RandomSource random) {
  random_ = std::move(random);
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

Result<std::shared_ptr<Descriptor>> Context::Builder::open_input() const {
  switch (stdin_.kind) {
    case Input::none: break;
    case Input::bytes: return input_of(stdin_.text);
    case Input::source: return make_input(stdin_.supplied);
    case Input::inherit: {
      auto file = inherited(0);
      if (file == nullptr) break;
      return file;
    }
    case Input::file: {
      if (has_nul(stdin_.text)) return Error(ErrorKind::invalid, "a path contains a NUL byte");
      auto fd = platform::open_trusted_file(stdin_.text);
      if (!fd.ok()) return io_error("input file", stdin_.text, fd.error());
      auto file = File::opened(std::move(*fd), {.readable = true, .may_change_times = false});
      if (!file.ok()) return Error(ErrorKind::io, "cannot use input file '" + stdin_.text + "'");
      return std::shared_ptr<Descriptor>(std::move(*file));
    }
  }
  return input_of({});
}

std::shared_ptr<Descriptor> Context::Builder::open_output(const Output& output, int inherited_raw,
                                                          std::shared_ptr<Sink>& captured) const {
  switch (output.kind) {
    case Output::none: break;
    case Output::inherit: {
      auto file = inherited(inherited_raw);
      if (file == nullptr) break;
      return file;
    }
    case Output::capture:
      captured = std::make_shared<Sink>(limits_.captured_bytes);
      return make_output(captured);
    case Output::sink: return make_output(output.collecting);
    case Output::callback: return make_output(output.called);
  }
  return make_null_output();
}

Result<> Context::Builder::build_streams(Context& context) const {
  if (limits_.open_files < 3) {
    return Error(ErrorKind::limit_exceeded, "a limit of open files below the 3 streams");
  }
  CHECK(context.fds_.insert(TRY(open_input())).ok());
  CHECK(context.fds_.insert(open_output(stdout_, 1, context.captured_stdout_)).ok());
  CHECK(context.fds_.insert(open_output(stderr_, 2, context.captured_stderr_)).ok());
  return {};
}

Result<std::shared_ptr<Directory>> Context::Builder::open_directory(const Preopen& preopen,
                                                                    uint32_t mount) const {
  if (preopen.files != nullptr) {
    const auto tree = std::make_shared<VirtualTree>();
    VirtualTree::Node& root = tree->add_root();
    TRY(tree->add_files(root, preopen.files));
    return std::shared_ptr<Directory>(std::make_shared<VirtualDirectory>(tree, root, mount));
  }
  if (has_nul(preopen.host_path)) return Error(ErrorKind::invalid, "a path contains a NUL byte");
  auto root = platform::open_root(preopen.host_path);
  if (!root.ok()) return io_error("directory", preopen.host_path, root.error());
  return std::shared_ptr<Directory>(
      std::make_shared<HostDirectory>(std::move(*root), preopen.access, resolver_, mount));
}

Result<> Context::Builder::build_directories(Context& context) const {
  for (size_t i = 0; i < preopens_.size(); ++i) {
    const Preopen& preopen = preopens_[i];
    if (has_nul(preopen.guest_path)) return Error(ErrorKind::invalid, "a path contains a NUL byte");
    if (preopen.guest_path.empty()) {
      return Error(ErrorKind::invalid, "directory '" + preopen.host_path + "' has no guest path");
    }
    const uint32_t mount = preopen.files == nullptr ? kSharedMount : static_cast<uint32_t>(i + 1);
    auto directory = TRY(open_directory(preopen, mount));
    if (!context.fds_.insert(std::move(directory), preopen.guest_path).ok()) {
      return Error(ErrorKind::limit_exceeded, "more directories than the limit of open files");
    }
  }
  return {};
}

Result<> Context::Builder::build_virtual_root(Context& context) const {
  const auto tree = std::make_shared<VirtualTree>();
  VirtualTree::Node& root = tree->add_root();
  constexpr uint32_t kRootMount = 0;
  for (size_t i = 0; i < preopens_.size(); ++i) {
    const Preopen& preopen = preopens_[i];
    if (preopen.files != nullptr) {
      TRY(tree->mount(root, preopen.guest_path, preopen.files));
    } else {
      auto directory = TRY(open_directory(preopen, static_cast<uint32_t>(i + 1)));
      TRY(tree->mount(root, preopen.guest_path, std::move(directory)));
    }
  }
  auto directory = std::make_shared<VirtualDirectory>(tree, root, kRootMount);
  if (!context.fds_.insert(std::move(directory), "/").ok()) {
    return Error(ErrorKind::limit_exceeded, "more directories than the limit of open files");
  }
  return {};
}

Result<std::unique_ptr<Context>> Context::Builder::build() const {
  std::unique_ptr<Context> context(new Context(limits_));
  context->clocks_ = clocks_;
  context->random_ = random_;
  TRY(build_strings(*context));
  TRY(build_streams(*context));
  TRY(has_virtual_root_ ? build_virtual_root(*context) : build_directories(*context));
  return context;
}

}  // namespace swoop::wasi
