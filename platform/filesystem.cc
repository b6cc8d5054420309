#include "platform/filesystem.h"

#include "platform/os_call.h"

#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace swoop::platform {
namespace {

constexpr int kMaxLinks = 40;     // as the kernel's MAXSYMLINKS
constexpr int kOpenat2Tries = 8;  // a rename elsewhere makes a lookup with ".." answer EAGAIN
constexpr mode_t kNewFileMode = 0666;
constexpr mode_t kNewDirectoryMode = 0777;

int host_flags(const OpenOptions& options) {
  int flags = O_CLOEXEC;
  if (options.directory) flags |= O_DIRECTORY;
  if (!options.follow) flags |= O_NOFOLLOW;
  if (options.path_only) return flags | O_PATH;
  switch (options.access) {
    case AccessMode::neither:
    case AccessMode::read: flags |= O_RDONLY; break;
    case AccessMode::write: flags |= O_WRONLY; break;
    case AccessMode::read_write: flags |= O_RDWR; break;
  }
  if (options.create) flags |= O_CREAT;
  if (options.create && options.exclusive) flags |= O_EXCL;
  if (options.truncate) flags |= O_TRUNC;
  if (options.append) flags |= O_APPEND;
  if (options.sync) flags |= O_SYNC;
  if (options.sync_data) flags |= O_DSYNC;
  // Opening a FIFO would wait for its other end; open_beneath clears the flag afterwards.
  return flags | O_NOCTTY | O_NONBLOCK;
}

OsResult<Fd> fd_or_error(int raw) {
  if (raw < 0) return last_error();
  return Fd(raw);
}

OsResult<Fd> open_single(int directory, const char* name, int flags) {
  DCHECK(std::strchr(name, '/') == nullptr);
  DCHECK(std::strcmp(name, "..") != 0);
  return fd_or_error(static_cast<int>(
      retry_on_eintr([&] { return ::openat(directory, name, flags, kNewFileMode); })));
}

OsResult<std::string> read_link_at(int directory, const char* name) {
  std::string target(PATH_MAX, '\0');
  const ssize_t size = ::readlinkat(directory, name, target.data(), target.size());
  if (size < 0) return last_error();
  target.resize(static_cast<size_t>(size));
  return target;
}

OsResult<struct stat> stat_of_link(int directory, const char* name) {
  struct stat host;
  if (::fstatat(directory, name, &host, AT_SYMLINK_NOFOLLOW) != 0) return last_error();
  return host;
}

int call_openat2(int root, const char* path, int flags) {
  open_how how = {};
  how.flags = static_cast<uint64_t>(flags);
  how.mode = (flags & O_CREAT) != 0 ? kNewFileMode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(
      retry_on_eintr([&] { return ::syscall(SYS_openat2, root, path, &how, sizeof(how)); }));
}

// Resolution without openat2: one component at a time, with every directory between the root and
// the current one held open, so that ".." is a step back in our list and never a question to the
// file system.
class Walk {
 public:
  Walk(const Fd& root, const std::string& path) : root_(root.raw()) { push_path(path); }

