// Traps and backtraces of wasm.h, and what ends a call in the runtime.
#pragma once

#include "api/wasm_c_api/externals.h"
#include "api/wasm_c_api/object.h"
#include "runtime/trap.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace swoop::wasm_c_api {

struct FrameInfo {
  wasm_instance_t* instance = nullptr;  // may be null
  uint32_t func_index = 0;
  size_t func_offset = 0;
  size_t module_offset = 0;
};

}  // namespace swoop::wasm_c_api

struct wasm_frame_t {
  static constexpr swoop::wasm_c_api::Kind kKind = swoop::wasm_c_api::Kind::frame;
  swoop::wasm_c_api::Kind kind = kKind;
  std::atomic<uint32_t> count = 1;
  swoop::wasm_c_api::FrameInfo info;  // with a handle of the instance
};

/// What ended a call, as wasm.h has it: also exceptions and exits, which become themselves again
/// when a callback answers with them.
struct wasm_trap_t : wasm_ref_t {
  static constexpr Kind kKind = Kind::trap;
  wasm_trap_t(wasm_store_t* s, std::string m)
      : wasm_ref_t(kKind, s, false), message(std::move(m)) {}
  ~wasm_trap_t();

  std::string message;
  swoop::TrapCode code = swoop::TrapCode::host;
  swoop::VmException* exception = nullptr;
  std::optional<int32_t> exit_code;
  // As the runtime made them; the frames for the embedder have internal counts of their instances.
  std::vector<swoop::Frame> backtrace;
  bool has_more_frames = false;
  bool has_backtrace = false;
  std::vector<swoop::wasm_c_api::FrameInfo> frames;
};

namespace swoop::wasm_c_api {

/// A new handle to a trap of the host. `store` may be null.
wasm_trap_t* make_trap(wasm_store_t* store, std::string message);
/// A new handle to the trap for a call that did not return: the one a callback answered, if it is
/// that.
wasm_trap_t* to_trap(wasm_store_t& store, Completion completion);
/// What a callback answers with this trap, whose handle is taken.
Completion to_completion(wasm_store_t& store, wasm_trap_t* trap);

}  // namespace swoop::wasm_c_api
