// When a store ends what its embedder cannot reach any more, so that one store may have any number
// of instances in its life.
#pragma once

#include "api/wasm_c_api/store.h"

namespace swoop::wasm_c_api {

/// Ends what no handle reaches, and the objects that only the store knew. Nothing happens while
/// WebAssembly runs. False: nothing was tried.
bool collect(wasm_store_t& store);

/// The same if there may be as much garbage as there was of use after the last time.
void collect_if_due(wasm_store_t& store);

}  // namespace swoop::wasm_c_api
