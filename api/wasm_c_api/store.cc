#include "api/wasm_c_api/store.h"

#include "api/wasm_c_api/trap.h"

#include <utility>

using namespace swoop::wasm_c_api;

wasm_store_t::~wasm_store_t() {
  kind = Kind::destroyed;
  // No handle is left, so the store's own counts are the last: finalizers run here.
  for (const auto& [word, ref] : std::exchange(externrefs, {})) remove_internal(*ref);
  for (const auto& [entity, ref] : std::exchange(objects, {})) remove_internal(*ref);
  if (thrown != nullptr) remove_internal(*thrown);
}

namespace swoop::wasm_c_api {

void remove_use(wasm_store_t* store) {
  if (store != nullptr && store->uses.fetch_sub(1, std::memory_order_acq_rel) == 1) delete store;
}

}  // namespace swoop::wasm_c_api

wasm_config_t* wasm_config_new(void) {
  return new wasm_config_t;
}

void wasm_config_delete(wasm_config_t* handle) {
  delete as<wasm_config_t>(handle);
}

wasm_engine_t* wasm_engine_new(void) {
  return wasm_engine_new_with_config(nullptr);
}

wasm_engine_t* wasm_engine_new_with_config(wasm_config_t* handle) {
  const std::unique_ptr<wasm_config_t> config(as<wasm_config_t>(handle));
  auto engine = swoop::Engine::create(config == nullptr ? swoop::EngineConfig() : config->config);
  if (!engine.ok()) return nullptr;
  return new wasm_engine_t{wasm_engine_t::kKind, *std::move(engine)};
}

void wasm_engine_delete(wasm_engine_t* handle) {
  delete as<wasm_engine_t>(handle);
}

wasm_store_t* wasm_store_new(wasm_engine_t* handle) {
  const wasm_engine_t* const engine = as<wasm_engine_t>(handle);
  return engine == nullptr ? nullptr : new wasm_store_t(engine->engine);
}

void wasm_store_delete(wasm_store_t* handle) {
  wasm_store_t* const store = as<wasm_store_t>(handle);
  if (store != nullptr && !store->is_deleted.exchange(true)) remove_use(store);
}
