// Memories, tables and globals of the C ABI.
#include "api/store.h"

using namespace swoop;
using namespace swoop::api;

namespace {

constexpr const char* kGone = "of no store, or that is gone";

swoop_error_t* wrong_type(const std::string& message) {
  return make_error(SWOOP_ERROR_TYPE_MISMATCH, message);
}

Limits limits_from(const swoop_limits_t& limits) {
  Limits result{limits.min, std::nullopt};
  if (limits.max != UINT64_MAX) result.max = limits.max;
  return result;
}

AddressType address_type_from(bool is_64) {
  return is_64 ? AddressType::i64 : AddressType::i32;
}

swoop_error_t* out_of_bounds() {
  return make_error(Completion::trap(TrapCode::out_of_bounds_table_access), 0);
}

}  // namespace

swoop_error_t* swoop_memory_new(swoop_store_t* store, const swoop_memory_type_t* type,
                                swoop_memory_t* memory) {
  const Borrowed<StoreBox> in(store);
  if (!in) return misuse("memory: not a store");
  MemoryType wanted;
  wanted.limits = limits_from(type->pages);
  wanted.address_type = address_type_from(type->is_64);
  wanted.is_shared = type->is_shared;
  wanted.page_size_log2 = type->page_size_log2;
  if (wanted.page_size_log2 != 16 && wanted.page_size_log2 != 0)
    return wrong_type("memory: a page has 65536 bytes or one");
  if (wanted.is_shared || type->is_64)
    return make_error(SWOOP_ERROR_UNSUPPORTED, "memory: neither shared nor 64-bit memories yet");
  if (wanted.limits.max && *wanted.limits.max < wanted.limits.min)
    return wrong_type("memory: its maximum is less than its minimum");
  const Result<Memory*> made = in->store().make_memory(wanted);
  if (!made) return make_error(made.error());
  *memory = in->name(**made);
  return nullptr;
}

swoop_memory_type_t swoop_memory_type(swoop_memory_t memory) {
  const MemoryThing thing(memory);
  if (!thing) return {};
  swoop_memory_type_t type = memory_type_of(thing->type());
  type.pages.min = thing->size_pages();
  return type;
}

uint8_t* swoop_memory_data(swoop_memory_t memory, uint64_t* size_bytes) {
  const MemoryThing thing(memory);
  if (size_bytes != nullptr) *size_bytes = thing ? thing->size_bytes() : 0;
  return thing ? thing->data() : nullptr;
}

swoop_error_t* swoop_memory_grow(swoop_memory_t memory, uint64_t delta_pages,
                                 uint64_t* previous_pages) {
  const MemoryThing thing(memory);
  if (!thing) return misuse(std::string("memory: ") + kGone);
  const std::optional<uint64_t> previous = thing->grow(delta_pages);
  if (!previous)
    return make_error(
        SWOOP_ERROR_LIMIT_EXCEEDED,
        "memory: its type or a limit forbids to grow by " + std::to_string(delta_pages) + " pages");
  if (previous_pages != nullptr) *previous_pages = *previous;
  return nullptr;
}

swoop_error_t* swoop_table_new(swoop_store_t* store, const swoop_table_type_t* type,
                               const swoop_value_t* init, swoop_table_t* table) {
  const Borrowed<StoreBox> in(store);
  if (!in) return misuse("table: not a store");
  const std::optional<ValType> element = val_type_of(type->element);
  if (!element || !element->is_ref()) return wrong_type("table: its elements are no references");
  if (type->is_64) return make_error(SWOOP_ERROR_UNSUPPORTED, "table: no 64-bit tables yet");
  if (type->elements.max < type->elements.min)
    return wrong_type("table: its maximum is less than its minimum");
  Value value;
  if (const auto wrong = in->to_value(*init, *element, value))
    return wrong_type("table: " + *wrong);
  const Result<Table*> made =
      in->store().make_table({*element, limits_from(type->elements)}, value.low);
  if (!made) return make_error(made.error());
  *table = in->name(**made);
  return nullptr;
}

swoop_table_type_t swoop_table_type(swoop_table_t table) {
  const TableThing thing(table);
  if (!thing) return {};
  swoop_table_type_t type = table_type_of(thing->type());
  type.elements.min = thing->size();
  return type;
}

uint64_t swoop_table_size(swoop_table_t table) {
  const TableThing thing(table);
  return thing ? thing->size() : 0;
}

swoop_error_t* swoop_table_get(swoop_table_t table, uint64_t index, swoop_value_t* value) {
  const TableThing thing(table);
  if (!thing) return misuse(std::string("table: ") + kGone);
  if (!thing->contains(index, 1)) return out_of_bounds();
  *value = thing.store().from_value({thing->get(index), 0}, thing->type().element);
  return nullptr;
}

swoop_error_t* swoop_table_set(swoop_table_t table, uint64_t index, const swoop_value_t* value) {
  const TableThing thing(table);
  if (!thing) return misuse(std::string("table: ") + kGone);
  Value to;
  if (const auto wrong = thing.store().to_value(*value, thing->type().element, to))
    return wrong_type("table: " + *wrong);
  if (!thing->contains(index, 1)) return out_of_bounds();
  thing->set(index, to.low);
  return nullptr;
}

swoop_error_t* swoop_table_grow(swoop_table_t table, uint64_t delta, const swoop_value_t* init,
                                uint64_t* previous_size) {
  const TableThing thing(table);
  if (!thing) return misuse(std::string("table: ") + kGone);
  Value to;
  if (const auto wrong = thing.store().to_value(*init, thing->type().element, to))
    return wrong_type("table: " + *wrong);
  const std::optional<uint64_t> previous = thing->grow(delta, to.low);
  if (!previous)
    return make_error(SWOOP_ERROR_LIMIT_EXCEEDED, "table: its type or a limit forbids to grow by " +
                                                      std::to_string(delta) + " elements");
  if (previous_size != nullptr) *previous_size = *previous;
  return nullptr;
}

swoop_error_t* swoop_global_new(swoop_store_t* store, const swoop_global_type_t* type,
                                const swoop_value_t* value, swoop_global_t* global) {
  const Borrowed<StoreBox> in(store);
  if (!in) return misuse("global: not a store");
  const std::optional<ValType> wanted = val_type_of(type->value);
  if (!wanted) return wrong_type("global: of a type that the host cannot make values of");
  Value init;
  if (const auto wrong = in->to_value(*value, *wanted, init))
    return wrong_type("global: " + *wrong);
  *global = in->name(*in->store().make_global({*wanted, type->is_mutable}, init));
  return nullptr;
}

swoop_global_type_t swoop_global_type(swoop_global_t global) {
  const GlobalThing thing(global);
  if (!thing) return {};
  return {kind_of(thing->type().type), thing->type().is_mutable};
}

swoop_error_t* swoop_global_get(swoop_global_t global, swoop_value_t* value) {
  const GlobalThing thing(global);
  if (!thing) return misuse(std::string("global: ") + kGone);
  *value = thing.store().from_value(thing->get(), thing->type().type);
  return nullptr;
}

swoop_error_t* swoop_global_set(swoop_global_t global, const swoop_value_t* value) {
  const GlobalThing thing(global);
  if (!thing) return misuse(std::string("global: ") + kGone);
  Value to;
  if (const auto wrong = thing.store().to_value(*value, thing->type().type, to))
    return wrong_type("global: " + *wrong);
  if (!thing->set(to)) return wrong_type("global: it is immutable");
  return nullptr;
}
