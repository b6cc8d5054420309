#include "runtime/typed_func.h"

#include "runtime/extern.h"

#include <algorithm>

namespace swoop::internal {

Result<const void*> native_entry(const Func& func, const FuncType& type) {
  if (!func) return Error(ErrorKind::unlinkable, "unknown function");
  Engine& engine = func.store().engine();
  const TypeRegistry& types = engine.types();
  const auto matches = [&](const std::vector<ValType>& subs, const std::vector<ValType>& supers) {
    return std::ranges::equal(
        subs, supers, [&](ValType sub, ValType super) { return types.is_subtype(sub, super); });
  };
  // Subtyping as of a function that is imported: no value needs a check. Spec: valid/matching.
  if (!matches(type.params, func.type().params) || !matches(func.type().results, type.results)) {
    return Error(ErrorKind::unlinkable, "incompatible function type: expected " +
                                            describe(types, type) + ", found " +
                                            describe(types, func.type()));
  }
  return engine.thunks().entry(type, jit::CallForm::native);
}

}  // namespace swoop::internal
