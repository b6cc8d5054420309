// libswoop-wasi: the functions as imports, and programs that run with them.
//
// Safety: guest memory is asked for at each call, as it may have grown, and every access to it is
// checked by wasi/guest_memory.h. Noticed by tests/wasi/hostile_pointers_test.cc.
#include "api/wasi_objects.h"
#include "platform/interrupt.h"
#include "wasi/binding.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

namespace swoop::wasi_api {

std::optional<std::span<uint8_t>> memory_of(swoop_caller_t* caller) {
  swoop_instance_t instance;
  swoop_extern_t found;
  if (!swoop_caller_instance(caller, &instance)) return std::nullopt;
  constexpr std::string_view kName = "memory";
  if (swoop_error_t* const error =
          swoop_instance_export(instance, kName.data(), kName.size(), &found)) {
    swoop_release(error);
    return std::nullopt;
  }
  if (found.kind != SWOOP_MEMORY) return std::nullopt;
  uint64_t size = 0;
  uint8_t* const data = swoop_memory_data(found.of.memory, &size);
  return std::span(data, size);
}

thread_local GuestCall* GuestCall::innermost_ = nullptr;

GuestCall::GuestCall(swoop_caller_t* caller)
    : outer_(std::exchange(innermost_, this)), caller_(caller), memory_(memory_of(caller)) {}

GuestCall::~GuestCall() {
  innermost_ = outer_;
  if (error_ != nullptr) swoop_release(error_);
}

void GuestCall::came_back(swoop_error_t* error) {
  GuestCall* const call = innermost_;
  if (call == nullptr) {
    if (error != nullptr) swoop_release(error);
    return;
  }
  const auto memory = memory_of(call->caller_);
  if (!call->memory_.is_absent() && (!memory || memory->data() != call->memory_.begin())) {
    call->memory_.revoke();
    if (error == nullptr)
      error = misuse("a function of the embedder's called the guest, whose memory moved");
  }
  call->error_ = error;
}

namespace {

/// Drops a reference when it goes.
class Owned {
 public:
  explicit Owned(const void* handle) : handle_(handle) {}
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() {
    if (handle_ != nullptr) swoop_release(handle_);
  }

 private:
  const void* handle_;
};

/// What can end the call of a host function, as libswoop knows it. Its descriptor is asked for only
/// when the function is about to wait.
class CallerInterrupt final : public platform::Interrupt {
 public:
  explicit CallerInterrupt(swoop_caller_t* caller) : caller_(caller) {}
  bool is_raised() const noexcept override { return swoop_caller_is_stopped(caller_); }
  int descriptor() override { return swoop_caller_stop_descriptor(caller_); }

