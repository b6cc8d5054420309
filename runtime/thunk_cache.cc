#include "runtime/thunk_cache.h"

#include <cstring>

namespace swoop {
namespace {

std::string key_of(char direction, jit::CallForm form, const FuncType& type) {
  const char form_letter = form == jit::CallForm::array ? 'a' : 'n';
  return std::string{direction, form_letter} + jit::thunk_shape(type);
}

}  // namespace

Result<std::unique_ptr<ThunkCache>> ThunkCache::create(
    const jit::TrapCallbacks& callbacks,
    std::span<const void* const, kNumBuiltins> builtin_functions, const jit::Target& target) {
  std::unique_ptr<ThunkCache> cache(new ThunkCache(target));
  const jit::CoreThunks core =
      jit::host_isa::make_core_thunks(callbacks, builtin_functions, target);
  const uint8_t* const code = TRY(cache->publish(core.code));
  cache->trap_landing_ = code + core.trap_landing;
  cache->raise_ = code + core.raise;
  for (size_t i = 0; i < kNumBuiltins; ++i) cache->builtins_[i] = code + core.builtins[i];
  return cache;
}

Result<const uint8_t*> ThunkCache::publish(std::span<const uint8_t> code) {
  std::optional<platform::CodeMemory> memory = platform::CodeMemory::allocate(code.size());
  if (!memory) return Error(ErrorKind::out_of_memory, "no memory for a call thunk");
  std::memcpy(memory->writable().data(), code.data(), code.size());
  if (!memory->seal(/*has_landing_pads=*/true)) {
    return Error(ErrorKind::out_of_memory, "the system refuses executable memory");
  }
  memory_.push_back(std::move(*memory));
  return memory_.back().data();
}

std::vector<uint8_t> ThunkCache::make(Direction direction, CallForm form,
                                      const FuncType& type) const {
  return direction == Direction::entry
             ? jit::host_isa::make_entry_thunk(type, form, target_)
             : jit::host_isa::make_host_thunk(type, form, raise_, target_);
}

Result<const void*> ThunkCache::find_or_make(Direction direction, CallForm form,
                                             const FuncType& type) {
  const std::lock_guard lock(mutex_);
  std::string key = key_of(static_cast<char>(direction), form, type);
  if (const auto found = thunks_.find(key); found != thunks_.end()) return found->second;
  const void* const thunk = TRY(publish(make(direction, form, type)));
  thunks_.emplace(std::move(key), thunk);
  return thunk;
}

Result<> ThunkCache::prepare(std::span<const FuncType* const> entries,
                             std::span<const FuncType* const> hosts) {
  const std::lock_guard lock(mutex_);
  std::vector<uint8_t> code;
  std::map<std::string, size_t> offsets;
  const auto add = [&](Direction direction, std::span<const FuncType* const> types) {
    for (const FuncType* const type : types) {
      std::string key = key_of(static_cast<char>(direction), CallForm::array, *type);
      if (thunks_.contains(key) || !offsets.try_emplace(std::move(key), code.size()).second) {
        continue;
      }
      const std::vector<uint8_t> thunk = make(direction, CallForm::array, *type);
      code.insert(code.end(), thunk.begin(), thunk.end());
      code.resize((code.size() + 15) & ~size_t{15});
    }
  };
  add(Direction::entry, entries);
  add(Direction::host, hosts);
  if (code.empty()) return {};
  const uint8_t* const begin = TRY(publish(code));
  for (const auto& [key, offset] : offsets) thunks_.emplace(key, begin + offset);
  return {};
}

}  // namespace swoop
