#include "jit/module_context.h"

#include "base/check.h"
#include "jit/a64/abi.h"
#include "jit/func_info.h"
#include "jit/x64/abi.h"

#include <string_view>

namespace swoop::jit {

namespace {

FuncType builtin_type(std::string_view params) {
  FuncType type;
  for (const char param : params) type.params.push_back(param == 'i' ? ValType::i32 : ValType::i64);
  return type;
}

}  // namespace

std::unique_ptr<ModuleContext> make_module_context(const ModuleInfo& module,
                                                   const TypeRegistry& types, const Target& target,
                                                   bool poison_upper_halves) {
  std::unique_ptr<ModuleContext> context(
      new ModuleContext{module,
                        types,
                        VmContextLayout(module),
                        {},
                        {},
                        {},
                        target.isa == Isa::x64 ? x64::kMaxPinned : a64::kMaxPinned,
                        target.bounds,
                        poison_upper_halves});
  DCHECK(context->max_pinned <= FuncInfo::kMaxPinned);
  const auto call_layout = target.isa == Isa::x64 ? x64::call_layout : a64::call_layout;
  for (const TypeId type : module.types) {
    const FuncType* const func = types.is_func(type) ? &types.func_type(type) : nullptr;
    context->func_types.push_back(func);
    context->call_layouts.push_back(func != nullptr ? call_layout(*func) : CallLayout());
  }
#define BUILTIN(name, params) context->builtin_layouts.push_back(call_layout(builtin_type(params)));
#include "vm/builtins.def"
  return context;
}

}  // namespace swoop::jit
