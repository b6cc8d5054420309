#include "wasm/module.h"

#include <algorithm>

namespace swoop {

std::string ModuleInfo::func_name(FuncIdx func) const {
  const auto named =
      std::ranges::lower_bound(names.functions, func, {}, &std::pair<FuncIdx, std::string>::first);
  if (named != names.functions.end() && named->first == func) return named->second;
  for (const Export& exported : exports) {
    if (exported.kind == ExternKind::func && exported.index == to_underlying(func)) {
      return exported.name;
    }
  }
  return {};
}

}  // namespace swoop
