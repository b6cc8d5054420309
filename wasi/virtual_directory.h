// What a guest has open of a virtual tree.
#pragma once

#include "wasi/virtual_tree.h"

#include <memory>
#include <mutex>
#include <string>

namespace swoop::wasi {

/// Paths into a mounted directory are that directory's (`place_of`), and cannot come back: ".." is
/// followed out of a mount only while nothing of it has been entered. Changes answer `rofs`.
class VirtualDirectory final : public Directory {
 public:
  VirtualDirectory(std::shared_ptr<const VirtualTree> tree, const VirtualTree::Node& node,
                   uint32_t mount)
      : Directory(mount), tree_(std::move(tree)), node_(node) {}

  ErrnoOr<platform::FileStatus> status() override;
  ErrnoOr<> sync() override { return {}; }
  ErrnoOr<> sync_data() override { return {}; }
  ErrnoOr<> set_times(platform::TimeChange accessed, platform::TimeChange modified) override;

  Place place_of(std::string path, PathUse use) override;
  ErrnoOr<std::shared_ptr<Descriptor>> open(const std::string& path,
                                            const PathOpenOptions& options) override;
  ErrnoOr<platform::FileStatus> status_at(const std::string& path, bool follow) override;
  ErrnoOr<> set_times_at(const std::string& path, bool follow, platform::TimeChange accessed,
                         platform::TimeChange modified) override;
  ErrnoOr<std::string> read_link(const std::string& path) override;
  ErrnoOr<> create_directory(const std::string& path) override;
  ErrnoOr<> remove_directory(const std::string& path) override;
  ErrnoOr<> unlink_file(const std::string& path) override;
  ErrnoOr<> create_symbolic_link(const std::string& target, const std::string& path) override;
  ErrnoOr<> create_hard_link(const std::string& from, Directory& to_directory,
                             const std::string& to) override;
  ErrnoOr<> rename(const std::string& from, Directory& to_directory,
                   const std::string& to) override;
  ErrnoOr<> visit_entries(uint64_t cookie, const EntryVisitor& visitor) override;

 private:
  using Node = VirtualTree::Node;
  struct Walked;

  ErrnoOr<Walked> walk(std::string_view path) const;
  ErrnoOr<const Node*> find(std::string_view path) const;
  ErrnoOr<> refuse_creation(std::string_view path) const;
  ErrnoOr<> refuse_change(std::string_view path) const;
  platform::FileStatus status_of(const Node& node) const;

  const std::shared_ptr<const VirtualTree> tree_;
  const Node& node_;
};

}  // namespace swoop::wasi
