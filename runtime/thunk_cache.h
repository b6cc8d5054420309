// The thunks an engine has made, one per signature shape (jit/x64/thunks.h).
#pragma once

#include "base/result.h"
#include "jit/x64/thunks.h"
#include "platform/code_memory.h"

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace swoop {

namespace host_isa = jit::x64;

/// Thread-safe; what it returns stays valid and executable as long as it lives.
class ThunkCache {
 public:
  /// Makes what is independent of signatures. Errors: out_of_memory.
  static Result<std::unique_ptr<ThunkCache>> create(
      const host_isa::TrapCallbacks& callbacks,
      std::span<const void* const, kNumBuiltins> builtin_functions);

  const void* trap_landing() const { return trap_landing_; }
  /// By Builtin: what VmContext::builtins points to.
  const void* const* builtins() const { return builtins_.data(); }

  /// Errors: out_of_memory.
  Result<host_isa::EntryThunk> entry(const FuncType& type);
  Result<const void*> host(const FuncType& type);
  /// Makes the thunks of several types at once, in common pages: each page costs system calls.
  Result<> prepare(std::span<const FuncType* const> entries,
                   std::span<const FuncType* const> hosts);

 private:
  ThunkCache() = default;
  Result<const uint8_t*> publish(std::span<const uint8_t> code);

  std::mutex mutex_;
  std::vector<platform::CodeMemory> memory_;
  std::map<std::string, host_isa::EntryThunk> entries_;  // by shape
  std::map<std::string, const void*> hosts_;
  const void* trap_landing_ = nullptr;
  const void* raise_ = nullptr;
  std::array<const void*, kNumBuiltins> builtins_ = {};
};

}  // namespace swoop