 private:
  swoop_caller_t* caller_;
};

/// One function of one environment.
struct Binding {
  std::shared_ptr<wasi::Context> context;
  const wasi::Function* function;
};

uint64_t word_of(const swoop_value_t& value) {
  return value.kind == SWOOP_I64 ? static_cast<uint64_t>(value.of.i64)
                                 : static_cast<uint32_t>(value.of.i32);
}

swoop_error_t* call_back(void* environment, swoop_caller_t* caller, const swoop_value_t* arguments,
                         size_t num_arguments, swoop_value_t* results, size_t num_results) {
  const Binding& binding = *static_cast<const Binding*>(environment);
  std::array<uint64_t, wasi::kMaxParameters> words = {};
  for (size_t i = 0; i < std::min(num_arguments, words.size()); ++i)
    words[i] = word_of(arguments[i]);

  CallerInterrupt interrupt(caller);
  GuestCall call(caller);
  const wasi::Answer answer =
      wasi::call(*binding.function, *binding.context, call.memory(), words.data(),
                 swoop_caller_can_be_stopped(caller) ? &interrupt : nullptr);
  if (swoop_error_t* const error = call.take_error()) return error;
  switch (answer.kind) {
    case wasi::Answer::returned: break;
    case wasi::Answer::exit: return swoop_error_new_exit(static_cast<int32_t>(answer.value));
    case wasi::Answer::trap: return make_error(SWOOP_ERROR_TRAP, answer.message);
    case wasi::Answer::interrupted: return swoop_error_new_trap(SWOOP_TRAP_INTERRUPTED);
  }
  if (num_results != 0) {
    results[0].kind = SWOOP_I32;
    results[0].of.i32 = static_cast<int32_t>(answer.value);
  }
  return nullptr;
}

swoop_error_t* define(swoop_imports_t* imports, wasi::Version version,
                      const wasi::Function& function,
                      const std::shared_ptr<wasi::Context>& context) {
  std::vector<swoop_val_kind_t> kinds;
  for (const char letter : function.parameters())
    kinds.push_back(letter == 'l' ? SWOOP_I64 : SWOOP_I32);
  kinds.resize(kinds.size() + function.results().size(), SWOOP_I32);
  const size_t num_parameters = function.parameters().size();
  const swoop_func_type_t type = {kinds.data(), num_parameters, kinds.data() + num_parameters,
                                  function.results().size()};
  const std::string_view module = wasi::to_string(version);
  return swoop_imports_define_func(imports, module.data(), module.size(), function.name.data(),
                                   function.name.size(), &type, call_back,
                                   new Binding{context, &function},
                                   [](void* binding) { delete static_cast<Binding*>(binding); });
}

std::optional<wasi::Version> version_of(swoop_wasi_version_t version) {
  if (version == SWOOP_WASI_UNSTABLE) return wasi::Version::unstable;
  if (version == SWOOP_WASI_PREVIEW1) return wasi::Version::preview1;
  return std::nullopt;
}

std::span<const swoop_import_type_t> imports_of(const swoop_module_t* module) {
  const swoop_import_type_t* imports = nullptr;
  const size_t count = swoop_module_imports(module, &imports);
  return {imports, count};
}

bool exports_func(const swoop_module_t* module, std::string_view name) {
  const swoop_export_type_t* exports = nullptr;
  const size_t count = swoop_module_exports(module, &exports);
  return std::ranges::any_of(std::span(exports, count), [&](const swoop_export_type_t& item) {
    return item.type.kind == SWOOP_FUNC && std::string_view(item.name, item.name_length) == name;
  });
}

/// Defines what of WASI the module imports and nobody has defined.
swoop_error_t* define_imported(swoop_imports_t* imports, const swoop_module_t* module,
                               const std::shared_ptr<wasi::Context>& context) {
  swoop_imports_allow_shadowing(imports, false);
  for (const swoop_import_type_t& import : imports_of(module)) {
    const auto version = wasi::version_of({import.module, import.module_length});
    if (!version) continue;
    const wasi::Function* const function =
        wasi::find_function(*version, {import.name, import.name_length});
    if (function == nullptr) continue;
    swoop_error_t* const error = define(imports, *version, *function, context);
    if (error == nullptr) continue;
    const bool is_defined = swoop_error_kind(error) == SWOOP_ERROR_MISUSE;
    if (!is_defined) return error;
    swoop_release(error);
  }
  return nullptr;
}

/// Options of which timeout and fuel go on from one call to the next.
class Options {
 public:
  Options(const swoop_store_t* store, const swoop_call_options_t* options)
      : store_(store), given_(options) {}
  /// To be used before the next call of this.
  const swoop_call_options_t* now() {
    // What is of another size, libswoop judges.
    if (given_ == nullptr || given_->size != sizeof(swoop_call_options_t)) return given_;
    rest_ = *given_;
    if (rest_.timeout_ns != UINT64_MAX) {
      const auto passed = std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin_);
      rest_.timeout_ns -= std::min(rest_.timeout_ns, static_cast<uint64_t>(passed.count()));
    }
    if (rest_.fuel != UINT64_MAX)
      rest_.fuel -= std::min(rest_.fuel, begin_fuel_ - std::min(begin_fuel_, fuel()));
    return &rest_;
  }

 private:
  uint64_t fuel() const {
    uint64_t left = 0;
    swoop_store_fuel(store_, &left);
    return left;
  }

  const swoop_store_t* const store_;
  const swoop_call_options_t* const given_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  const uint64_t begin_fuel_ = fuel();
  swoop_call_options_t rest_ = {};
};

/// A module that is being started.
class Program {
 public:
  Program(swoop_store_t* store, swoop_module_t* module, const swoop_call_options_t* options)
      : store_(store), module_(module), options_(store, options) {}
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (linked_ != nullptr) swoop_release(linked_);
  }

  swoop_error_t* link(const swoop_wasi_env_t* env, const swoop_imports_t* extra) {
    const Borrowed<EnvObject> object(env);
    if (!object) return misuse("run: not a WASI environment");
    swoop_imports_t* const imports =
        extra == nullptr ? swoop_imports_new() : swoop_imports_copy(extra);
    const Owned owned(imports);
    if (imports == nullptr) return misuse("run: the extra imports are none");
    if (swoop_error_t* const error = define_imported(imports, module_, object->context))
      return error;
    return swoop_link(imports, module_, &linked_);
  }
  swoop_error_t* instantiate() {
    return swoop_linked_instantiate(linked_, store_, options_.now(), &instance_);
  }
  swoop_error_t* call(std::string_view name) {
    swoop_extern_t found;
    if (swoop_error_t* const error =
            swoop_instance_export(instance_, name.data(), name.size(), &found))
      return error;
    return swoop_func_call(found.of.func, options_.now(), nullptr, 0, nullptr, 0);
  }
  swoop_instance_t instance() const { return instance_; }

