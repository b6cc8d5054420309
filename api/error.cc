#include "api/error.h"

#include "api/object.h"
#include "base/index_vector.h"

namespace swoop::api {
namespace {

swoop_error_kind_t kind_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::malformed: return SWOOP_ERROR_MALFORMED;
    case ErrorKind::invalid: return SWOOP_ERROR_INVALID;
    case ErrorKind::unlinkable: return SWOOP_ERROR_UNLINKABLE;
    case ErrorKind::limit_exceeded: return SWOOP_ERROR_LIMIT_EXCEEDED;
    case ErrorKind::out_of_memory: return SWOOP_ERROR_OUT_OF_MEMORY;
    case ErrorKind::unsupported: return SWOOP_ERROR_UNSUPPORTED;
    case ErrorKind::io: return SWOOP_ERROR_IO;
  }
  UNREACHABLE();
}

constexpr struct {
  TrapCode code;
  swoop_trap_code_t raw;
} kTrapCodes[] = {
    {TrapCode::unreachable, SWOOP_TRAP_UNREACHABLE},
    {TrapCode::integer_divide_by_zero, SWOOP_TRAP_INTEGER_DIVIDE_BY_ZERO},
    {TrapCode::integer_overflow, SWOOP_TRAP_INTEGER_OVERFLOW},
    {TrapCode::invalid_conversion_to_integer, SWOOP_TRAP_INVALID_CONVERSION_TO_INTEGER},
    {TrapCode::out_of_bounds_memory_access, SWOOP_TRAP_MEMORY_OUT_OF_BOUNDS},
    {TrapCode::out_of_bounds_table_access, SWOOP_TRAP_TABLE_OUT_OF_BOUNDS},
    {TrapCode::undefined_element, SWOOP_TRAP_UNDEFINED_ELEMENT},
    {TrapCode::uninitialized_element, SWOOP_TRAP_UNINITIALIZED_ELEMENT},
    {TrapCode::indirect_call_type_mismatch, SWOOP_TRAP_INDIRECT_CALL_TYPE_MISMATCH},
    {TrapCode::null_reference, SWOOP_TRAP_NULL_REFERENCE},
    {TrapCode::null_function_reference, SWOOP_TRAP_NULL_REFERENCE},
    {TrapCode::null_i31_reference, SWOOP_TRAP_NULL_REFERENCE},
    {TrapCode::null_exception_reference, SWOOP_TRAP_NULL_REFERENCE},
    {TrapCode::out_of_heap, SWOOP_TRAP_OUT_OF_HEAP},
    {TrapCode::call_stack_exhausted, SWOOP_TRAP_STACK_EXHAUSTED},
    {TrapCode::interrupted, SWOOP_TRAP_INTERRUPTED},
    {TrapCode::out_of_fuel, SWOOP_TRAP_OUT_OF_FUEL},
    {TrapCode::host, SWOOP_TRAP_HOST},
};

swoop_trap_code_t raw_of(TrapCode code) {
  for (const auto& entry : kTrapCodes) {
    if (entry.code == code) return entry.raw;
  }
  return SWOOP_TRAP_HOST;
}

TrapCode trap_code_of(swoop_trap_code_t raw) {
  for (const auto& entry : kTrapCodes) {
    if (entry.raw == raw) return entry.code;
  }
  return TrapCode::host;
}

/// What a trap of a host function carries: the error it answered with.
class Answer final : public TrapPayload {
 public:
  explicit Answer(uint64_t error) : error_(error) {}
  uint64_t error() const { return error_.number(); }

 private:
  Kept error_;
};

/// Names in messages may have NUL bytes, which would end the text for C.
std::string without_nul(std::string text) {
  for (size_t at = 0; (at = text.find('\0', at)) != text.npos;) text.replace(at, 1, "\\00");
  return text;
}

}  // namespace

swoop_error_t* make_error(std::unique_ptr<ErrorObject> error) {
  // Made with the first error, so that it is there when no more handles can be: null is success.
  static void* const last_resort = make_handle(
      HandleKind::error,
      std::make_unique<ErrorObject>(SWOOP_ERROR_OUT_OF_MEMORY, "no memory for a handle"));
  void* made = make_handle(HandleKind::error, std::move(error));
  if (made == nullptr && retain_handle(number_of(last_resort))) made = last_resort;
  return static_cast<swoop_error_t*>(made);
}

swoop_error_t* make_error(swoop_error_kind_t kind, std::string message) {
  return make_error(std::make_unique<ErrorObject>(kind, std::move(message)));
}

swoop_error_t* make_error(const Error& error) {
  return make_error(std::make_unique<ErrorObject>(error));
}

swoop_error_t* make_error(Completion completion, uint64_t store) {
  if (completion.returned()) return nullptr;
  if (const Exit* const exit = completion.exit()) {
    auto object = std::make_unique<ErrorObject>(
        SWOOP_ERROR_EXIT, "the program ended itself with code " + std::to_string(exit->code));
    object->exit_code = exit->code;
    return make_error(std::move(object));
  }
  std::unique_ptr<ErrorObject> object;
  if (const Trap* const trap = completion.trap()) {
    object = std::make_unique<ErrorObject>(SWOOP_ERROR_TRAP, trap->message);
    object->trap_code = raw_of(trap->code);
    if (trap->payload != nullptr) {
      const Borrowed<ErrorObject> answer(static_cast<const Answer&>(*trap->payload).error());
      if (answer) object->payload = Kept::retained(answer->payload.number());
    }
  } else {
    object = std::make_unique<ErrorObject>(SWOOP_ERROR_EXCEPTION, completion.exception()->message);
    object->store = store;
  }
  object->completion.emplace(std::move(completion));
  return make_error(std::move(object));
}