  OsResult<Fd> open(const OpenOptions& options) {
    const bool may_create = options.create && !options.path_only;
    const bool follow = options.follow && !(may_create && options.exclusive);
    while (!pending_.empty()) {
      const std::string name = std::move(pending_.back());
      pending_.pop_back();
      if (name == ".") continue;
      if (name == "..") {
        if (directories_.empty()) return OsError::path_escapes;
        directories_.pop_back();
        continue;
      }
      const bool last = pending_.empty();
      if (last && must_be_directory_ && may_create) return OsError{EISDIR};
      if (last && !must_be_directory_ && !follow) return open_last(name, options);

      auto opened = open_single(current(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
      if (!opened.ok()) {
        const bool creates = last && may_create && opened.error() == OsError{ENOENT};
        if (creates) return open_last(name, options);
        return opened.error();
      }
      const FileStatus status = TRY(platform::status(*opened));
      if (status.type == FileType::symbolic_link) {
        if (++links_ > kMaxLinks) return OsError{ELOOP};
        const std::string target = TRY(read_link_at(opened->raw(), ""));
        if (target.empty()) return OsError{ENOENT};
        if (target.front() == '/') return OsError::path_escapes;
        push_path(target, /*is_last=*/last);
        continue;
      }
      if (status.type == FileType::directory && !(last && !must_be_directory_)) {
        directories_.push_back(std::move(*opened));
        continue;
      }
      if (!last || must_be_directory_) return OsError{ENOTDIR};

      auto result = open_last(name, options);
      // It became a link after we looked: look again.
      if (!result.ok() && result.error() == OsError{ELOOP} && ++links_ <= kMaxLinks) {
        pending_.push_back(name);
        continue;
      }
      return result;
    }
    // The path named a directory without a name of its own: ".", "..", "a/", "link/".
    if (may_create) return OsError{options.exclusive ? EEXIST : EISDIR};
    return open_single(current(), ".", host_flags(options) & ~O_NOFOLLOW);
  }

 private:
  int current() const { return directories_.empty() ? root_ : directories_.back().raw(); }

  OsResult<Fd> open_last(const std::string& name, const OpenOptions& options) {
    return open_single(current(), name.c_str(), host_flags(options) | O_NOFOLLOW);
  }

  void push_path(std::string_view path, bool is_last = true) {
    // A slash at the end says "a directory" only where nothing follows.
    if (is_last && path.ends_with('/')) must_be_directory_ = true;
    size_t end = path.size();
    while (end > 0) {
      const size_t slash = path.rfind('/', end - 1);
      const size_t start = slash == std::string_view::npos ? 0 : slash + 1;
      if (start < end) pending_.emplace_back(path.substr(start, end - start));
      if (slash == std::string_view::npos) break;
      end = slash;
    }
  }

  int root_;
  std::vector<Fd> directories_;       // below the root, outermost first
  std::vector<std::string> pending_;  // components still to come, next one at the back
  bool must_be_directory_ = false;
  int links_ = 0;
};

OsResult<Fd> resolve(const Fd& root, const std::string& path, const OpenOptions& options,
                     Resolver resolver) {
  if (path.empty()) return OsError{ENOENT};
  if (path.size() >= PATH_MAX) return OsError{ENAMETOOLONG};
  if (path.front() == '/') return OsError::path_escapes;
  if (resolver == Resolver::openat2) {
    for (int i = 0; i < kOpenat2Tries; ++i) {
      const int raw = call_openat2(root.raw(), path.c_str(), host_flags(options));
      if (raw >= 0) return Fd(raw);
      if (errno == EXDEV) return OsError::path_escapes;
      if (errno != EAGAIN) return last_error();
    }
  }
  return Walk(root, path).open(options);
}

// True if the last component is a directory itself, not a link to one.
OsResult<bool> is_directory(const ParentDirectory& at) {
  return S_ISDIR(TRY(stat_of_link(at.raw(), at.name().c_str())).st_mode);
}

bool is_plain_name(const ParentDirectory& at) {
  return at.last() == ParentDirectory::Last::name;
}

// What POSIX says of creating anything but a directory under a name that ends in a slash.
OsResult<> refuse_trailing_slash(const ParentDirectory& at) {
  if (!at.must_be_directory()) return {};
  if (stat_of_link(at.raw(), at.name().c_str()).ok()) return OsError{EEXIST};
  return OsError{ENOENT};
}

}  // namespace

Resolver default_resolver() {
  static const Resolver chosen = [] {
    const char* const disabled = std::getenv("SWOOP_NO_OPENAT2");
    if (disabled != nullptr && std::string_view(disabled) == "1") return Resolver::walk;
    // Old kernels answer ENOSYS, and some sandboxes EPERM.
    open_how how = {};
    how.flags = O_PATH | O_CLOEXEC;
    const Fd probe(static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how))));
    return probe.valid() ? Resolver::openat2 : Resolver::walk;
  }();
  return chosen;
}

OsResult<Fd> open_root(const std::string& path) {
  constexpr int kFlags = O_DIRECTORY | O_CLOEXEC;
  const int readable = ::open(path.c_str(), O_RDONLY | kFlags);
  // A directory one may pass but not list still serves lookups.
  if (readable < 0 && errno == EACCES) return fd_or_error(::open(path.c_str(), O_PATH | kFlags));
  return fd_or_error(readable);
}

