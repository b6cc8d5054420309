// A guest without a runtime: memory that is a vector, and calls by name. And a directory tree that
// goes away.
#pragma once

#include "wasi/functions.h"
#include "wasi/layouts.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace swoop::wasi {

inline void PrintTo(Errno error, std::ostream* out) {
  *out << to_string(error);
}

inline std::string resolver_name(const ::testing::TestParamInfo<platform::Resolver>& info) {
  return info.param == platform::Resolver::openat2 ? "openat2" : "walk";
}

inline constexpr uint64_t kReadWrite = rights::kFdRead | rights::kFdWrite;
inline constexpr uint32_t kFollow = 1;

/// A fresh directory of the host, removed with all in it.
class TempTree {
 public:
  TempTree() {
    std::string pattern = std::filesystem::temp_directory_path() / "swoop-wasi-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
  }
  ~TempTree() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;

  std::string path(std::string_view name = "") const { return (root_ / name).string(); }
  void file(std::string_view name, std::string_view content = "") const {
    std::ofstream(root_ / name) << content;
  }
  void directory(std::string_view name) const { std::filesystem::create_directories(root_ / name); }
  void link(std::string_view target, std::string_view name) const {
    std::filesystem::create_symlink(target, root_ / name);
  }
  std::string content(std::string_view name) const {
    std::ostringstream out;
    out << std::ifstream(root_ / name).rdbuf();
    return out.str();
  }
  bool exists(std::string_view name) const {
    return std::filesystem::exists(std::filesystem::symlink_status(root_ / name));
  }

 private:
  std::filesystem::path root_;
};

/// Guest memory is laid out by `put`, which gives out one place after the other.
class TestGuest {
 public:
  explicit TestGuest(const Context::Builder& builder, Version version = Version::preview1)
      : version_(version), context_(std::move(builder.build().value())) {}

  static Context::Builder in(const TempTree& tree,
                             platform::Resolver resolver = platform::default_resolver(),
                             DirectoryAccess access = DirectoryAccess::read_write) {
    Context::Builder builder;
    builder.directory(tree.path(), "/", access).resolver(resolver);
    return builder;
  }

  Outcome outcome(std::string_view name, std::initializer_list<uint64_t> args) {
    const Function* const function = find_function(version_, name);
    EXPECT_NE(function, nullptr) << name;
    GuestMemory memory(bytes);
    return function->call(*context_, memory, args.begin());
  }

  Errno call(std::string_view name, std::initializer_list<uint64_t> args) {
    const Outcome result = outcome(name, args);
    EXPECT_EQ(result.kind, Outcome::errno_) << name;
    return static_cast<Errno>(result.value);
  }

