#include "runtime/data_images.h"

#include "platform/virtual_memory.h"
#include "runtime/const_eval.h"
#include "runtime/memory.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace swoop {
namespace {

/// What an image would cover: whole pages.
struct Extent {
  uint64_t begin = 0;
  uint64_t end = 0;
  uint64_t used = 0;  // of these bytes at least so many are in pages with data

  uint64_t size() const { return end - begin; }
};

// Holes are read as zeros as well, but take memory then.
constexpr uint64_t kMaxHoleBytes = 64 * 1024;

std::optional<uint64_t> constant_offset(const ConstExpr& offset, AddressType type) {
  if (offset.kind == ConstExpr::Kind::i32 || offset.kind == ConstExpr::Kind::i64) {
    return as_address(offset.bits, type);
  }
  return std::nullopt;
}

bool lies_in(uint64_t offset, uint64_t size, uint64_t available) {
  return size <= available && offset <= available - size;
}

// If one can trap, a memory must still be without data then: functions of the instance may be in a
// table of another.
bool can_elements_trap(const ModuleInfo& module) {
  return std::any_of(module.elems.begin(), module.elems.end(), [&](const ElemSegment& segment) {
    if (segment.mode != SegmentMode::active) return false;
    if (to_underlying(segment.table) < module.num_imported_tables) return true;
    const TableType& type = module.tables[segment.table].type;
    const std::optional<uint64_t> offset = constant_offset(segment.offset, type.address_type);
    return !offset || !lies_in(*offset, segment.size(), type.limits.min);
  });
}

/// The extent with these bytes, or nothing if too much of it were holes.
std::optional<Extent> extended(const Extent& extent, uint64_t offset, uint64_t size) {
  const uint64_t mask = platform::page_size() - 1;
  const uint64_t begin = offset & ~mask;
  const uint64_t end = (offset + size + mask) & ~mask;
  if (extent.size() == 0) return Extent{begin, end, end - begin};
  Extent all{std::min(begin, extent.begin), std::max(end, extent.end), extent.used};
  // What lies within the extent so far may have been counted.
  if (begin < extent.begin) all.used += std::min(end, extent.begin) - begin;
  if (end > extent.end) all.used += end - std::max(begin, extent.end);
  if (all.size() - all.used > all.used + kMaxHoleBytes) return std::nullopt;
  return all;
}

}  // namespace

DataImages DataImages::make(const ModuleInfo& module, jit::BoundsMode bounds) {
  DataImages images;
  if (bounds != jit::BoundsMode::guard || can_elements_trap(module)) return images;

  IndexVector<MemoryIdx, Extent> extents;
  extents.resize(module.memories.size());
  DataIdx end{0};
  for (; module.datas.contains(end); end = DataIdx(to_underlying(end) + 1)) {
    const DataSegment& segment = module.datas[end];
    if (segment.mode != SegmentMode::active) continue;
    const MemoryType& type = module.memories[segment.memory].type;
    const bool is_imported = to_underlying(segment.memory) < module.num_imported_memories;
    // Two imports may be the same memory.
    if ((is_imported && module.num_imported_memories > 1) || !Memory::has_guards(type)) break;
    const std::optional<uint64_t> offset = constant_offset(segment.offset, type.address_type);
    const uint64_t available = type.limits.min << type.page_size_log2;
    if (!offset || !lies_in(*offset, segment.bytes.size(), available)) break;
    if (segment.bytes.empty()) continue;
    Extent& extent = extents[segment.memory];
    const std::optional<Extent> all = extended(extent, *offset, segment.bytes.size());
    if (!all) break;
    extent = *all;
  }

  IndexVector<MemoryIdx, std::vector<uint8_t>> contents;
  for (const Extent& extent : extents) contents.push_back(std::vector<uint8_t>(extent.size()));
  for (DataIdx i{0}; i < end; i = DataIdx(to_underlying(i) + 1)) {
    const DataSegment& segment = module.datas[i];
    if (segment.mode != SegmentMode::active || segment.bytes.empty()) continue;
    const uint64_t offset = as_address(segment.offset.bits, AddressType::i32);
    std::copy(segment.bytes.begin(), segment.bytes.end(),
              contents[segment.memory].begin() +
                  static_cast<ptrdiff_t>(offset - extents[segment.memory].begin));
  }

  for (MemoryIdx i{0}; contents.contains(i); i = MemoryIdx(to_underlying(i) + 1)) {
    images.images_.push_back(nullptr);
    if (contents[i].empty()) continue;
    std::optional<platform::MemoryFile> file = platform::MemoryFile::create(contents[i]);
    if (!file) return {};
    images.images_[i].reset(new MemoryImage{std::move(*file), extents[i].begin});
  }
  images.end_ = end;
  return images;
}

}  // namespace swoop