OsResult<Fd> open_trusted_file(const std::string& path) {
  return fd_or_error(static_cast<int>(
      retry_on_eintr([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY); })));
}

OsResult<Fd> open_beneath(const Fd& root, const std::string& path, const OpenOptions& options,
                          Resolver resolver) {
  auto opened = resolve(root, path, options, resolver);
  if (!opened.ok() && opened.error() == OsError{EACCES} && options.directory &&
      !options.path_only) {
    OpenOptions search_only = options;
    search_only.path_only = true;
    return resolve(root, path, search_only, resolver);
  }
  if (opened.ok() && !options.path_only && !options.nonblocking) {
    TRY(set_status_flags(*opened, {.append = options.append, .nonblocking = false}));
  }
  return opened;
}

OsResult<ParentDirectory> open_parent(const Fd& root, const std::string& path, Resolver resolver) {
  if (path.empty()) return OsError{ENOENT};
  if (path.size() >= PATH_MAX) return OsError{ENAMETOOLONG};
  if (path.front() == '/') return OsError::path_escapes;

  const size_t end = path.find_last_not_of('/') + 1;
  const size_t slash = path.rfind('/', end - 1);
  const size_t start = slash == std::string::npos ? 0 : slash + 1;

  ParentDirectory parent;
  parent.must_be_directory_ = end != path.size();
  parent.name_ = path.substr(start, end - start);
  parent.borrowed_ = root.raw();
  if (parent.name_ == ".") parent.last_ = ParentDirectory::Last::dot;
  if (parent.name_ == "..") parent.last_ = ParentDirectory::Last::dot_dot;

  // A final ".." is resolved too, only to learn whether it leaves the root.
  const bool resolve_all = parent.last_ == ParentDirectory::Last::dot_dot;
  const std::string prefix = resolve_all ? path : path.substr(0, start);
  if (!prefix.empty()) {
    const OpenOptions options = {.path_only = true, .directory = true};
    parent.owned_ = TRY(open_beneath(root, prefix, options, resolver));
  }
  return parent;
}

OsResult<> make_directory(const ParentDirectory& at) {
  if (!is_plain_name(at)) return OsError{EEXIST};
  return nothing_or_error(::mkdirat(at.raw(), at.name().c_str(), kNewDirectoryMode));
}

OsResult<> remove_directory(const ParentDirectory& at) {
  if (at.last() == ParentDirectory::Last::dot) return OsError{EINVAL};
  if (at.last() == ParentDirectory::Last::dot_dot) return OsError{ENOTEMPTY};
  return nothing_or_error(::unlinkat(at.raw(), at.name().c_str(), AT_REMOVEDIR));
}

OsResult<> unlink_file(const ParentDirectory& at) {
  if (!is_plain_name(at)) return OsError{EISDIR};
  if (at.must_be_directory()) {
    return OsError{TRY(is_directory(at)) ? EISDIR : ENOTDIR};
  }
  return nothing_or_error(::unlinkat(at.raw(), at.name().c_str(), 0));
}

OsResult<> make_symbolic_link(const std::string& target, const ParentDirectory& at) {
  if (!is_plain_name(at)) return OsError{EEXIST};
  TRY(refuse_trailing_slash(at));
  return nothing_or_error(::symlinkat(target.c_str(), at.raw(), at.name().c_str()));
}

OsResult<> make_hard_link(const ParentDirectory& from, const ParentDirectory& to) {
  if (!is_plain_name(from)) return OsError{EPERM};
  if (from.must_be_directory()) return OsError{TRY(is_directory(from)) ? EPERM : ENOTDIR};
  if (!is_plain_name(to)) return OsError{EEXIST};
  TRY(refuse_trailing_slash(to));
  return nothing_or_error(
      ::linkat(from.raw(), from.name().c_str(), to.raw(), to.name().c_str(), 0));
}

