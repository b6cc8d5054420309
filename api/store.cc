#include "api/store.h"

#include "api/sized.h"
#include "base/check.h"
#include "vm/object.h"

#include <algorithm>
#include <cstring>

namespace swoop::api {

namespace {

constexpr const char* kNoFuel = "fuel: the engine's code does not count it";

}  // namespace

static_assert(sizeof(StackState) == offsetof(swoop_call_gate_t, generation) &&
              offsetof(StackState, low) == offsetof(swoop_call_gate_t, low) &&
              offsetof(StackState, size) == offsetof(swoop_call_gate_t, size) &&
              offsetof(StackState, thread) == offsetof(swoop_call_gate_t, thread));

StoreBox::StoreBox(std::shared_ptr<Engine> engine, const StoreLimits& limits, Environment data)
    : data_(std::move(data)), engine_(std::move(engine)), limits_(limits) {}

StoreBox::~StoreBox() {
  store_.reset();  // environments of host functions may ask for the data
  for (const uint64_t object : objects_) release_handle(object);
}

void StoreBox::open(uint64_t number) {
  number_ = number;
  auto* const stack = reinterpret_cast<StackState*>(&slot_of(number).gate);
  store_ = std::make_unique<Store>(engine_, limits_, this, stack);
}

swoop_func_t StoreBox::name(const Func& func) {
  const auto id = static_cast<uint64_t>(reinterpret_cast<uintptr_t>(func.ref()));
  funcs_.try_emplace(id, func);
  return {number_, id};
}

swoop_extern_t StoreBox::name(const Extern& value) {
  swoop_extern_t named = {};
  named.kind = static_cast<swoop_extern_kind_t>(value.index());
  std::visit(
      [&](const auto& thing) {
        using Held = std::remove_cvref_t<decltype(thing)>;
        if constexpr (std::is_same_v<Held, Func>) named.of.func = name(thing);
        if constexpr (std::is_same_v<Held, Table*>) named.of.table = name(*thing);
        if constexpr (std::is_same_v<Held, Memory*>) named.of.memory = name(*thing);
        if constexpr (std::is_same_v<Held, Global*>) named.of.global = name(*thing);
        if constexpr (std::is_same_v<Held, Tag*>) named.of.tag = name(*thing);
      },
      value);
  return named;
}
static_assert(std::is_same_v<std::variant_alternative_t<SWOOP_FUNC, Extern>, Func> &&
              std::is_same_v<std::variant_alternative_t<SWOOP_TABLE, Extern>, Table*> &&
              std::is_same_v<std::variant_alternative_t<SWOOP_MEMORY, Extern>, Memory*> &&
              std::is_same_v<std::variant_alternative_t<SWOOP_GLOBAL, Extern>, Global*> &&
              std::is_same_v<std::variant_alternative_t<SWOOP_TAG, Extern>, Tag*>);

const Func* StoreBox::find(swoop_func_t func) const {
  const auto found = funcs_.find(func.id);
  return found == funcs_.end() ? nullptr : &found->second;
}

std::optional<Extern> StoreBox::find(const swoop_extern_t& value) const {
  const auto known = [&](const auto& named) -> std::optional<Extern> {
    auto* const thing = named.store == number_ ? find(named) : nullptr;
    if (thing == nullptr) return std::nullopt;
    if constexpr (std::is_same_v<decltype(thing), const Func* const>)
      return *thing;
    else
      return thing;
  };
  switch (value.kind) {
    case SWOOP_FUNC: return known(value.of.func);
    case SWOOP_TABLE: return known(value.of.table);
    case SWOOP_MEMORY: return known(value.of.memory);
    case SWOOP_GLOBAL: return known(value.of.global);
    case SWOOP_TAG: return known(value.of.tag);
    default: return std::nullopt;
  }
}

swoop_func_type_t StoreBox::lend_type(const Func& func) {
  return func_types_.try_emplace(&func.type(), func.type()).first->second.lend();
}

std::optional<std::string> StoreBox::to_value(const swoop_value_t& from, ValType type, Value& to) {
  if (from.kind != kind_of(type)) {
    static constexpr const char* kNames[] = {"i32",  "i64",     "f32",       "f64",
                                             "v128", "funcref", "externref", "another reference"};
    return "a value is " +
           std::string(from.kind <= SWOOP_OTHER_REF ? kNames[from.kind] : "of no kind") +
           " instead of " + kNames[kind_of(type)];
  }
  switch (from.kind) {
    case SWOOP_I32: to = Value::i32(from.of.i32); return std::nullopt;
    case SWOOP_I64: to = Value::i64(from.of.i64); return std::nullopt;
    case SWOOP_F32: to = Value::f32(from.of.f32); return std::nullopt;
    case SWOOP_F64: to = Value::f64(from.of.f64); return std::nullopt;
    case SWOOP_V128: std::memcpy(&to, from.of.v128, sizeof to); return std::nullopt;
    case SWOOP_FUNCREF: {
      if (from.of.func.id == 0) return to = {}, std::nullopt;
      const Func* const func = from.of.func.store == number_ ? find(from.of.func) : nullptr;
      if (func == nullptr) return "a function is of no store, or of another one";
      to = {reinterpret_cast<uintptr_t>(func->ref()), 0};
      return std::nullopt;
    }
    case SWOOP_EXTERNREF: {
      to = {word_of(from.of.object), 0};
      if (from.of.object != nullptr && to.low == 0) return "an externref is not an object";
      return std::nullopt;
    }
    default: return "a value is of a kind that the host cannot make";
  }
}

swoop_value_t StoreBox::from_value(const Value& from, ValType type) {
  swoop_value_t to = {};
  to.kind = kind_of(type);
  switch (to.kind) {
    case SWOOP_I32: to.of.i32 = from.as_i32(); break;
    case SWOOP_I64: to.of.i64 = from.as_i64(); break;
    case SWOOP_F32: to.of.f32 = from.as_f32(); break;
    case SWOOP_F64: to.of.f64 = from.as_f64(); break;
    case SWOOP_V128: std::memcpy(to.of.v128, &from, sizeof from); break;
    case SWOOP_FUNCREF:
      if (from.low != 0) {
        to.of.func =
            name(store_->func(reinterpret_cast<VmFuncRef*>(static_cast<uintptr_t>(from.low))));
      }
      break;
    case SWOOP_EXTERNREF: to.of.object = swoop_word_object(from.low); break;
    default: break;
  }
  return to;
}

uint64_t StoreBox::word_of(swoop_object_t* object) {
  const Borrowed<ObjectBox> box(object);
  if (!box) return 0;
  const uint64_t number = number_of(object);
  if (objects_.insert(number).second) retain_handle(number);
  return host_reference(number);
}

Result<CallOptions> call_options_of(const swoop_call_options_t* options, const Store& store) {
  CallOptions result;
  if (options == nullptr) return result;
  swoop_call_options_t chosen = swoop_call_options_default();
  if (!read_sized(*options, chosen))
    return Error(ErrorKind::unsupported, "call options: their size is none that the library knows");
  if (chosen.stop != nullptr) {
    const Borrowed<StopTokenObject> token(chosen.stop);
    if (!token) return Error(ErrorKind::unsupported, "call options: not a stop token");
    result.stop = token->token();
  }
  if (chosen.fuel != UINT64_MAX) {
    if (!store.fuel()) return Error(ErrorKind::unsupported, kNoFuel);
    result.fuel = chosen.fuel;
  }
  if (chosen.timeout_ns != UINT64_MAX) {
    result.timeout = std::chrono::nanoseconds(
        std::min<uint64_t>(chosen.timeout_ns, std::chrono::nanoseconds::max().count()));
  }
  return result;
}

}  // namespace swoop::api

