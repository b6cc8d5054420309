#include "runtime/instance.h"

#include "runtime/const_eval.h"
#include "runtime/linker.h"
#include "tests/runtime/assembled_module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

namespace swoop {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const FuncType kNullary = {};
const FuncType kToI32 = {{}, {ValType::i32}};
const FuncType kToI64 = {{}, {ValType::i64}};

MemoryType memory_type(uint64_t min, std::optional<uint64_t> max = std::nullopt) {
  MemoryType type;
  type.limits = {min, max};
  return type;
}
TableType table_type(ValType element, uint64_t min, std::optional<uint64_t> max = std::nullopt) {
  TableType type;
  type.element = element;
  type.limits = {min, max};
  return type;
}
ConstExpr constant(ConstExpr::Kind kind, uint64_t bits) {
  ConstExpr expr;
  expr.kind = kind;
  expr.bits = bits;
  return expr;
}
ConstExpr i32_const(uint32_t value) {
  return constant(ConstExpr::Kind::i32, value);
}
ConstExpr indexed(ConstExpr::Kind kind, uint32_t index) {
  ConstExpr expr;
  expr.kind = kind;
  expr.index = index;
  return expr;
}

class InstanceTest : public testing::Test {
 protected:
  Instance& instantiate(AssembledModule& module) {
    const Instantiation outcome = linker_.instantiate(module.build());
    if (outcome.error) ADD_FAILURE() << outcome.error->message;
    CHECK(outcome.instance != nullptr);
    return *outcome.instance;
  }
  std::string link_error(AssembledModule& module) {
    const Instantiation outcome = linker_.instantiate(module.build());
    if (!outcome.error) return "no error";
    EXPECT_EQ(outcome.error->kind, ErrorKind::unlinkable);
    EXPECT_EQ(outcome.instance, nullptr);
    return outcome.error->message;
  }
  static Value call(const Instance& instance, std::string_view name) {
    const CallResult result = instance.func(name).call({});
    CHECK(result.ok() && result.values.size() == 1);
    return result.values[0];
  }