OsResult<> rename(const ParentDirectory& from, const ParentDirectory& to) {
  if (!is_plain_name(from) || !is_plain_name(to)) return OsError{EBUSY};
  if (from.must_be_directory() || to.must_be_directory()) {
    if (!TRY(is_directory(from))) return OsError{ENOTDIR};
  }
  return nothing_or_error(::renameat(from.raw(), from.name().c_str(), to.raw(), to.name().c_str()));
}

OsResult<std::string> read_link(const Fd& link) {
  auto target = read_link_at(link.raw(), "");
  // The kernel's answer to an empty name on anything but a link.
  if (!target.ok() && target.error() == OsError{ENOENT}) return OsError{EINVAL};
  return target;
}

namespace {

// The header of a linux_dirent64, which the name follows.
struct EntryHeader {
  uint64_t inode;
  int64_t next_cookie;
  uint16_t size_bytes;
  uint8_t type;
};
constexpr size_t kEntryNameOffset = 19;
static_assert(offsetof(EntryHeader, size_bytes) == 16 && offsetof(EntryHeader, type) == 18);

EntryHeader load_header(const uint8_t* at) {
  EntryHeader header;
  std::memcpy(&header, at, kEntryNameOffset);
  return header;
}

FileType type_of_entry(uint8_t type) {
  switch (type) {
    case DT_BLK: return FileType::block_device;
    case DT_CHR: return FileType::character_device;
    case DT_DIR: return FileType::directory;
    case DT_REG: return FileType::regular_file;
    case DT_SOCK: return FileType::stream_socket;
    case DT_LNK: return FileType::symbolic_link;
    case DT_FIFO: return FileType::fifo;
    default: return FileType::unknown;
  }
}

}  // namespace

bool DirectoryReader::seek_within_block(uint64_t cookie) {
  uint64_t here = block_cookie_;
  for (size_t at = 0; at <= end_;) {
    if (here == cookie) {
      position_ = at;
      cookie_ = here;
      return true;
    }
    if (at == end_) break;
    const EntryHeader header = load_header(block_->data() + at);
    here = static_cast<uint64_t>(header.next_cookie);
    at += header.size_bytes;
  }
  return false;
}

OsResult<> DirectoryReader::seek(const Fd& directory, uint64_t cookie) {
  if (cookie > INT64_MAX) return OsError{EINVAL};
  if (cookie != 0 && block_ != nullptr && seek_within_block(cookie)) return {};
  TRY(platform::seek(directory, static_cast<int64_t>(cookie), SeekFrom::start));
  position_ = 0;
  end_ = 0;
  block_cookie_ = cookie;
  cookie_ = cookie;
  return {};
}

OsResult<std::optional<DirectoryEntry>> DirectoryReader::peek(const Fd& directory) {
  if (position_ == end_) {
    if (block_ == nullptr) block_ = std::make_unique<std::array<uint8_t, kBlockSize>>();
    const ssize_t size = ::getdents64(directory.raw(), block_->data(), block_->size());
    if (size < 0) return last_error();
    position_ = 0;
    end_ = static_cast<size_t>(size);
    block_cookie_ = cookie_;
    if (size == 0) return std::optional<DirectoryEntry>();
  }
  const uint8_t* const at = block_->data() + position_;
  const EntryHeader header = load_header(at);
  const auto* const name = reinterpret_cast<const char*>(at + kEntryNameOffset);
  DirectoryEntry entry;
  entry.name = std::string_view(name, ::strnlen(name, header.size_bytes - kEntryNameOffset));
  entry.inode = header.inode;
  entry.type = type_of_entry(header.type);
  entry.next_cookie = static_cast<uint64_t>(header.next_cookie);
  if (entry.type == FileType::unknown) {
    const auto host = stat_of_link(directory.raw(), std::string(entry.name).c_str());
    if (host.ok()) entry.type = status_from_host(*host).type;
  }
  return std::optional(entry);
}

void DirectoryReader::advance() {
  DCHECK(position_ < end_);
  const EntryHeader header = load_header(block_->data() + position_);
  position_ += header.size_bytes;
  cookie_ = static_cast<uint64_t>(header.next_cookie);
}

}  // namespace swoop::platform
