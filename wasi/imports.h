// WASI as imports of a module: each function of a preview becomes a host function of a store. The
// only part of wasi/ that knows the runtime. Tests: tests/cli/ and tests/programs/, which run WASI
// programs.
#pragma once

#include "base/result.h"
#include "runtime/extern.h"
#include "runtime/store.h"
#include "wasi/context.h"
#include "wasi/functions.h"

#include <deque>
#include <optional>
#include <string_view>

namespace swoop::wasi {

/// Host functions that act on one context. Borrows both: the store and the context outlive the
/// calls, and so does this.
class Imports {
 public:
  Imports(Store& store, Context& context) : store_(store), context_(context) {}
  Imports(const Imports&) = delete;
  Imports& operator=(const Imports&) = delete;

  /// What `module`.`name` stands for, of either preview; nothing when WASI has no such function.
  /// Guest memory is what the calling instance exports as "memory"; proc_exit completes the
  /// outermost call with an Exit. Errors: out_of_memory, limit_exceeded.
  Result<std::optional<Extern>> resolve(std::string_view module, std::string_view name);

 private:
  struct Binding {
    Context* context;
    const Function* function;
    bool has_result;
  };
  static Completion call(void* environment, Caller& caller, std::span<Value> values);

  Store& store_;
  Context& context_;
  std::deque<Binding> bindings_;  // host functions point at them
};

/// The type that a function's signature spells.
FuncType func_type(const Function& function);

}  // namespace swoop::wasi
