#include "wasi/virtual_directory.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

namespace swoop::wasi {
namespace {

constexpr size_t kMaxNameBytes = 255;
// The host's numbers of devices are small.
constexpr uint64_t kFirstDevice = uint64_t{1} << 63;

platform::FileStatus status_of_file(const VirtualTree::Node& node, uint32_t mount) {
  return {.device = kFirstDevice + mount,
          .inode = node.inode,
          .type = platform::FileType::regular_file,
          .links = 1,
          .size_bytes = node.content->size()};
}

// A file of a virtual tree, open for reading.
class VirtualFile final : public Descriptor {
 public:
  VirtualFile(std::shared_ptr<const VirtualTree> tree, const VirtualTree::Node& node,
              uint32_t mount, const PathOpenOptions& options)
      : tree_(std::move(tree)),
        node_(node),
        mount_(mount),
        is_readable_(options.read),
        flags_(options.fdflags) {}

  ErrnoOr<platform::FileStatus> status() override { return status_of_file(node_, mount_); }

  ErrnoOr<size_t> read(std::span<const MutableBytes> buffers) override {
    const std::lock_guard lock(mutex_);
    const size_t size = TRY(read_at(buffers, position_));
    position_ += size;
    return size;
  }

  ErrnoOr<size_t> read_at(std::span<const MutableBytes> buffers, uint64_t offset) override {
    if (!is_readable_) return Errno::badf;
    if (offset > kMaxOffset) return Errno::inval;
    std::string_view left = *node_.content;
    left.remove_prefix(std::min<uint64_t>(offset, left.size()));
    size_t total = 0;
    for (const MutableBytes buffer : buffers) {
      const size_t size = std::min(buffer.size(), left.size());
      if (size == 0) continue;
      std::memcpy(buffer.data(), left.data(), size);
      left.remove_prefix(size);
      total += size;
    }
    return total;
  }

  ErrnoOr<size_t> write_at(std::span<const ConstBytes>, uint64_t) override { return Errno::badf; }

  ErrnoOr<uint64_t> seek(int64_t offset, platform::SeekFrom from) override {
    const std::lock_guard lock(mutex_);
    uint64_t base = 0;
    if (from == platform::SeekFrom::current) base = position_;
    if (from == platform::SeekFrom::end) base = node_.content->size();
    int64_t position = 0;
    if (__builtin_add_overflow(static_cast<int64_t>(base), offset, &position)) {
      return Errno::overflow;
    }
    if (position < 0) return Errno::inval;
    position_ = static_cast<uint64_t>(position);
    return position_;
  }

  ErrnoOr<> sync() override { return {}; }
  ErrnoOr<> sync_data() override { return {}; }
  ErrnoOr<> advise(uint64_t offset, uint64_t size_bytes, platform::Advice) override {
    if (offset > kMaxOffset || size_bytes > kMaxOffset) return Errno::inval;
    return {};
  }
  ErrnoOr<> set_times(platform::TimeChange, platform::TimeChange) override { return Errno::rofs; }

  ErrnoOr<> set_flags(uint16_t flags) override {
    if (((flags ^ flags_) & fdflags::kAnySync) != 0) return Errno::notsup;
    flags_ = flags;
    return {};
  }

  uint64_t readable_bytes() override {
    const std::lock_guard lock(mutex_);
    return node_.content->size() - std::min<uint64_t>(position_, node_.content->size());
  }

 private:
  static constexpr uint64_t kMaxOffset = std::numeric_limits<int64_t>::max();

  DescriptorInfo full_info() const override {
    uint64_t all = rights::kFile & ~rights::kFdWrite;
    if (!is_readable_) all &= ~rights::kFdRead;
    return {.type = FileType::regular_file, .flags = flags_, .rights_base = all};
  }

