#include "api/wasm_c_api/collect.h"

#include "api/wasm_c_api/externals.h"
#include "runtime/collection.h"

#include <algorithm>
#include <unordered_set>
#include <vector>

namespace swoop::wasm_c_api {
namespace {

// A store that takes less than this is left alone.
constexpr uint64_t kMinBytes = 32 * 1024 * 1024;

// Traps need nothing: their frames count for their instances, which are held by that.
void mark(Collection& collection, wasm_ref_t& ref) {
  if (is_extern(ref.kind)) {
    collection.mark(entity_of(static_cast<wasm_extern_t&>(ref)));
  } else if (ref.kind == Kind::instance) {
    collection.mark(*static_cast<wasm_instance_t&>(ref).instance);
  }
}

bool is_reached(const Collection& collection, const void* entity, const wasm_ref_t& ref) {
  if (ref.kind != Kind::func) return collection.has(entity);
  return collection.has(static_cast<const wasm_func_t&>(ref).func.ref());
}

/// Whether anybody counts for it but the store, which does so `own_counts` times.
bool is_held(const wasm_ref_t& ref, uint64_t own_counts) {
  return ref.counts.load(std::memory_order_acquire) != own_counts * wasm_ref_t::kInternal;
}

bool has_host_info(const wasm_ref_t& ref) {
  return ref.host_info.load(std::memory_order_relaxed) != nullptr;
}

}  // namespace

bool collect(wasm_store_t& store) {
  if (!Collection::is_possible(store.store)) return false;
  std::unordered_set<const wasm_ref_t*> passed;  // as externrefs, at any time
  for (const auto& [word, ref] : store.externrefs) passed.insert(ref);
  std::unordered_set<uint64_t> reached_words;
  Collection collection(store.store, [&](Collection& marking, uint64_t word) {
    const auto found = store.externrefs.find(word);
    if (found != store.externrefs.end() && reached_words.insert(word).second) {
      mark(marking, *found->second);
    }
  });

  for (const auto& [entity, ref] : store.objects) {
    if (is_held(*ref, passed.contains(ref) ? 2 : 1)) mark(collection, *ref);
  }
  collection.trace();

  // Their store's counts are given up when all else is done, for that may run finalizers.
  std::vector<wasm_ref_t*> dropped;
  std::erase_if(store.externrefs, [&](const auto& entry) {
    const auto [word, ref] = entry;
    const bool stays = ref->kind == Kind::opaque ? is_held(*ref, 1) || has_host_info(*ref)
                                                 : reached_words.contains(word);
    if (!stays) dropped.push_back(ref);
    if (!stays) passed.erase(ref);
    return !stays;
  });
  std::erase_if(store.objects, [&](const auto& entry) {
    const auto [entity, ref] = entry;
    // One that nobody has seen can be made again, but its host info cannot.
    const bool stays = is_reached(collection, entity, *ref) &&
                       (is_held(*ref, 1) || passed.contains(ref) || has_host_info(*ref));
    if (!stays) dropped.push_back(ref);
    return !stays;
  });
  collection.sweep();
  for (wasm_ref_t* const ref : dropped) remove_internal(*ref);
  return true;
}

void collect_if_due(wasm_store_t& store) {
  if (Collection::size_bytes(store.store) < std::max(kMinBytes, store.collect_at_bytes)) return;
  if (collect(store)) store.collect_at_bytes = 2 * Collection::size_bytes(store.store);
}

}  // namespace swoop::wasm_c_api