Completion completion_of(swoop_error_t* error, uint64_t store) {
  const Kept taken(number_of(error));
  const Borrowed<ErrorObject> object(error);
  if (!object) return Completion::trap("a host function failed with what is not an error");
  if (object->kind() == SWOOP_ERROR_EXIT) return Completion::exit(object->exit_code);
  if (object->completion) {
    // Passed on from a call of its own.
    if (const Exception* const exception = object->completion->exception()) {
      if (object->store == store) {
        Exception thrown;
        thrown.message = exception->message;
        thrown.object = exception->object;
        return Completion::exception(std::move(thrown));
      }
    } else {
      const Trap& trap = *object->completion->trap();
      if (trap.code != TrapCode::host) return Completion::trap(trap.code);
    }
  }
  Completion completion = Completion::trap(object->message());
  if (object->completion && object->completion->trap() && object->completion->trap()->payload) {
    // Not a chain of errors, which a loop of host calls would make endless.
    completion.trap()->payload = object->completion->trap()->payload;
    return completion;
  }
  completion.trap()->payload = std::make_shared<Answer>(Kept::retained(number_of(error)).release());
  return completion;
}

ErrorObject::ErrorObject(const Error& error)
    : offset(error.offset == kNoOffset ? UINT64_MAX : error.offset),
      kind_(kind_of(error.kind)),
      message_(without_nul(error.message)) {}

ErrorObject::ErrorObject(swoop_error_kind_t kind, std::string message)
    : kind_(kind), message_(without_nul(std::move(message))) {}

const char* ErrorObject::render() const {
  std::call_once(rendered_once_, [&] {
    if (const CallFailure* const call = failure()) {
      rendered_ = call->render();
    } else {
      rendered_ = message_;
      if (!excerpt.empty())
        rendered_ += "\n" + excerpt;
      else if (offset != UINT64_MAX)
        rendered_ += " (at byte " + std::to_string(offset) + ")";
    }
    rendered_ = without_nul(std::move(rendered_));
    while (rendered_.ends_with('\n')) rendered_.pop_back();
  });
  return rendered_.c_str();
}

const std::vector<swoop_frame_t>& ErrorObject::frames() const {
  std::call_once(frames_once_, [&] {
    if (failure() == nullptr) return;
    for (const Frame& frame : failure()->frames) {
      frames_.push_back({frame.module_name.c_str(), frame.func_name.c_str(),
                         to_underlying(frame.func), frame.func_offset, frame.module_offset,
                         frame.file.c_str(), frame.line, frame.column});
    }
  });
  return frames_;
}

}  // namespace swoop::api

using swoop::api::Borrowed;
using swoop::api::ErrorObject;
using swoop::api::Kept;

swoop_error_t* swoop_error_new(swoop_error_kind_t kind, const char* message, size_t length,
                               swoop_object_t* payload) {
  if (kind < SWOOP_ERROR_MALFORMED || kind >= SWOOP_ERROR_EXIT)
    return swoop::api::misuse(kind == SWOOP_ERROR_EXIT
                                  ? "error: an exit is made by swoop_error_new_exit"
                                  : "error: no such kind");
  auto error = std::make_unique<ErrorObject>(kind, std::string(message, length));
  if (kind == SWOOP_ERROR_TRAP) error->trap_code = SWOOP_TRAP_HOST;
  error->payload = Kept::retained(swoop::api::number_of(payload));
  return swoop::api::make_error(std::move(error));
}

swoop_error_t* swoop_error_new_trap(swoop_trap_code_t code) {
  return swoop::api::make_error(swoop::Completion::trap(swoop::api::trap_code_of(code)), 0);
}

swoop_error_t* swoop_error_new_exit(int32_t code) {
  return swoop::api::make_error(swoop::Completion::exit(code), 0);
}

swoop_error_kind_t swoop_error_kind(const swoop_error_t* error) {
  const Borrowed<ErrorObject> object(error);
  return object ? object->kind() : swoop_error_kind_t{SWOOP_ERROR_MISUSE};
}

const char* swoop_error_message(const swoop_error_t* error) {
  const Borrowed<ErrorObject> object(error);
  return object ? object->message().c_str() : "not an error";
}

const char* swoop_error_render(const swoop_error_t* error) {
  const Borrowed<ErrorObject> object(error);
  return object ? object->render() : "not an error";
}

uint64_t swoop_error_offset(const swoop_error_t* error) {
  const Borrowed<ErrorObject> object(error);
  return object ? object->offset : UINT64_MAX;
}

swoop_trap_code_t swoop_error_trap_code(const swoop_error_t* error) {
  const Borrowed<ErrorObject> object(error);
  return object ? object->trap_code : swoop_trap_code_t{SWOOP_TRAP_NONE};
}

bool swoop_error_exit_code(const swoop_error_t* error, int32_t* code) {
  const Borrowed<ErrorObject> object(error);
  if (!object || object->kind() != SWOOP_ERROR_EXIT) return false;
  *code = object->exit_code;
  return true;
}

size_t swoop_error_frames(const swoop_error_t* error, const swoop_frame_t** frames) {
  const Borrowed<ErrorObject> object(error);
  if (!object) return 0;
  *frames = object->frames().data();
  return object->frames().size();
}

swoop_object_t* swoop_error_payload(const swoop_error_t* error) {
  const Borrowed<ErrorObject> object(error);
  if (!object) return nullptr;
  const uint64_t payload = object->payload.number();
  return swoop::api::retain_handle(payload) ? swoop::api::to_handle<swoop_object_t>(payload)
                                            : nullptr;
}
