// File system operations for untrusted paths: each path is resolved beneath a directory that the
// caller holds open, and nothing outside of it is ever touched, whatever symbolic links or
// concurrent renames are met on the way.
//
// Safety: no path of more than one component reaches a plain *at() call, nor one that ends in a
// slash. Either the kernel decides (openat2 with RESOLVE_BENEATH), or a walk does that holds every
// directory on the path open. Both are run through the same matrix by
// tests/wasi/path_resolution_test.cc.
#pragma once

#include "platform/file_descriptor.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace swoop::platform {

enum class Resolver : uint8_t { openat2, walk };

/// openat2 where the kernel has and permits it, unless the environment says SWOOP_NO_OPENAT2=1.
/// Decided once.
Resolver default_resolver();

struct OpenOptions {
  AccessMode access = AccessMode::read;
  bool path_only =
      false;           // a handle for status() and the like; no permission on the file is needed
  bool follow = true;  // whether a symbolic link as the last component is followed
  bool create = false;
  bool exclusive = false;  // with create: fail if it exists
  bool truncate = false;   // note that Linux truncates with any access mode
  bool directory = false;
  bool append = false;
  bool nonblocking = false;
  bool sync = false;
  bool sync_data = false;
};

/// Opens the directory that later paths are resolved beneath. `path` is the host's own and trusted.
OsResult<Fd> open_root(const std::string& path);
/// Opens a file for reading. `path` is the host's own and trusted.
OsResult<Fd> open_trusted_file(const std::string& path);

/// Opens `path` beneath `root`. Never blocks on a FIFO and never acquires a controlling terminal.
/// Fails with `OsError::path_escapes` for an absolute path, or when `..` or a link leads out of
/// `root`. `path` has no NUL.
OsResult<Fd> open_beneath(const Fd& root, const std::string& path, const OpenOptions& options,
                          Resolver resolver);

/// The directory that holds the last component of a path, and that component, which has not been
/// looked at.
class ParentDirectory {
 public:
  enum class Last : uint8_t { name, dot, dot_dot };

  /// Meaningful when `last()` is `Last::name`: one component, not ".", "..", without slashes.
  const std::string& name() const { return name_; }
  Last last() const { return last_; }
  /// The path ended in a slash.
  bool must_be_directory() const { return must_be_directory_; }
  /// The host's number of the directory that holds the name.
  int raw() const { return owned_.valid() ? owned_.raw() : borrowed_; }

 private:
  friend OsResult<ParentDirectory> open_parent(const Fd&, const std::string&, Resolver);

  Fd owned_;
  int borrowed_ = -1;  // the root, for a path of one component
  std::string name_;
  Last last_ = Last::name;
  bool must_be_directory_ = false;
};

/// For operations on names. The result borrows `root`.
OsResult<ParentDirectory> open_parent(const Fd& root, const std::string& path, Resolver resolver);

// The following act on the last component itself, never on what a link there points to, and apply
// the rules of POSIX for a trailing slash and for "." and "..".
OsResult<> make_directory(const ParentDirectory& at);
OsResult<> remove_directory(const ParentDirectory& at);
OsResult<> unlink_file(const ParentDirectory& at);
OsResult<> make_symbolic_link(const std::string& target, const ParentDirectory& at);
OsResult<> make_hard_link(const ParentDirectory& from, const ParentDirectory& to);
OsResult<> rename(const ParentDirectory& from, const ParentDirectory& to);

/// The target of the link that `link` (opened with `path_only` and without `follow`) is. EINVAL if
/// it is no link.
OsResult<std::string> read_link(const Fd& link);

struct DirectoryEntry {
  std::string_view
      name;  // bytes as the host has them; borrowed from the reader until its next call
  uint64_t inode;
  FileType type;
  uint64_t next_cookie;  // names the position after this entry
};

/// Reads a directory in blocks of a fixed size and from any position it has named. Cookies are the
/// kernel's own, so they stay valid while entries are created and removed, and cost no re-reading.
class DirectoryReader {
 public:
  /// Moves to `cookie`; 0 is the start, and looks afresh.
  OsResult<> seek(const Fd& directory, uint64_t cookie);
  /// The entry at the position, without moving; nothing at the end.
  OsResult<std::optional<DirectoryEntry>> peek(const Fd& directory);
  /// Past the entry that `peek` gave.
  void advance();

 private:
  static constexpr size_t kBlockSize = 16 * 1024;

  bool seek_within_block(uint64_t cookie);

  std::unique_ptr<std::array<uint8_t, kBlockSize>> block_;
  size_t position_ = 0;
  size_t end_ = 0;
  uint64_t block_cookie_ = 0;  // of the block's first entry
  uint64_t cookie_ = 0;        // of the entry at position_
};

}  // namespace swoop::platform
