#include "wasi/imports.h"

#include "wasi/binding.h"

#include <algorithm>
#include <array>

namespace swoop::wasi {
namespace {

std::vector<ValType> types_of(std::string_view letters) {
  std::vector<ValType> types;
  for (const char letter : letters) types.push_back(letter == 'l' ? ValType::i64 : ValType::i32);
  return types;
}

}  // namespace

FuncType func_type(const Function& function) {
  FuncType type;
  type.params = types_of(function.parameters());
  type.results = types_of(function.results());
  return type;
}

Result<std::optional<Extern>> Imports::resolve(std::string_view module, std::string_view name) {
  const std::optional<Version> version = version_of(module);
  if (!version) return std::optional<Extern>();
  const Function* function = find_function(*version, name);
  if (function == nullptr) return std::optional<Extern>();

  const FuncType type = func_type(*function);
  bindings_.push_back({&context_, function, !type.results.empty()});
  const Func func = TRY(store_.make_host_func(type, call, &bindings_.back()));
  return std::optional<Extern>(func);
}

Completion Imports::call(void* environment, Caller& caller, std::span<Value> values) {
  const Binding& binding = *static_cast<const Binding*>(environment);
  std::optional<std::span<uint8_t>> bytes;
  if (const Memory* const memory = caller.memory(); memory != nullptr) bytes = memory->bytes();
  std::array<uint64_t, kMaxParameters> arguments = {};
  for (size_t i = 0; i < std::min(values.size(), arguments.size()); ++i)
    arguments[i] = values[i].low;
  GuestMemory guest(bytes);
  Answer answer = wasi::call(*binding.function, *binding.context, guest, arguments.data(),
                             caller.store().interruption().waits());
  switch (answer.kind) {
    case Answer::returned: break;
    case Answer::exit: return Completion::exit(static_cast<int32_t>(answer.value));
    case Answer::trap: return Completion::trap(std::move(answer.message));
    case Answer::interrupted: return Completion::trap(TrapCode::interrupted);
  }
  if (binding.has_result) values[0] = Value::i32(static_cast<int32_t>(answer.value));
  return {};
}

}  // namespace swoop::wasi
