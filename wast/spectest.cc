#include "wast/spectest.h"

#include "wast/matching.h"

#include <bit>
#include <string>
#include <utility>
#include <vector>

namespace swoop::wast {
namespace {

constexpr const char* kName = "spectest";

// 666.6, rounded to each type.
constexpr Value kGlobalF32{0x4426a666, 0};
constexpr Value kGlobalF64{0x4084d4cccccccccd, 0};

void define_global(Linker& linker, const char* name, ValType type, const Value& value) {
  linker.define(kName, name, linker.store().make_global({.type = type}, value));
}

Result<> define_print(Linker& linker, std::string name, std::vector<ValType> params,
                      const PrintSink& print) {
  const FuncType type{params, {}};
  auto callback = [name, print, params = std::move(params)](Caller&,
                                                            std::span<Value> values) -> HostResult {
    if (!print) return {};
    std::string line = name;
    for (size_t i = 0; i < params.size(); ++i) line += " " + format_number(params[i], values[i]);
    print(line);
    return {};
  };
  return linker.define_func(kName, name, type, std::move(callback));
}

}  // namespace

Result<> define_spectest(Linker& linker, const PrintSink& print) {
  Store& store = linker.store();
  define_global(linker, "global_i32", ValType::i32, Value::i32(666));
  define_global(linker, "global_i64", ValType::i64, Value::i64(666));
  define_global(linker, "global_f32", ValType::f32, kGlobalF32);
  define_global(linker, "global_f64", ValType::f64, kGlobalF64);

  TableType table{.element = ValType::funcref, .limits = {10, 20}};
  linker.define(kName, "table", TRY(store.make_table(table, 0)));
  table.address_type = AddressType::i64;
  linker.define(kName, "table64", TRY(store.make_table(table, 0)));

  MemoryType memory{.limits = {1, 2}};
  linker.define(kName, "memory", TRY(store.make_memory(memory)));
  if (store.engine().config().features.has(Feature::threads)) {
    memory.is_shared = true;
    linker.define(kName, "shared_memory", TRY(store.make_memory(memory)));
  }

  const ValType i32 = ValType::i32, i64 = ValType::i64, f32 = ValType::f32, f64 = ValType::f64;
  TRY(define_print(linker, "print", {}, print));
  TRY(define_print(linker, "print_i32", {i32}, print));
  TRY(define_print(linker, "print_i64", {i64}, print));
  TRY(define_print(linker, "print_f32", {f32}, print));
  TRY(define_print(linker, "print_f64", {f64}, print));
  TRY(define_print(linker, "print_i32_f32", {i32, f32}, print));
  TRY(define_print(linker, "print_f64_f64", {f64, f64}, print));

  // Nothing is collected yet, so collecting has nothing to do.
  const auto collect = [](Caller&, std::span<Value>) { return HostResult(); };
  return linker.define_func("wasmtime", "gc", {}, collect);
}

}  // namespace swoop::wast
