#include "runtime/extern.h"

#include "base/check.h"

namespace swoop {
namespace {

// `actual_min` is the current size, not the declared one.
bool limits_match(uint64_t actual_min, const Limits& actual, const Limits& expected) {
  if (actual_min < expected.min) return false;
  return !expected.max || (actual.max && *actual.max <= *expected.max);
}

std::string describe_limits(uint64_t min, const std::optional<uint64_t>& max,
                            AddressType address_type) {
  std::string text = address_type == AddressType::i64 ? "i64 " : "";
  text += std::to_string(min) + "..";
  if (max) text += std::to_string(*max);
  return text;
}

std::string describe_func(const TypeRegistry& types, TypeId id) {
  return describe(types, types.func_type(id));
}

std::string describe_table(const TypeRegistry& types, const TableType& type, uint64_t size) {
  return "table " + describe_limits(size, type.limits.max, type.address_type) + " of " +
         types.to_string(type.element);
}

std::string describe_memory(const MemoryType& type, uint64_t pages) {
  std::string text = "memory " + describe_limits(pages, type.limits.max, type.address_type);
  if (type.page_size_log2 != 16) {
    text += " (pages of " + std::to_string(uint64_t{1} << type.page_size_log2) + " bytes)";
  }
  return text + (type.is_shared ? " shared" : "");
}

std::string describe_global(const TypeRegistry& types, const GlobalType& type) {
  return std::string("global ") + (type.is_mutable ? "mut " : "") + types.to_string(type.type);
}

std::string describe_tag(const TypeRegistry& types, const TagType& type) {
  return "tag " + describe_func(types, type.type);
}

bool global_matches(const TypeRegistry& types, const GlobalType& actual,
                    const GlobalType& expected) {
  if (actual.is_mutable != expected.is_mutable || actual.is_shared != expected.is_shared) {
    return false;
  }
  return actual.is_mutable ? actual.type == expected.type
                           : types.is_subtype(actual.type, expected.type);
}

}  // namespace

std::string describe(const TypeRegistry& types, const FuncType& type) {
  const auto list = [&types](const std::vector<ValType>& of) {
    std::string text;
    for (const ValType t : of) text += (text.empty() ? "" : ", ") + types.to_string(t);
    return text;
  };
  std::string text = "func (" + list(type.params) + ") -> ";
  return text + (type.results.size() == 1 ? list(type.results) : "(" + list(type.results) + ")");
}

bool matches_import(const TypeRegistry& types, const ModuleInfo& module, const Import& import,
                    const Extern& provided) {
  switch (import.kind) {
    case ExternKind::func: {
      const Func* const func = std::get_if<Func>(&provided);
      return func != nullptr &&
             types.is_subtype(func->type_id(), module.funcs[FuncIdx(import.index)].type);
    }
    case ExternKind::table: {
      Table* const* const table = std::get_if<Table*>(&provided);
      if (table == nullptr) return false;
      const TableType& expected = module.tables[TableIdx(import.index)].type;
      const TableType& actual = (*table)->type();
      return actual.element == expected.element && actual.address_type == expected.address_type &&
             actual.is_shared == expected.is_shared &&
             limits_match((*table)->size(), actual.limits, expected.limits);
    }
    case ExternKind::memory: {
      Memory* const* const memory = std::get_if<Memory*>(&provided);
      if (memory == nullptr) return false;
      const MemoryType& expected = module.memories[MemoryIdx(import.index)].type;
      const MemoryType& actual = (*memory)->type();
      return actual.address_type == expected.address_type &&
             actual.is_shared == expected.is_shared &&
             actual.page_size_log2 == expected.page_size_log2 &&
             limits_match((*memory)->size_pages(), actual.limits, expected.limits);
    }
    case ExternKind::global: {
      Global* const* const global = std::get_if<Global*>(&provided);
      return global != nullptr &&
             global_matches(types, (*global)->type(), module.globals[GlobalIdx(import.index)].type);
    }
    case ExternKind::tag: {
      Tag* const* const tag = std::get_if<Tag*>(&provided);
      return tag != nullptr && (*tag)->type == module.tags[TagIdx(import.index)].type;
    }
  }
  UNREACHABLE();
}

std::string describe_import(const TypeRegistry& types, const ModuleInfo& module,
                            const Import& import) {
  switch (import.kind) {
    case ExternKind::func: return describe_func(types, module.funcs[FuncIdx(import.index)].type);
    case ExternKind::table: {
      const TableType& type = module.tables[TableIdx(import.index)].type;
      return describe_table(types, type, type.limits.min);
    }
    case ExternKind::memory: {
      const MemoryType& type = module.memories[MemoryIdx(import.index)].type;
      return describe_memory(type, type.limits.min);
    }
    case ExternKind::global:
      return describe_global(types, module.globals[GlobalIdx(import.index)].type);
    case ExternKind::tag: return describe_tag(types, module.tags[TagIdx(import.index)].type);
  }
  UNREACHABLE();
}

std::string describe(const TypeRegistry& types, const Extern& provided) {
  if (const Func* const func = std::get_if<Func>(&provided)) {
    return describe_func(types, func->type_id());
  }
  if (Table* const* const table = std::get_if<Table*>(&provided)) {
    return describe_table(types, (*table)->type(), (*table)->size());
  }
  if (Memory* const* const memory = std::get_if<Memory*>(&provided)) {
    return describe_memory((*memory)->type(), (*memory)->size_pages());
  }
  if (Global* const* const global = std::get_if<Global*>(&provided)) {
    return describe_global(types, (*global)->type());
  }
  return describe_tag(types, std::get<Tag*>(provided)->type);
}

}  // namespace swoop
