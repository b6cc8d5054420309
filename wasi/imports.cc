#include "wasi/imports.h"

#include "base/check.h"
#include "platform/interrupt.h"

#include <algorithm>
#include <array>
#include <string>

namespace swoop::wasi {
namespace {

// path_open takes nine.
constexpr size_t kMaxArguments = 16;

ValType to_val_type(char letter) {
  return letter == 'l' ? ValType::i64 : ValType::i32;
}

}  // namespace

FuncType func_type(const Function& function) {
  FuncType type;
  const size_t separator = function.signature.find('_');
  for (size_t i = 0; i < function.signature.size(); ++i) {
    const char letter = function.signature[i];
    if (i == separator || letter == 'v') continue;
    (i < separator ? type.params : type.results).push_back(to_val_type(letter));
  }
  return type;
}

Result<std::optional<Extern>> Imports::resolve(std::string_view module, std::string_view name) {
  const std::optional<Version> version = version_of(module);
  if (!version) return std::optional<Extern>();
  const Function* function = find_function(*version, name);
  if (function == nullptr) return std::optional<Extern>();

  const FuncType type = func_type(*function);
  CHECK(type.params.size() <= kMaxArguments);
  bindings_.push_back({&context_, function, !type.results.empty()});
  const Func func = TRY(store_.make_host_func(type, call, &bindings_.back()));
  return std::optional<Extern>(func);
}

Completion Imports::call(void* environment, Caller& caller, std::span<Value> values) {
  const Binding& binding = *static_cast<const Binding*>(environment);
  Memory* const memory = caller.memory();
  GuestMemory guest(memory == nullptr ? std::span<uint8_t>() : memory->bytes());

  std::array<uint64_t, kMaxArguments> arguments = {};
  for (size_t i = 0; i < std::min(values.size(), arguments.size()); ++i) {
    arguments[i] = values[i].low;
  }
  platform::Interrupt* const waits = caller.store().interruption().waits();
  const Outcome outcome = [&] {
    const platform::InterruptScope scope(waits);
    return binding.function->call(*binding.context, guest, arguments.data());
  }();
  // What it did may be incomplete, but nobody is left to whom that would matter.
  if (waits != nullptr && waits->is_raised() && outcome.kind != Outcome::exit)
    return Completion::trap(TrapCode::interrupted);
  switch (outcome.kind) {
    case Outcome::exit: return Completion::exit(static_cast<int32_t>(outcome.value));
    case Outcome::trap: {
      std::string message(binding.function->name);
      message += ": ";
      message +=
          memory == nullptr ? "the module exports no memory named \"memory\"" : outcome.message;
      return Completion::trap(std::move(message));
    }
    case Outcome::errno_: break;
  }
  if (binding.has_result) values[0] = Value::i32(static_cast<int32_t>(outcome.value));
  return {};
}

}  // namespace swoop::wasi
