#include "runtime/thunk_cache.h"

#include <cstring>

namespace swoop {
namespace {

host_isa::EntryThunk as_entry(const uint8_t* code) {
  return reinterpret_cast<host_isa::EntryThunk>(reinterpret_cast<uintptr_t>(code));
}

}  // namespace

Result<std::unique_ptr<ThunkCache>> ThunkCache::create(
    const host_isa::TrapCallbacks& callbacks,
    std::span<const void* const, kNumBuiltins> builtin_functions) {
  std::unique_ptr<ThunkCache> cache(new ThunkCache);
  const host_isa::CoreThunks core = host_isa::make_core_thunks(callbacks, builtin_functions);
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
  if (!memory->seal()) {
    return Error(ErrorKind::out_of_memory, "the system refuses executable memory");
  }
  memory_.push_back(std::move(*memory));
  return memory_.back().data();
}

Result<host_isa::EntryThunk> ThunkCache::entry(const FuncType& type) {
  const std::lock_guard lock(mutex_);
  std::string shape = host_isa::thunk_shape(type);
  if (const auto found = entries_.find(shape); found != entries_.end()) return found->second;
  const host_isa::EntryThunk thunk = as_entry(TRY(publish(host_isa::make_entry_thunk(type))));
  entries_.emplace(std::move(shape), thunk);
  return thunk;
}

Result<const void*> ThunkCache::host(const FuncType& type) {
  const std::lock_guard lock(mutex_);
  std::string shape = host_isa::thunk_shape(type);
  if (const auto found = hosts_.find(shape); found != hosts_.end()) return found->second;
  const void* const thunk = TRY(publish(host_isa::make_host_thunk(type, raise_)));
  hosts_.emplace(std::move(shape), thunk);
  return thunk;
}

Result<> ThunkCache::prepare(std::span<const FuncType* const> entries,
                             std::span<const FuncType* const> hosts) {
  const std::lock_guard lock(mutex_);
  std::vector<uint8_t> code;
  std::map<std::string, size_t> new_entries, new_hosts;
  const auto add = [&](const FuncType& type, const auto& known, auto& added, const auto& make) {
    std::string shape = host_isa::thunk_shape(type);
    if (known.contains(shape) || !added.try_emplace(std::move(shape), code.size()).second) return;
    const std::vector<uint8_t> thunk = make(type);
    code.insert(code.end(), thunk.begin(), thunk.end());
    code.resize((code.size() + 15) & ~size_t{15});
  };
  for (const FuncType* const type : entries) {
    add(*type, entries_, new_entries, host_isa::make_entry_thunk);
  }
  for (const FuncType* const type : hosts) {
    add(*type, hosts_, new_hosts,
        [this](const FuncType& host) { return host_isa::make_host_thunk(host, raise_); });
  }
  if (code.empty()) return {};
  const uint8_t* const begin = TRY(publish(code));
  for (const auto& [shape, offset] : new_entries) entries_.emplace(shape, as_entry(begin + offset));
  for (const auto& [shape, offset] : new_hosts) hosts_.emplace(shape, begin + offset);
  return {};
}

}  // namespace swoop