  const std::shared_ptr<const VirtualTree> tree_;
  const VirtualTree::Node& node_;
  const uint32_t mount_;
  const bool is_readable_;
  std::atomic<uint16_t> flags_;
  std::mutex mutex_;
  uint64_t position_ = 0;
};

}  // namespace

// How far a path could be followed.
struct VirtualDirectory::Walked {
  enum Kind : uint8_t {
    found,    // `node` is what it leads to
    missing,  // `node` is a directory that has no entry of the path's last name
    entered,  // `node` is a mount, and `rest` is what to ask it for
  };
  Kind kind;
  const Node* node;
  std::string_view rest = {};
};

ErrnoOr<VirtualDirectory::Walked> VirtualDirectory::walk(std::string_view path) const {
  if (path.starts_with('/')) return Errno::notcapable;
  const bool must_be_directory = path.ends_with('/');
  const Node* node = &node_;
  while (true) {
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    if (path.empty()) break;
    if (node->is_file()) return Errno::notdir;
    const size_t size = std::min(path.find('/'), path.size());
    const std::string_view name = path.substr(0, size);
    const bool is_last = path.find_first_not_of('/', size) == std::string_view::npos;
    if (name == "..") {
      if (node == &node_) return Errno::notcapable;
      node = node->parent;
    } else if (name != ".") {
      const Node* const child = node->find(name);
      if (child == nullptr && node->mounted != nullptr) return Walked{Walked::entered, node, path};
      if (name.size() > kMaxNameBytes) return Errno::nametoolong;
      if (child == nullptr && !is_last) return Errno::noent;
      if (child == nullptr) return Walked{Walked::missing, node};
      node = child;
    }
    path.remove_prefix(size);
  }
  if (must_be_directory && node->is_file()) return Errno::notdir;
  return Walked{Walked::found, node};
}

Directory::Place VirtualDirectory::place_of(std::string path, PathUse use) {
  const auto walked = walk(path);
  // What is wrong with the path is what the operation will find, too.
  if (!walked.ok() || walked->node->mounted == nullptr) return {this, std::move(path)};
  Directory* const mounted = walked->node->mounted.get();
  if (walked->kind == Walked::entered) return {mounted, std::string(walked->rest)};
  // A mount's own name belongs to the directory that it is in.
  if (walked->kind == Walked::found && use == PathUse::target) return {mounted, "."};
  return {this, std::move(path)};
}

ErrnoOr<const VirtualTree::Node*> VirtualDirectory::find(std::string_view path) const {
  const Walked walked = TRY(walk(path));
  if (walked.kind != Walked::found) return Errno::noent;
  return walked.node;
}

ErrnoOr<> VirtualDirectory::refuse_creation(std::string_view path) const {
  const Walked walked = TRY(walk(path));
  return walked.kind == Walked::found ? Errno::exist : Errno::rofs;
}

ErrnoOr<> VirtualDirectory::refuse_change(std::string_view path) const {
  TRY(find(path));
  return Errno::rofs;
}

platform::FileStatus VirtualDirectory::status_of(const Node& node) const {
  if (node.is_file()) return status_of_file(node, mount());
  return {.device = kFirstDevice + mount(),
          .inode = node.inode,
          .type = platform::FileType::directory,
          .links = 1};
}

ErrnoOr<platform::FileStatus> VirtualDirectory::status() {
  return status_of(node_);
}

ErrnoOr<> VirtualDirectory::set_times(platform::TimeChange, platform::TimeChange) {
  return Errno::rofs;
}

ErrnoOr<std::shared_ptr<Descriptor>> VirtualDirectory::open(const std::string& path,
                                                            const PathOpenOptions& options) {
  const bool creates = (options.oflags & oflags::kCreat) != 0;
  const bool truncates = (options.oflags & oflags::kTrunc) != 0;
  const bool wants_directory = (options.oflags & oflags::kDirectory) != 0;
  if (creates && wants_directory) return Errno::inval;
  const Walked walked = TRY(walk(path));
  if (walked.kind != Walked::found) return creates ? Errno::rofs : Errno::noent;
  if (creates && (options.oflags & oflags::kExcl) != 0) return Errno::exist;

  const Node& node = *walked.node;
  if (node.is_file()) {
    if (wants_directory) return Errno::notdir;
    if (options.write || truncates) return Errno::rofs;
    return std::shared_ptr<Descriptor>(
        std::make_shared<VirtualFile>(tree_, node, mount(), options));
  }
  if (options.write || creates || truncates) return Errno::isdir;
  return std::shared_ptr<Descriptor>(std::make_shared<VirtualDirectory>(tree_, node, mount()));
}

ErrnoOr<platform::FileStatus> VirtualDirectory::status_at(const std::string& path, bool) {
  return status_of(*TRY(find(path)));
}

ErrnoOr<> VirtualDirectory::set_times_at(const std::string& path, bool, platform::TimeChange,
                                         platform::TimeChange) {
  return refuse_change(path);
}

ErrnoOr<std::string> VirtualDirectory::read_link(const std::string& path) {
  TRY(find(path));
  return Errno::inval;  // there are no links
}

ErrnoOr<> VirtualDirectory::create_directory(const std::string& path) {
  return refuse_creation(path);
}

ErrnoOr<> VirtualDirectory::remove_directory(const std::string& path) {
  return refuse_change(path);
}

ErrnoOr<> VirtualDirectory::unlink_file(const std::string& path) {
  return refuse_change(path);
}

ErrnoOr<> VirtualDirectory::create_symbolic_link(const std::string&, const std::string& path) {
  return refuse_creation(path);
}

ErrnoOr<> VirtualDirectory::create_hard_link(const std::string& from, Directory& to_directory,
                                             const std::string&) {
  if (to_directory.mount() != mount()) return Errno::xdev;
  return refuse_change(from);
}

ErrnoOr<> VirtualDirectory::rename(const std::string& from, Directory& to_directory,
                                   const std::string&) {
  if (to_directory.mount() != mount()) return Errno::xdev;
  return refuse_change(from);
}

// A cookie is the index of an entry, which nothing can change.
ErrnoOr<> VirtualDirectory::visit_entries(uint64_t cookie, const EntryVisitor& visitor) {
  const Node& parent = node_.parent != nullptr ? *node_.parent : node_;
  for (uint64_t i = cookie; i < node_.children.size() + 2; ++i) {
    const Node& node = i == 0 ? node_ : i == 1 ? parent : *node_.children[i - 2];
    platform::FileStatus status = status_of(node);
    // As a lookup of the name has it.
    if (i >= 2 && node.mounted != nullptr) status = TRY(node.mounted->status());
    const std::string_view name = i == 0 ? "." : i == 1 ? ".." : std::string_view(node.name);
    if (!visitor({name, status.inode, status.type, i + 1})) break;
  }
  return {};
}

}  // namespace swoop::wasi
