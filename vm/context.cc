#include "vm/context.h"

namespace swoop {

VmContextLayout::VmContextLayout(const ModuleInfo& module) {
  uint32_t offset = sizeof(VmContext);
  const auto place = [&offset](size_t bytes) {
    const uint32_t at = offset;
    offset += static_cast<uint32_t>(bytes);
    return static_cast<int32_t>(at);
  };

  // Globals first: they are touched most, and disp8 reaches a few of them.
  for (uint32_t i = 0; i < module.globals.size(); ++i) {
    const GlobalType& type = module.globals[GlobalIdx(i)].type;
    const bool indirect = i < module.num_imported_globals && type.is_mutable;
    const bool wide = type.type.is_vec() && !indirect;
    if (wide) offset = (offset + 15) & ~15u;
    globals_.push_back(place(wide ? 16 : 8));
    indirect_.push_back(indirect);
  }
  imported_funcs_ = place(module.num_imported_funcs * sizeof(VmImportedFunc));
  memories_ = place((module.memories.empty() ? 0 : module.memories.size() - 1) * sizeof(VmSpan));
  tables_ = place((module.tables.empty() ? 0 : module.tables.size() - 1) * sizeof(VmSpan));
  size_ = (offset + 15) & ~15u;
}

}  // namespace swoop
