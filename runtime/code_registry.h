// Which module a program counter belongs to: read by the signal handler and by backtraces.
//
// Safety: `find` is async-signal-safe. It reads immutable sorted arrays; writers replace those that
// they change and free old ones only when no reader can hold them. Covered by
// tests/runtime/code_registry_test.cc.
#pragma once

#include <cstdint>
#include <optional>

namespace swoop {

class Module;

struct CodeRange {
  uintptr_t begin;
  uintptr_t end;
  const Module* module;
};

namespace code_registry {

/// Announces executable code. Ranges do not overlap. Any thread.
void add(const CodeRange& range);
/// Withdraws the range that begins there; no thread runs its code any more.
void remove(uintptr_t begin);
/// The range `pc` lies in. Any thread, also in a signal handler; the module is alive as long as its
/// code runs.
std::optional<CodeRange> find(uintptr_t pc);

}  // namespace code_registry
}  // namespace swoop
