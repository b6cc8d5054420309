// Directories and files that exist in memory only, and places in them where directories of the host
// are mounted. Guests can change nothing of it.
#pragma once

#include "base/result.h"
#include "wasi/directory.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace swoop::wasi {

/// Contents by path, as in "conf" or "templates/page.html".
using MemoryFiles = std::map<std::string, std::string>;

/// Built once, and from then on shared by all that is open in it. Nodes stay where they are.
class VirtualTree {
 public:
  struct Node {
    std::string name;
    Node* parent = nullptr;  // null for a root
    uint64_t inode = 0;
    std::vector<Node*> children;                 // by name, ascending
    std::shared_ptr<const std::string> content;  // not null for files
    std::shared_ptr<Directory> mounted;          // covers the node; children are still found first
    bool is_given = false;                       // not only made on the way to another

    bool is_file() const { return content != nullptr; }
    /// Null if there is none.
    const Node* find(std::string_view child) const;
  };

  VirtualTree() = default;
  VirtualTree(const VirtualTree&) = delete;
  VirtualTree& operator=(const VirtualTree&) = delete;

  /// A directory from which nothing leads to those of other roots.
  Node& add_root();

  // Paths are relative or absolute, but always of what is beneath `root`; directories on the way
  // are made. Errors: invalid for a path that names `root` itself, contains "..", a NUL or a name
  // that is too long or no UTF-8, or that is in use or beneath a file.
  Result<> mount(Node& root, std::string_view path, std::shared_ptr<Directory> directory);
  Result<> mount(Node& root, std::string_view path,
                 const std::shared_ptr<const MemoryFiles>& files);
  Result<> add_files(Node& root, const std::shared_ptr<const MemoryFiles>& files);

 private:
  // The node, new or one that was made on the way to others.
  Result<Node*> claim(Node& root, std::string_view path);
  Node* make_child(Node& parent, std::string_view name);

  std::deque<Node> nodes_;
};

}  // namespace swoop::wasi
