// Engines, modules, and what their errors say.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <swoop/swoop.hh>

namespace {

using namespace swoop;

BytesView bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

TEST(Engines, HaveTheVersionOfTheHeader) {
  EXPECT_EQ(Engine::version(), SWOOP_VERSION);
}

TEST(Engines, RefuseWhatThereIsNot) {
  EXPECT_EQ(Engine::make({.target = "riscv64"}).error().kind(), ErrorKind::unsupported);
  const auto cpu = Engine::make({.cpu = "warp,lzcnt"});
  EXPECT_EQ(cpu.error().kind(), ErrorKind::unsupported);
  EXPECT_NE(cpu.error().message().find("\"warp\""), std::string_view::npos);
}

TEST(Engines, RefuseConfigurationsOfNewerHeaders) {
  swoop_config_t config = swoop_config_default();
  config.size += 8;
  swoop_engine_t* engine = nullptr;
  const Error error(swoop_engine_new(&config, &engine));
  EXPECT_EQ(error.kind(), ErrorKind::misuse);
  EXPECT_EQ(engine, nullptr);
}

TEST(Engines, RefuseModulesOfMoreBytesThanTheyAllow) {
  const Bytes wasm = wat2wasm("(module (memory 1) (func (export \"f\")))").value();
  const Engine allowing({.max_module_bytes = wasm.size()});
  EXPECT_TRUE(Module::compile(allowing, wasm));
  const Engine engine({.max_module_bytes = wasm.size() - 1});
  const Error refused = Module::compile(engine, wasm).error();
  EXPECT_EQ(refused.kind(), ErrorKind::limit_exceeded);
  EXPECT_EQ(refused.offset(), wasm.size() - 1);
  EXPECT_EQ(Module::validate(engine, wasm).error().kind(), ErrorKind::limit_exceeded);
  ModuleStream stream(engine);
  EXPECT_TRUE(stream.feed(BytesView(wasm).first(wasm.size() - 1)));
  EXPECT_EQ(stream.feed(BytesView(wasm).last(1)).error().kind(), ErrorKind::limit_exceeded);
}

TEST(Engines, WithoutALimitOfTablesHaveNoneTooLargeToAddress) {
  const Engine engine({.max_table_elements = UINT64_MAX});
  const Store store(engine);
  const std::uint64_t huge = (std::uint64_t{1} << 61) + 1;  // times 8 is 8 more than 2^64
  EXPECT_EQ(make_table(store, {ValKind::externref, {huge}}, Value(ExternRef())).error().kind(),
            ErrorKind::out_of_memory);
}

TEST(Engines, RefuseFeaturesThatAreOff) {
  const Engine engine({.features = Features::wasm1});
  const auto module =
      Module::compile_wat(engine, "(func (result i32 i32) i32.const 1 i32.const 2)");
  EXPECT_EQ(module.error().kind(), ErrorKind::invalid);
}

TEST(Modules, TellWhereTheBytesAreWrong) {
  const Engine engine;
  const auto module = Module::compile(engine, bytes(std::string_view("\0asm\1\0\0\0\x09", 9)));
  EXPECT_EQ(module.error().kind(), ErrorKind::malformed);
  EXPECT_EQ(module.error().offset(), 9u);
  EXPECT_NE(module.error().render().find("byte 9"), std::string::npos);
}

TEST(Modules, TellWhereTheTextIsWrong) {
  const Engine engine;
  const auto unknown = Module::compile_wat(engine, "(module\n  (func i32.plus))");
  EXPECT_EQ(unknown.error().kind(), ErrorKind::malformed);
  EXPECT_EQ(unknown.error().offset(), 16u);
  EXPECT_NE(unknown.error().render().find("line 2, column 9"), std::string::npos);
  EXPECT_NE(unknown.error().render().find("(func i32.plus))"), std::string::npos);

  const auto invalid =
      Module::compile_wat(engine, "(module\n  (func (result i32)\n    i64.const 1))");
  EXPECT_EQ(invalid.error().kind(), ErrorKind::invalid);
  EXPECT_NE(invalid.error().render().find("line 3"), std::string::npos);
}

TEST(Modules, AreLoadedByWhatIsInTheFile) {
  const Engine engine;
  const std::string path = testing::TempDir() + "swoop_module_test";
  const auto write = [&](BytesView content) {
    std::FILE* const file = std::fopen(path.c_str(), "wb");
    std::fwrite(content.data(), 1, content.size(), file);
    std::fclose(file);
  };
  write(bytes("(module $named)"));
  EXPECT_EQ(Module::load(engine, path).value().name(), "named");
  write(wat2wasm("(module $other)").value());
  EXPECT_EQ(Module::load(engine, path).value().name(), "other");
  std::remove(path.c_str());
  EXPECT_EQ(Module::load(engine, path).error().kind(), ErrorKind::io);
}

TEST(Modules, SayWhatTheyImportAndExport) {
  const Engine engine;
  const Module module = Module::compile_wat(engine, R"((module
      (import "env" "f" (func (param i32 f64) (result i64)))
      (import "env" "m" (memory 1 3))
      (global (export "g") (mut f32) (f32.const 0))
      (table (export "t") 2 externref)))")
                            .value();
  const auto imports = module.imports();
  ASSERT_EQ(imports.size(), 2u);
  EXPECT_EQ(imports[0].module, "env");
  EXPECT_EQ(imports[0].name, "f");
  EXPECT_EQ(std::get<FuncType>(imports[0].type),
            (FuncType{{ValKind::i32, ValKind::f64}, {ValKind::i64}}));
  EXPECT_EQ(std::get<MemoryType>(imports[1].type), (MemoryType{{1, 3}}));
  const auto exports = module.exports();
  ASSERT_EQ(exports.size(), 2u);
  EXPECT_EQ(exports[0].name, "g");
  EXPECT_EQ(std::get<GlobalType>(exports[0].type), (GlobalType{ValKind::f32, true}));
  EXPECT_EQ(std::get<TableType>(exports[1].type), (TableType{ValKind::externref, {2}}));
}