  std::shared_ptr<Engine> engine_ = make_engine();
  Store store_{engine_};
  Linker linker_{store_};
};

TEST_F(InstanceTest, MissingImportsAreNamed) {
  AssembledModule module(engine_);
  module.import_func("env", "foo", {{ValType::i32, ValType::i64}, {ValType::f32}});
  EXPECT_EQ(link_error(module), "unknown import `env`.`foo`: expected func (i32, i64) -> f32");
}

TEST_F(InstanceTest, ImportsOfAnotherTypeAreRefused) {
  ASSERT_TRUE(linker_.define_func("env", "f", kToI32, nullptr, nullptr).ok());
  linker_.define("env", "m", store_.make_memory(memory_type(1, 5)).value());
  linker_.define("env", "t", store_.make_table(table_type(ValType::funcref, 2, 9), 0).value());
  linker_.define("env", "g", store_.make_global({ValType::i32, false}, Value::i32(1)));
  linker_.define("env", "mg", store_.make_global({ValType::funcref, true}, Value{}));

  const auto error = [this](const std::function<void(AssembledModule&)>& import) {
    AssembledModule module(engine_);
    import(module);
    return link_error(module);
  };
  EXPECT_EQ(
      error([](auto& m) { m.import_func("env", "f", kToI64); }),
      "incompatible import type for `env`.`f`: expected func () -> i64, found func () -> i32");
  EXPECT_EQ(error([](auto& m) { m.import_func("env", "m", kToI64); }),
            "incompatible import type for `env`.`m`: expected func () -> i64, found memory 1..5");
  EXPECT_EQ(error([](auto& m) { m.import_memory("env", "m", memory_type(2)); }),
            "incompatible import type for `env`.`m`: expected memory 2.., found memory 1..5");
  EXPECT_THAT(error([](auto& m) { m.import_memory("env", "m", memory_type(1, 4)); }),
              StartsWith("incompatible import type"));
  EXPECT_THAT(error([](auto& m) {
                MemoryType type = memory_type(1);
                type.address_type = AddressType::i64;
                m.import_memory("env", "m", type);
              }),
              HasSubstr("expected memory i64 1.."));
  EXPECT_EQ(error([](auto& m) { m.import_memory("env", "m", memory_type(0, 5)); }), "no error");
  EXPECT_EQ(error([](auto& m) { m.import_memory("env", "m", memory_type(1)); }), "no error");
  EXPECT_THAT(
      error([](auto& m) { m.import_table("env", "t", table_type(ValType::externref, 2, 9)); }),
      HasSubstr("expected table 2..9 of externref, found table 2..9 of funcref"));
  EXPECT_THAT(error([](auto& m) { m.import_table("env", "t", table_type(ValType::funcref, 3)); }),
              StartsWith("incompatible import type"));
  EXPECT_EQ(error([](auto& m) {
              m.import_global("env", "g", {ValType::i32, true});
            }),
            "incompatible import type for `env`.`g`: expected global mut i32, found global i32");
  EXPECT_EQ(error([](auto& m) { m.import_global("env", "g", {ValType::i32, false}); }), "no error");
  // Mutable globals are invariant, constants are not.
  EXPECT_THAT(error([](auto& m) {
                m.import_global("env", "mg", {ValType::ref(AbstractHeapType::nofunc, true), true});
              }),
              StartsWith("incompatible import type"));
}

TEST_F(InstanceTest, ACurrentSizeSatisfiesAnImport) {
  Memory* const memory = store_.make_memory(memory_type(1, 5)).value();
  linker_.define("env", "m", memory);
  EXPECT_TRUE(memory->grow(2).has_value());
  AssembledModule module(engine_);
  module.import_memory("env", "m", memory_type(3));
  instantiate(module);
}

TEST_F(InstanceTest, EntitiesOfAnotherStoreAreRefused) {
  Store other(engine_);
  linker_.define("env", "m", other.make_memory(memory_type(1)).value());
  AssembledModule module(engine_);
  module.import_memory("env", "m", memory_type(1));
  EXPECT_EQ(link_error(module), "import `env`.`m` belongs to another store");
}

TEST_F(InstanceTest, ModulesOfAnotherEngineAreRefused) {
  AssembledModule module(make_engine());
  EXPECT_EQ(link_error(module), "module belongs to another engine");
}

TEST_F(InstanceTest, GrowthIsSeenByEveryInstance) {
  linker_.define("env", "m", store_.make_memory(memory_type(1)).value());
  const auto make = [this] {
    AssembledModule module(engine_);
    module.import_memory("env", "m", memory_type(1));
    module.define_func("size", kToI64, [](Body& body, const VmContextLayout&) {
      body.prologue();
      body.load(Body::kArgs[0], Body::kContext, kVmMemory0Size);
      body.epilogue();
    });
    module.define_func("grow", kToI32, [](Body& body, const VmContextLayout&) {
      body.prologue();
      body.set(Body::kArgs[0], 0);  // memory
      body.set(Body::kArgs[1], 3);  // pages
      body.call_builtin(Builtin::memory_grow, 1);
      body.epilogue();
    });
    return &instantiate(module);
  };
  Instance* const first = make();
  Instance* const second = make();
  EXPECT_EQ(call(*first, "grow"), Value::i32(1));
  EXPECT_EQ(call(*first, "size"), Value::i64(4 * 65536));
  EXPECT_EQ(call(*second, "size"), Value::i64(4 * 65536));
}

TEST_F(InstanceTest, FailedGrowthGivesMinusOneOfTheAddressType) {
  for (const AddressType address_type : {AddressType::i32, AddressType::i64}) {
    AssembledModule module(engine_);
    MemoryType type = memory_type(1, 2);
    type.address_type = address_type;
    module.info.memories.push_back({type});
    module.define_func("grow", kToI64, [](Body& body, const VmContextLayout&) {
      body.prologue();
      body.set(Body::kArgs[0], 0);
      body.set(Body::kArgs[1], 3);
      body.call_builtin(Builtin::memory_grow, 1);
      body.epilogue();
    });
    EXPECT_EQ(call(instantiate(module), "grow"),
              Value::i64(address_type == AddressType::i32 ? int64_t{0xffff'ffff} : -1));
  }
}

TEST_F(InstanceTest, GlobalsAreInTheContextAndMutableImportsAreShared) {
  AssembledModule definer(engine_);
  definer.info.globals.push_back({{ValType::i32, true}, i32_const(5)});
  definer.info.globals.push_back({{ValType::v128, false}, {}});
  definer.info.globals[GlobalIdx{1}].init.kind = ConstExpr::Kind::bytes;
  definer.info.globals[GlobalIdx{1}].init.code = {0xfd, 0x0c, 1,  2,  3,  4,  5,  6,  7,   8,
                                                  9,    10,   11, 12, 13, 14, 15, 16, 0x0b};
  definer.add_export("g", ExternKind::global, 0);
  definer.add_export("v", ExternKind::global, 1);
  Instance& first = instantiate(definer);
  EXPECT_EQ(first.global("g")->get(), Value::i32(5));
  EXPECT_EQ(first.global("v")->get(), (Value{0x0807060504030201, 0x100f0e0d0c0b0a09}));
  linker_.define_instance("a", first);

  AssembledModule importer(engine_);
  const GlobalIdx shared = importer.import_global("a", "g", {ValType::i32, true});
  const GlobalIdx vector = importer.import_global("a", "v", {ValType::v128, false});
  importer.info.globals.push_back(
      {{ValType::v128, false}, indexed(ConstExpr::Kind::global_get, 1)});
  importer.add_export("copy", ExternKind::global, 2);
  importer.define_func("bump", kToI32, [shared](Body& body, const VmContextLayout& layout) {
    EXPECT_TRUE(layout.global_is_indirect(shared));
    body.prologue();
    body.load(Body::kArgs[1], Body::kContext, layout.global(shared));
    body.load32(Body::kArgs[0], Body::kArgs[1], 0);
    body.add_one(Body::kArgs[0]);
    body.store32(Body::kArgs[1], 0, Body::kArgs[0]);
    body.epilogue();
  });
  importer.define_func("low", kToI64, [vector](Body& body, const VmContextLayout& layout) {
    body.prologue();
    body.load(Body::kArgs[0], Body::kContext, layout.global(vector));
    body.epilogue();
  });
  Instance& second = instantiate(importer);
  EXPECT_EQ(call(second, "bump"), Value::i32(6));
  EXPECT_EQ(first.global("g")->get(), Value::i32(6));
  EXPECT_TRUE(first.global("g")->set(Value::i32(40)));
  EXPECT_EQ(call(second, "bump"), Value::i32(41));
  EXPECT_EQ(call(second, "low"), Value::i64(0x0807060504030201));
  EXPECT_EQ(second.global("copy")->get().high, 0x100f0e0d0c0b0a09u);
  EXPECT_FALSE(first.global("v")->set(Value{}));
}

ElemSegment active_elem(uint32_t offset, std::vector<FuncIdx> funcs) {
  ElemSegment segment;
  segment.type = ValType::funcref;
  segment.offset = i32_const(offset);
  segment.funcs = std::move(funcs);
  return segment;
}
DataSegment active_data(uint32_t offset, std::vector<uint8_t> bytes) {
  DataSegment segment;
  segment.offset = i32_const(offset);
  segment.bytes = std::move(bytes);
  return segment;
}

void returning(Body& body, uint32_t value) {
  body.prologue();
  body.set(Body::kArgs[0], value);
  body.epilogue();
}

TEST_F(InstanceTest, FunctionsOfOneModuleAreCalledThroughTheTableOfAnother) {
  Table* const table = store_.make_table(table_type(ValType::funcref, 4), 0).value();
  linker_.define("env", "t", table);

  AssembledModule definer(engine_);
  definer.import_table("env", "t", table_type(ValType::funcref, 4));
  const FuncIdx seven = definer.define_func(
      "seven", kToI32, [](Body& b, const VmContextLayout&) { returning(b, 7); });
  definer.info.elems.push_back(active_elem(2, {seven}));
  Instance& first = instantiate(definer);
  EXPECT_EQ(table->get(2), reinterpret_cast<uintptr_t>(first.func("seven").ref()));

  AssembledModule caller(engine_);
  caller.import_table("env", "t", table_type(ValType::funcref, 4));
  const TypeId type = engine_->types().intern(kToI32).value();
  caller.define_func("call", kToI32, [type](Body& body, const VmContextLayout&) {
    constexpr int32_t kEntry = 2 * 32;
    const auto [entries, found, wanted] =
        std::tuple(Body::kArgs[0], Body::kArgs[1], Body::kArgs[2]);
    const asmjit::Label mismatch = body.new_label();
    body.prologue();
    body.load(entries, Body::kContext, kVmTable0Entries);
    body.load32(found, entries, kEntry + 16);
    body.set(wanted, static_cast<uint32_t>(type));
    body.branch_unless_equal(found, wanted, mismatch);
    body.call_and_return(entries, kEntry, 3);
    body.epilogue();
    body.bind(mismatch);
    body.trap(TrapCode::indirect_call_type_mismatch, 3);
  });
  Instance& second = instantiate(caller);
  EXPECT_EQ(call(second, "call"), Value::i32(7));

  // A host function in the same place, of the same type: the same canonical id.
  const Func host = store_
                        .make_host_func(kToI32,
                                        [&](Caller& who, std::span<Value> values) -> HostResult {
                                          EXPECT_EQ(who.instance(), &second);
                                          values[0] = Value::i32(8);
                                          return {};
                                        })
                        .value();
  table->set(2, reinterpret_cast<uintptr_t>(host.ref()));
  EXPECT_EQ(call(second, "call"), Value::i32(8));
  table->set(2, 0);
  const CallResult null = second.func("call").call({});
  ASSERT_NE(null.completion.trap(), nullptr);
  EXPECT_EQ(null.completion.trap()->code, TrapCode::indirect_call_type_mismatch);
}

TEST_F(InstanceTest, ReexportedFunctionsKeepTheirIdentity) {
  AssembledModule definer(engine_);
  definer.define_func("f", kToI32, [](Body& b, const VmContextLayout&) { returning(b, 9); });
  Instance& first = instantiate(definer);
  linker_.define_instance("a", first);

  AssembledModule importer(engine_);
  const FuncIdx f = importer.import_func("a", "f", kToI32);
  importer.add_export("g", ExternKind::func, to_underlying(f));
  importer.info.globals.push_back(
      {{ValType::funcref, false}, indexed(ConstExpr::Kind::ref_func, 0)});
  importer.add_export("ref", ExternKind::global, 0);
  importer.define_func("call", kToI32, [f](Body& body, const VmContextLayout& layout) {
    body.prologue();
    body.call_import(layout, f, 1);
    body.epilogue();
  });
  Instance& second = instantiate(importer);
  EXPECT_EQ(second.func("g"), first.func("f"));
  EXPECT_EQ(second.global("ref")->get().low, reinterpret_cast<uintptr_t>(first.func("f").ref()));
  EXPECT_EQ(call(second, "g"), Value::i32(9));
  EXPECT_EQ(call(second, "call"), Value::i32(9));
}

TEST_F(InstanceTest, SegmentsRunInOrderAndStopAtTheFirstOutOfBounds) {
  Memory* const memory = store_.make_memory(memory_type(1)).value();
  Table* const table = store_.make_table(table_type(ValType::funcref, 2), 0).value();
  linker_.define("env", "m", memory);
  linker_.define("env", "t", table);
  const auto make = [this](uint32_t elem_offset, uint32_t data_offset) {
    AssembledModule module(engine_);
    module.import_memory("env", "m", memory_type(1));
    module.import_table("env", "t", table_type(ValType::funcref, 2));
    const FuncIdx f =
        module.define_func("f", kToI32, [](Body& b, const VmContextLayout&) { returning(b, 1); });
    module.info.elems.push_back(active_elem(0, {f}));
    module.info.elems.push_back(active_elem(elem_offset, {f}));
    module.info.datas.push_back(active_data(0, {1, 2}));
    module.info.datas.push_back(active_data(data_offset, {3, 4}));
    return linker_.instantiate(module.build());
  };
  const auto code_of = [](const Instantiation& outcome) {
    EXPECT_EQ(outcome.instance, nullptr);
    EXPECT_FALSE(outcome.error);
    return outcome.completion.trap()->code;
  };
  EXPECT_EQ(code_of(make(2, 0)), TrapCode::out_of_bounds_table_access);
  EXPECT_NE(table->get(0), 0u) << "the first segment was written";
  EXPECT_EQ(memory->data()[0], 0) << "no data segment was";
  // The instance is gone, its function in the table is not.
  EXPECT_EQ(store_.func(reinterpret_cast<VmFuncRef*>(table->get(0))).call({}).values[0],
            Value::i32(1));

  EXPECT_EQ(code_of(make(1, 65535)), TrapCode::out_of_bounds_memory_access);
  EXPECT_EQ(memory->data()[1], 2);
  EXPECT_EQ(memory->data()[65535], 0) << "a segment is written whole or not at all";
  EXPECT_NE(make(1, 65534).instance, nullptr);
  EXPECT_EQ(memory->data()[65535], 4);
}

TEST_F(InstanceTest, SegmentsCanBeUsedUntilTheyAreDropped) {
  AssembledModule module(engine_);
  module.info.memories.push_back({memory_type(1)});
  module.info.tables.push_back({table_type(ValType::funcref, 10), std::nullopt});
  const FuncIdx f =
      module.define_func("f", kToI32, [](Body& b, const VmContextLayout&) { returning(b, 1); });
  DataSegment data = active_data(0, {1, 2, 3});
  data.mode = SegmentMode::passive;
  module.info.datas.push_back(data);
  module.info.datas.push_back(active_data(0, {9}));
  ElemSegment elem = active_elem(0, {f});
  elem.mode = SegmentMode::passive;
  module.info.elems.push_back(elem);
  elem.funcs.clear();
  elem.exprs = {indexed(ConstExpr::Kind::ref_func, 0), indexed(ConstExpr::Kind::ref_null, 0)};
  module.info.elems.push_back(elem);
  elem.mode = SegmentMode::declarative;
  module.info.elems.push_back(elem);
  Instance& instance = instantiate(module);

  constexpr MemoryIdx kMemory{0};
  constexpr TableIdx kTable{0};
  EXPECT_FALSE(instance.memory_init(kMemory, DataIdx{1}, 0, 0, 1)) << "active: dropped";
  EXPECT_TRUE(instance.memory_init(kMemory, DataIdx{1}, 65536, 0, 0));
  EXPECT_TRUE(instance.memory_init(kMemory, DataIdx{0}, 65534, 1, 2));
  EXPECT_FALSE(instance.memory_init(kMemory, DataIdx{0}, 0, 2, 2));
  EXPECT_FALSE(instance.memory_init(kMemory, DataIdx{0}, 65535, 0, 2));
  EXPECT_FALSE(instance.memory_init(kMemory, DataIdx{0}, UINT64_MAX, 0, 2));
  EXPECT_FALSE(instance.memory_init(kMemory, DataIdx{0}, 0, UINT64_MAX, 2));
  instance.data_drop(DataIdx{0});
  EXPECT_FALSE(instance.memory_init(kMemory, DataIdx{0}, 0, 0, 1));
  EXPECT_TRUE(instance.memory_init(kMemory, DataIdx{0}, 0, 0, 0));

  EXPECT_TRUE(instance.table_init(kTable, ElemIdx{0}, 9, 0, 1));
  EXPECT_TRUE(instance.table_init(kTable, ElemIdx{1}, 0, 0, 2));
  EXPECT_EQ(instance.table(kTable).get(0), instance.table(kTable).get(9));
  EXPECT_EQ(instance.table(kTable).get(1), 0u);
  EXPECT_FALSE(instance.table_init(kTable, ElemIdx{0}, 10, 0, 1));
  EXPECT_FALSE(instance.table_init(kTable, ElemIdx{2}, 0, 0, 1)) << "declarative: dropped";
  instance.elem_drop(ElemIdx{1});
  EXPECT_FALSE(instance.table_init(kTable, ElemIdx{1}, 0, 0, 1));
  EXPECT_TRUE(instance.table_init(kTable, ElemIdx{1}, 0, 0, 0));
}

TEST_F(InstanceTest, TheStartFunctionRunsLast) {
  AssembledModule module(engine_);
  module.info.memories.push_back({memory_type(1)});
  module.info.datas.push_back(active_data(0, {41}));
  module.add_export("m", ExternKind::memory, 0);
  module.info.start = module.define_func("", kNullary, [](Body& body, const VmContextLayout&) {
    body.prologue();
    body.load32(Body::kArgs[0], Body::kMemoryBase, 0);
    body.add_one(Body::kArgs[0]);
    body.store32(Body::kMemoryBase, 0, Body::kArgs[0]);
    body.epilogue();
  });
  EXPECT_EQ(instantiate(module).memory("m")->data()[0], 42);

  module.info.start = module.define_func("", kNullary, [](Body& body, const VmContextLayout&) {
    body.prologue();
    body.trap(TrapCode::unreachable, 1);
  });
  const Instantiation outcome = linker_.instantiate(module.build());
  EXPECT_EQ(outcome.instance, nullptr);
  ASSERT_NE(outcome.completion.trap(), nullptr);
  EXPECT_EQ(outcome.completion.trap()->code, TrapCode::unreachable);
}

TEST_F(InstanceTest, ExtendedConstantExpressions) {
  AssembledModule module(engine_);
  const auto add_global = [&](ValType type, std::vector<uint8_t> code) {
    ConstExpr expr;
    expr.kind = ConstExpr::Kind::bytes;
    expr.code = std::move(code);
    module.info.globals.push_back({{type, false}, expr});
    const auto index = static_cast<uint32_t>(module.info.globals.size() - 1);
    module.add_export("g" + std::to_string(index), ExternKind::global, index);
  };
  add_global(ValType::i32, {0x41, 0x7f, 0x41, 3, 0x6a, 0x0b});                 // -1 + 3
  add_global(ValType::i32, {0x23, 0, 0x41, 5, 0x6b, 0x0b});                    // g0 - 5
  add_global(ValType::i32, {0x23, 1, 0x41, 0xe4, 0, 0x6c, 0x0b});              // g1 * 100
  add_global(ValType::i64, {0x42, 0x7f, 0x42, 2, 0x7e, 0x42, 1, 0x7d, 0x0b});  // -1 * 2 - 1
  add_global(ValType::i64, {0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f, 0x42,
                            0x7f, 0x7c, 0x0b});  // INT64_MIN + -1
  add_global(ValType::externref, {0xd0, 0x6f, 0x0b});
  Instance& instance = instantiate(module);
  EXPECT_EQ(instance.global("g0")->get(), Value::i32(2));
  EXPECT_EQ(instance.global("g1")->get(), Value::i32(-3));
  EXPECT_EQ(instance.global("g2")->get(), Value::i32(-300));
  EXPECT_EQ(instance.global("g3")->get(), Value::i64(-3));
  EXPECT_EQ(instance.global("g4")->get(), Value::i64(INT64_MAX));
  EXPECT_EQ(instance.global("g5")->get(), Value{});
}

TEST_F(InstanceTest, ModulesComeAndGoWithoutALeak) {
  for (int i = 0; i < 2000; ++i) {
    Store store(engine_);
    AssembledModule module(engine_);
    module.info.memories.push_back({memory_type(1)});
    module.define_func("f", kToI32, [](Body& b, const VmContextLayout&) { returning(b, 1); });
    const Instantiation outcome = store.instantiate(module.build(), {});
    ASSERT_NE(outcome.instance, nullptr) << i;
    ASSERT_EQ(call(*outcome.instance, "f"), Value::i32(1));
  }
}

TEST_F(InstanceTest, ExplicitBoundsEngineRunsTheSame) {
  EngineConfig config;
  config.target.bounds = jit::BoundsMode::explicit_;
  const std::shared_ptr<Engine> engine = make_engine(config);
  Store store(engine);
  AssembledModule module(engine);
  module.info.memories.push_back({memory_type(1)});
  module.add_export("m", ExternKind::memory, 0);
  module.define_func("base", kToI64, [](Body& body, const VmContextLayout&) {
    body.prologue();
    body.move(Body::kArgs[0], Body::kMemoryBase);
    body.epilogue();
  });
  const Instantiation outcome = store.instantiate(module.build(), {});
  ASSERT_NE(outcome.instance, nullptr);
  Memory& memory = *outcome.instance->memory("m");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(call(*outcome.instance, "base").low, reinterpret_cast<uintptr_t>(memory.data()));
    ASSERT_TRUE(memory.grow(100).has_value());
  }
}

}  // namespace
}  // namespace swoop
