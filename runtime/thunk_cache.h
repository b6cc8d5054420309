// The thunks an engine has made, one per signature shape (jit/thunks.h).
#pragma once

#include "base/result.h"
#include "jit/host_thunks.h"
#include "platform/code_memory.h"

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace swoop {

/// Thread-safe; what it returns stays valid and executable as long as it lives.
class ThunkCache {
 public:
  /// Makes what is independent of signatures. All code is for `target`. Errors: out_of_memory.
  static Result<std::unique_ptr<ThunkCache>> create(
      const jit::TrapCallbacks& callbacks,
      std::span<const void* const, kNumBuiltins> builtin_functions, const jit::Target& target);

  const void* trap_landing() const { return trap_landing_; }
  /// By Builtin: what VmContext::builtins points to.
  const void* const* builtins() const { return builtins_.data(); }

  using CallForm = jit::CallForm;
  /// The code of a thunk. Errors: out_of_memory.
  Result<const void*> entry(const FuncType& type, CallForm form) {
    return find_or_make(Direction::entry, form, type);
  }
  Result<const void*> host(const FuncType& type, CallForm form) {
    return find_or_make(Direction::host, form, type);
  }
  /// Makes the thunks of several types at once, in the array form, in common pages: each page costs
  /// system calls.
  Result<> prepare(std::span<const FuncType* const> entries,
                   std::span<const FuncType* const> hosts);

 private:
  enum class Direction : char { entry = 'e', host = 'h' };

  explicit ThunkCache(const jit::Target& target) : target_(target) {}
  Result<const void*> find_or_make(Direction direction, CallForm form, const FuncType& type);
  std::vector<uint8_t> make(Direction direction, CallForm form, const FuncType& type) const;
  Result<const uint8_t*> publish(std::span<const uint8_t> code);

  const jit::Target target_;
  std::mutex mutex_;
  std::vector<platform::CodeMemory> memory_;
  std::map<std::string, const void*> thunks_;  // by direction, form and shape
  const void* trap_landing_ = nullptr;
  const void* raise_ = nullptr;
  std::array<const void*, kNumBuiltins> builtins_ = {};
};

}  // namespace swoop