using namespace swoop;
using namespace swoop::api;

swoop_error_t* swoop_store_new(swoop_engine_t* engine, const swoop_store_limits_t* limits,
                               void* data, void (*drop)(void*), swoop_store_t** store) {
  Environment owned(data, drop);  // until the store has it
  const Borrowed<EngineObject> on(engine);
  if (!on) return misuse("store: not an engine");
  swoop_store_limits_t chosen = swoop_store_limits_default();
  if (limits != nullptr) {
    if (!read_sized(*limits, chosen))
      return misuse("store: the size of its limits is none that the library " SWOOP_VERSION
                    " knows");
  }
  StoreLimits translated;
  translated.memory_bytes = chosen.memory_bytes;
  translated.table_elements = chosen.table_elements;
  translated.instances = chosen.instances;
  translated.memories = chosen.memories;
  translated.tables = chosen.tables;
  auto object = std::make_unique<StoreBox>(on->engine(), translated, std::move(owned));
  StoreBox& opened = *object;
  swoop_store_t* made = nullptr;
  if (swoop_error_t* const error = give(std::move(object), &made); error != nullptr) return error;
  opened.open(number_of(made));
  *store = made;
  return nullptr;
}

bool swoop_store_fuel(const swoop_store_t* store, uint64_t* fuel) {
  const Borrowed<StoreBox> object(store);
  const std::optional<uint64_t> left = object ? object->store().fuel() : std::nullopt;
  if (left) *fuel = *left;
  return left.has_value();
}

swoop_error_t* swoop_store_set_fuel(swoop_store_t* store, uint64_t fuel) {
  const Borrowed<StoreBox> object(store);
  if (!object) return misuse("fuel: not a store");
  return object->store().set_fuel(fuel) ? nullptr : misuse(kNoFuel);
}

swoop_error_t* swoop_caller_charge(swoop_caller_t* caller, uint64_t fuel) {
  StoreBox& store = *caller_of(caller).store;
  return make_error(store.store().charge(fuel), store.number());
}

void* swoop_store_data(const swoop_store_t* store) {
  const Borrowed<StoreBox> object(store);
  return object ? object->data() : nullptr;
}

swoop_stop_token_t* swoop_stop_token_new() {
  return static_cast<swoop_stop_token_t*>(
      make_handle(StopTokenObject::kKind, std::make_unique<StopTokenObject>()));
}

void swoop_stop_token_stop(swoop_stop_token_t* token) {
  const Borrowed<StopTokenObject> object(token);
  if (object) object->token().stop();
}

bool swoop_stop_token_is_stopped(const swoop_stop_token_t* token) {
  const Borrowed<StopTokenObject> object(token);
  return object && object->token().is_stopped();
}

uint64_t swoop_object_word(uint64_t store, swoop_object_t* object) {
  const Borrowed<StoreBox> of(store);
  return of ? of->word_of(object) : 0;
}

swoop_object_t* swoop_word_object(uint64_t word) {
  if (!is_host_reference(word)) return nullptr;
  const uint64_t number = host_number(word);
  return retain_handle(number) ? to_handle<swoop_object_t>(number) : nullptr;
}
