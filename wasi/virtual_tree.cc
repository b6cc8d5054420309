#include "wasi/virtual_tree.h"

#include "base/utf8.h"

#include <algorithm>
#include <utility>

namespace swoop::wasi {
namespace {

constexpr size_t kMaxNameBytes = 255;  // as on the host

auto lower_bound(const std::vector<VirtualTree::Node*>& children, std::string_view name) {
  return std::ranges::lower_bound(children, name, {}, &VirtualTree::Node::name);
}

Error bad_path(std::string_view path, const char* reason) {
  return Error(ErrorKind::invalid, "guest path '" + std::string(path) + "' " + reason);
}

}  // namespace

const VirtualTree::Node* VirtualTree::Node::find(std::string_view child) const {
  const auto found = lower_bound(children, child);
  return found != children.end() && (*found)->name == child ? *found : nullptr;
}

VirtualTree::Node& VirtualTree::add_root() {
  Node& root = nodes_.emplace_back();
  root.inode = nodes_.size();
  return root;
}

VirtualTree::Node* VirtualTree::make_child(Node& parent, std::string_view name) {
  const auto at = lower_bound(parent.children, name);
  if (at != parent.children.end() && (*at)->name == name) return *at;
  Node& child = add_root();
  child.name = name;
  child.parent = &parent;
  parent.children.insert(at, &child);
  return &child;
}

Result<VirtualTree::Node*> VirtualTree::claim(Node& root, std::string_view path) {
  if (path.find('\0') != std::string_view::npos) return bad_path(path, "contains a NUL byte");
  if (!is_utf8(path)) return bad_path(path, "is not UTF-8");
  Node* node = &root;
  for (std::string_view rest = path; !rest.empty();) {
    const size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view name = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (name.empty() || name == ".") continue;
    if (name == "..") return bad_path(path, "contains '..'");
    if (name.size() > kMaxNameBytes) return bad_path(path, "has a name of more than 255 bytes");
    if (node->is_file()) return bad_path(path, "is beneath a file");
    node = make_child(*node, name);
  }
  if (node == &root) return bad_path(path, "is that of the root directory");
  if (std::exchange(node->is_given, true)) return bad_path(path, "is given twice");
  return node;
}

Result<> VirtualTree::mount(Node& root, std::string_view path,
                            std::shared_ptr<Directory> directory) {
  Node* const node = TRY(claim(root, path));
  node->mounted = std::move(directory);
  return {};
}

Result<> VirtualTree::mount(Node& root, std::string_view path,
                            const std::shared_ptr<const MemoryFiles>& files) {
  return add_files(*TRY(claim(root, path)), files);
}

Result<> VirtualTree::add_files(Node& root, const std::shared_ptr<const MemoryFiles>& files) {
  for (const auto& [path, content] : *files) {
    Node* const node = TRY(claim(root, path));
    if (path.ends_with('/') || !node->children.empty()) return bad_path(path, "is a directory");
    // Shared with all trees that have the same files.
    node->content = std::shared_ptr<const std::string>(files, &content);
  }
  return {};
}

}  // namespace swoop::wasi
