// Modules of wasm.h: the runtime's, with the bytes they were made of.
#pragma once

#include "api/wasm_c_api/object.h"
#include "runtime/module.h"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

namespace swoop::wasm_c_api {

/// A compiled module and its binary, which the runtime does not keep and serializing wants.
/// Immutable, of an engine, shared by stores and threads.
struct CompiledModule {
  struct Free {
    void operator()(uint8_t* memory) const { std::free(memory); }
  };

  std::shared_ptr<const Module> module;
  std::unique_ptr<uint8_t[], Free> bytes;
  size_t size = 0;
};

}  // namespace swoop::wasm_c_api

struct wasm_module_t : wasm_ref_t {
  static constexpr Kind kKind = Kind::module;
  wasm_module_t(wasm_store_t* s, std::shared_ptr<const swoop::wasm_c_api::CompiledModule> c)
      : wasm_ref_t(kKind, s, false), compiled(std::move(c)) {}

  std::shared_ptr<const swoop::wasm_c_api::CompiledModule> compiled;
};

struct wasm_shared_module_t {
  static constexpr swoop::wasm_c_api::Kind kKind = swoop::wasm_c_api::Kind::shared_module;

  swoop::wasm_c_api::Kind kind = kKind;
  std::shared_ptr<const swoop::wasm_c_api::CompiledModule> compiled;
};
