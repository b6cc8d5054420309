#include "api/wasm_c_api/trap.h"

#include "api/wasm_c_api/store.h"
#include "api/wasm_c_api/vector.h"

#include <utility>

using namespace swoop::wasm_c_api;

wasm_trap_t::~wasm_trap_t() {
  for (const FrameInfo& frame : frames) {
    if (frame.instance != nullptr) remove_internal(*frame.instance);
  }
}

namespace swoop::wasm_c_api {
namespace {

void set_frames(wasm_store_t& store, wasm_trap_t& trap, CallFailure& failure) {
  if (!trap.frames.empty()) return;
  for (const Frame& from : failure.frames) {
    FrameInfo frame;
    if (from.instance != nullptr) {
      frame.instance = object_of(store, from.instance);
      add_internal(*frame.instance);
    }
    frame.func_index = to_underlying(from.func);
    frame.func_offset = from.func_offset;
    frame.module_offset = from.module_offset;
    trap.frames.push_back(frame);
  }
  trap.backtrace = std::move(failure.frames);
  trap.has_more_frames = failure.has_more_frames;
  trap.has_backtrace = failure.has_backtrace;
}

wasm_frame_t* make_frame(const FrameInfo& info) {
  auto* const frame = new wasm_frame_t;
  frame->info = info;
  new_handle(info.instance);
  return frame;
}

}  // namespace

wasm_trap_t* make_trap(wasm_store_t* store, std::string message) {
  return new_handle(new wasm_trap_t(store, std::move(message)));
}

wasm_trap_t* to_trap(wasm_store_t& store, Completion completion) {
  if (const Exit* const exit = completion.exit()) {
    wasm_trap_t* const trap =
        make_trap(&store, "the program exited with code " + std::to_string(exit->code));
    trap->exit_code = exit->code;
    return trap;
  }
  CallFailure& failure = *completion.failure();
  wasm_trap_t* const thrown = std::exchange(store.thrown, nullptr);
  const bool is_thrown = thrown != nullptr && completion.trap() != nullptr &&
                         completion.trap()->code == thrown->code &&
                         failure.message == thrown->message;
  wasm_trap_t* const trap =
      is_thrown ? new_handle(thrown) : make_trap(&store, std::move(failure.message));
  if (thrown != nullptr) remove_internal(*thrown);
  if (completion.trap() != nullptr) trap->code = completion.trap()->code;
  if (completion.exception() != nullptr) trap->exception = completion.exception()->object;
  set_frames(store, *trap, failure);
  return trap;
}

Completion to_completion(wasm_store_t& store, wasm_trap_t* handle) {
  wasm_trap_t* const trap = as<wasm_trap_t>(handle);
  if (trap == nullptr)
    return Completion::trap("a callback answered with something else than a trap");
  Completion completion;
  if (trap->exit_code) {
    completion = Completion::exit(*trap->exit_code);
  } else if (trap->exception != nullptr && trap->store == &store) {
    Exception exception;
    exception.object = trap->exception;
    exception.message = trap->message;
    completion = Completion::exception(std::move(exception));
  } else {
    completion = Completion::trap(trap->message);
    completion.trap()->code = trap->code;
    // The runtime asks by the code whether to look for the frames.
    if (trap->store == &store) {
      if (wasm_trap_t* const before = std::exchange(store.thrown, trap)) remove_internal(*before);
      add_internal(*trap);
    }
  }
  if (CallFailure* const failure = completion.failure();
      failure != nullptr && trap->store == &store) {
    failure->frames = trap->backtrace;
    failure->has_more_frames = trap->has_more_frames;
    failure->has_backtrace = trap->has_backtrace;
  }
  remove_handle(trap);
  return completion;
}

}  // namespace swoop::wasm_c_api

void wasm_frame_delete(wasm_frame_t* handle) {
  wasm_frame_t* const frame = as<wasm_frame_t>(handle);
  if (frame == nullptr || frame->count.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  frame->kind = Kind::destroyed;
  remove_handle(frame->info.instance);
  delete frame;
}

wasm_frame_t* wasm_frame_copy(const wasm_frame_t* handle) {
  wasm_frame_t* const frame = as<wasm_frame_t>(handle);
  if (frame != nullptr) frame->count.fetch_add(1, std::memory_order_relaxed);
  return frame;
}

wasm_instance_t* wasm_frame_instance(const wasm_frame_t* handle) {
  const wasm_frame_t* const frame = as<wasm_frame_t>(handle);
  return frame == nullptr ? nullptr : frame->info.instance;
}

uint32_t wasm_frame_func_index(const wasm_frame_t* handle) {
  const wasm_frame_t* const frame = as<wasm_frame_t>(handle);
  return frame == nullptr ? 0 : frame->info.func_index;
}

size_t wasm_frame_func_offset(const wasm_frame_t* handle) {
  const wasm_frame_t* const frame = as<wasm_frame_t>(handle);
  return frame == nullptr ? 0 : frame->info.func_offset;
}

size_t wasm_frame_module_offset(const wasm_frame_t* handle) {
  const wasm_frame_t* const frame = as<wasm_frame_t>(handle);
  return frame == nullptr ? 0 : frame->info.module_offset;
}

wasm_trap_t* wasm_trap_new(wasm_store_t* handle, const wasm_message_t* message) {
  std::string text;
  if (message != nullptr && message->data != nullptr) text.assign(message->data, message->size);
  if (text.ends_with('\0')) text.pop_back();
  return make_trap(as<wasm_store_t>(handle), std::move(text));
}

void wasm_trap_message(const wasm_trap_t* handle, wasm_message_t* out) {
  const wasm_trap_t* const trap = as<wasm_trap_t>(handle);
  if (trap == nullptr) {
    wasm_byte_vec_new_empty(out);
  } else {
    wasm_byte_vec_new(out, trap->message.size() + 1, trap->message.c_str());
  }
}

wasm_frame_t* wasm_trap_origin(const wasm_trap_t* handle) {
  const wasm_trap_t* const trap = as<wasm_trap_t>(handle);
  return trap == nullptr || trap->frames.empty() ? nullptr : make_frame(trap->frames.front());
}

void wasm_trap_trace(const wasm_trap_t* handle, wasm_frame_vec_t* out) {
  if (out == nullptr) return;
  const wasm_trap_t* const trap = as<wasm_trap_t>(handle);
  make_vector(*out, trap == nullptr ? 0 : trap->frames.size());
  for (size_t i = 0; i < out->size; ++i) out->data[i] = make_frame(trap->frames[i]);
}