 private:
  swoop_store_t* const store_;
  swoop_module_t* const module_;
  Options options_;
  swoop_linked_t* linked_ = nullptr;
  swoop_instance_t instance_ = {};
};

constexpr std::string_view kStart = "_start";
constexpr std::string_view kInitialize = "_initialize";

}  // namespace
}  // namespace swoop::wasi_api

using namespace swoop;
using namespace swoop::wasi_api;

swoop_wasi_version_t swoop_wasi_detect(const swoop_module_t* module) {
  if (!swoop_retain(module)) return SWOOP_WASI_NONE;
  const Owned owned(module);
  swoop_wasi_version_t newest = SWOOP_WASI_NONE;
  for (const swoop_import_type_t& import : imports_of(module)) {
    const auto version = wasi::version_of({import.module, import.module_length});
    if (!version || import.type.kind != SWOOP_FUNC) continue;
    const bool is_newest = *version == wasi::Version::preview1;
    newest = std::max<swoop_wasi_version_t>(newest,
                                            is_newest ? SWOOP_WASI_PREVIEW1 : SWOOP_WASI_UNSTABLE);
  }
  return newest;
}

swoop_wasi_sink_t* swoop_wasi_env_captured(const swoop_wasi_env_t* env,
                                           swoop_wasi_stream_t stream) {
  const Borrowed<EnvObject> object(env);
  if (!object || (stream != SWOOP_WASI_STDOUT && stream != SWOOP_WASI_STDERR)) return nullptr;
  const std::shared_ptr<wasi::Sink>& sink = stream == SWOOP_WASI_STDOUT
                                                ? object->context->captured_stdout()
                                                : object->context->captured_stderr();
  if (sink == nullptr) return nullptr;
  return make_handle<swoop_wasi_sink_t>(std::make_unique<SinkObject>(SinkObject{sink}));
}

swoop_error_t* swoop_wasi_env_add_to(const swoop_wasi_env_t* env, swoop_imports_t* imports,
                                     swoop_wasi_version_t version) {
  const Borrowed<EnvObject> object(env);
  if (!object) return misuse("add: not a WASI environment");
  const std::optional<wasi::Version> of = version_of(version);
  if (!of) return misuse("add: there is no such version of WASI");
  for (const wasi::Function& function : wasi::functions(*of)) {
    if (swoop_error_t* const error = define(imports, *of, function, object->context)) return error;
  }
  return nullptr;
}

swoop_error_t* swoop_wasi_env_run(const swoop_wasi_env_t* env, swoop_store_t* store,
                                  swoop_module_t* module, const swoop_imports_t* extra,
                                  const swoop_call_options_t* options, int32_t* exit_code) {
  const Owned owned(swoop_retain(module) ? module : nullptr);
  Program program(store, module, options);
  if (swoop_error_t* const error = program.link(env, extra)) return error;
  if (!exports_func(module, kStart)) {
    return make_error(SWOOP_ERROR_NOT_FOUND,
                      "the module exports no function \"_start\": it is not a command");
  }
  swoop_error_t* error = program.instantiate();
  if (error == nullptr) error = program.call(kStart);
  if (error == nullptr) {
    *exit_code = 0;
    return nullptr;
  }
  if (!swoop_error_exit_code(error, exit_code)) return error;
  swoop_release(error);
  return nullptr;
}

swoop_error_t* swoop_wasi_env_instantiate(const swoop_wasi_env_t* env, swoop_store_t* store,
                                          swoop_module_t* module, const swoop_imports_t* extra,
                                          const swoop_call_options_t* options,
                                          swoop_instance_t* instance) {
  const Owned owned(swoop_retain(module) ? module : nullptr);
  Program program(store, module, options);
  if (swoop_error_t* const error = program.link(env, extra)) return error;
  if (exports_func(module, kStart)) {
    return make_error(SWOOP_ERROR_TYPE_MISMATCH,
                      "the module exports \"_start\": it is a command, to be run");
  }
  if (swoop_error_t* const error = program.instantiate()) return error;
  if (exports_func(module, kInitialize)) {
    if (swoop_error_t* const error = program.call(kInitialize)) return error;
  }
  *instance = program.instance();
  return nullptr;
}