  uint32_t reserve(size_t size) {
    const uint32_t at = next_;
    next_ += static_cast<uint32_t>((size + 15) / 16 * 16);
    EXPECT_LE(next_, bytes.size());
    return at;
  }
  uint32_t put(std::string_view text) {
    const uint32_t at = reserve(text.size());
    std::ranges::copy(text, bytes.begin() + at);
    return at;
  }
  template <class T>
  void store(uint32_t at, T value) {
    std::memcpy(bytes.data() + at, &value, sizeof(T));
  }
  template <class T>
  T load(uint32_t at) const {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof(T));
    return value;
  }
  std::string text(uint32_t at, size_t size) const {
    return std::string(bytes.begin() + at, bytes.begin() + at + static_cast<ptrdiff_t>(size));
  }

  // The operations that many tests need, with the first preopen as the directory.

  std::pair<Errno, uint32_t> open(std::string_view path, uint32_t flags = 0,
                                  uint64_t wanted_rights = rights::kFdRead,
                                  uint32_t lookup = kFollow, uint32_t fdflags = 0,
                                  uint32_t directory = 3) {
    const uint32_t saved = next_;
    const uint32_t out = reserve(4);
    const uint32_t name = put(path);
    const Errno error = call(
        "path_open", {directory, lookup, name, path.size(), flags, wanted_rights, 0, fdflags, out});
    next_ = saved;
    return {error, load<uint32_t>(out)};
  }
  uint32_t must_open(std::string_view path, uint32_t flags = 0,
                     uint64_t wanted_rights = rights::kFdRead, uint32_t lookup = kFollow,
                     uint32_t fdflags = 0) {
    const auto [error, fd] = open(path, flags, wanted_rights, lookup, fdflags);
    EXPECT_EQ(error, Errno::success) << path;
    return fd;
  }
  /// A path operation with no other arguments than one path.
  Errno on_path(std::string_view function, std::string_view path, uint32_t directory = 3) {
    const uint32_t saved = next_;
    const Errno error = call(function, {directory, put(path), path.size()});
    next_ = saved;
    return error;
  }
  std::pair<Errno, platform::FileStatus> stat(std::string_view path, bool follow = true) {
    const uint32_t saved = next_;
    const uint32_t out = reserve(64);
    const Errno error =
        call("path_filestat_get", {3, follow ? 1u : 0u, put(path), path.size(), out});
    next_ = saved;
    platform::FileStatus status;
    status.inode = load<uint64_t>(out + 8);
    status.type = static_cast<platform::FileType>(load<uint8_t>(out + 16));
    status.size_bytes = load<uint64_t>(out + 32);
    status.accessed_ns = load<uint64_t>(out + 40);
    status.modified_ns = load<uint64_t>(out + 48);
    return {error, status};
  }
  Errno set_times(std::string_view path, bool follow, uint64_t time_ns) {
    const uint32_t saved = next_;
    const Errno error = call("path_filestat_set_times",
                             {3, follow ? 1u : 0u, put(path), path.size(), time_ns, time_ns, 5});
    next_ = saved;
    return error;
  }
  std::pair<Errno, std::string> read_link(std::string_view path, size_t buffer_size = 256) {
    const uint32_t saved = next_;
    const uint32_t out = reserve(4);
    const uint32_t buffer = reserve(buffer_size);
    const Errno error =
        call("path_readlink", {3, put(path), path.size(), buffer, buffer_size, out});
    next_ = saved;
    return {error, error == Errno::success ? text(buffer, load<uint32_t>(out)) : std::string()};
  }
  Errno symlink(std::string_view target, std::string_view path, uint32_t directory = 3) {
    const uint32_t saved = next_;
    const uint32_t at = put(target);
    const Errno error =
        call("path_symlink", {at, target.size(), directory, put(path), path.size()});
    next_ = saved;
    return error;
  }
  Errno rename(std::string_view from, std::string_view to, uint32_t from_fd = 3,
               uint32_t to_fd = 3) {
    const uint32_t saved = next_;
    const uint32_t at = put(from);
    const Errno error = call("path_rename", {from_fd, at, from.size(), to_fd, put(to), to.size()});
    next_ = saved;
    return error;
  }
  Errno hard_link(std::string_view from, std::string_view to, uint32_t from_fd = 3,
                  uint32_t to_fd = 3, uint32_t lookup = 0) {
    const uint32_t saved = next_;
    const uint32_t at = put(from);
    const Errno error =
        call("path_link", {from_fd, lookup, at, from.size(), to_fd, put(to), to.size()});
    next_ = saved;
    return error;
  }
  Errno write(uint32_t fd, std::string_view content) {
    const uint32_t saved = next_;
    const uint32_t iov = reserve(16);
    store<uint32_t>(iov, put(content));
    store<uint32_t>(iov + 4, static_cast<uint32_t>(content.size()));
    const Errno error = call("fd_write", {fd, iov, 1, iov + 8});
    next_ = saved;
    if (error == Errno::success) {
      EXPECT_EQ(load<uint32_t>(iov + 8), content.size());
    }
    return error;
  }
  std::pair<Errno, std::string> read(uint32_t fd, size_t size = 256) {
    const uint32_t saved = next_;
    const uint32_t iov = reserve(16);
    const uint32_t buffer = reserve(size);
    store<uint32_t>(iov, buffer);
    store<uint32_t>(iov + 4, static_cast<uint32_t>(size));
    const Errno error = call("fd_read", {fd, iov, 1, iov + 8});
    next_ = saved;
    return {error, error == Errno::success ? text(buffer, load<uint32_t>(iov + 8)) : std::string()};
  }
  Errno close(uint32_t fd) { return call("fd_close", {fd}); }

  Context& context() { return *context_; }
  Version version() const { return version_; }

  std::vector<uint8_t> bytes = std::vector<uint8_t>(size_t{256} * 1024);

 private:
  Version version_;
  std::unique_ptr<Context> context_;
  uint32_t next_ = 64;  // address 0 stays what a null pointer points to
};

}  // namespace swoop::wasi