TEST(Modules, HaveNamesWithNulBytesInWholeMessages) {
  const Engine engine;
  const Module module = Module::compile_wat(engine, R"((import "a\00b" "c\00d" (func)))").value();
  const Store store(engine);
  const Error error = Instance::make(store, module).error();
  EXPECT_EQ(error.message(), R"(unknown import "a\00b" "c\00d": expected func () -> ())");
  EXPECT_EQ(error.render(), error.message());
}

TEST(Errors, OfTheEmbedderHaveTheKindsThereAre) {
  EXPECT_EQ(Error(ErrorKind::io, "mine").kind(), ErrorKind::io);
  EXPECT_EQ(Error(ErrorKind::exit, "without a code").kind(), ErrorKind::misuse);
  EXPECT_EQ(Error(ErrorKind(0), "").kind(), ErrorKind::misuse);
  EXPECT_EQ(Error(ErrorKind(1000), "").kind(), ErrorKind::misuse);
}

TEST(Modules, TellTheirCustomSections) {
  const Engine engine;
  const Module module = Module::compile_wat(engine, R"((module
      (@custom "a" (before first) "1") (memory 1) (@custom "b\00" "") (@custom "a" "\00\ff")))")
                            .value();
  const auto text = [](BytesView bytes) {
    return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  const auto of_a = module.custom_sections("a");
  ASSERT_EQ(of_a.size(), 2u);
  EXPECT_EQ(text(of_a[0]), "1");
  EXPECT_EQ(text(of_a[1]), std::string_view("\0\xff", 2));
  ASSERT_EQ(module.custom_sections(std::string_view("b\0", 2)).size(), 1u);
  EXPECT_TRUE(module.custom_sections(std::string_view("b\0", 2))[0].empty());
  EXPECT_TRUE(module.custom_sections("b").empty());
}

TEST(Modules, ValidateWithoutCompiling) {
  const Engine engine;
  EXPECT_TRUE(Module::validate(engine, wat2wasm("(module)").value()));
  EXPECT_FALSE(Module::validate(engine, wat2wasm("(func (result i32))").value()));
}

TEST(Modules, OfOtherMachinesCannotBeInstantiated) {
  const Engine engine({
    .target = std::string_view(
#if defined(__x86_64__)
                  "aarch64"
#else
                  "x86_64"
#endif
                  )
                  .data()
  });
  const Module module = Module::compile_wat(engine, "(func (export \"f\"))").value();
  const Store store(engine);
  EXPECT_EQ(Instance::make(store, module).error().kind(), ErrorKind::unsupported);
}

}  // namespace
