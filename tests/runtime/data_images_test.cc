// Data segments as images of memories: nobody may see a difference but in time. The first instance
// of a module copies its segments, all others have images.
#include "runtime/data_images.h"

#include "runtime/linker.h"
#include "tests/support/wat.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace swoop {
namespace {

constexpr int kInstances = 3;

/// A store whose modules can import one memory, as env.m.
struct Host {
  Host(std::shared_ptr<Engine> engine, uint64_t pages) : store(std::move(engine)), linker(store) {
    MemoryType type;
    type.limits = {pages, std::nullopt};
    memory = store.make_memory(type).value();
    linker.define("env", "m", memory);
  }

  Store store;
  Linker linker;
  Memory* memory;
};

class DataImagesTest : public testing::Test {
 protected:
  std::shared_ptr<const Module> compile(std::string_view text) const {
    Result<std::shared_ptr<const Module>> module = Module::compile(engine_, wat(text));
    if (!module.ok()) ADD_FAILURE() << module.error().message << " at " << module.error().offset;
    CHECK(module.ok());
    return *module;
  }
  static DataImages images_of(const Module& module) {
    return DataImages::make(module.info(), jit::BoundsMode::guard);
  }
  static uint32_t num_covered(const Module& module) {
    return to_underlying(images_of(module).end());
  }
  static std::vector<uint8_t> contents(const Memory& memory) {
    const std::span<const uint8_t> bytes = memory.bytes();
    return {bytes.begin(), bytes.end()};
  }
  static TrapCode trap_of(const Completion& completion) {
    return completion.trap() == nullptr ? TrapCode::none : completion.trap()->code;
  }
  static TrapCode trap_of(const Instance& instance, std::string_view function) {
    return trap_of(instance.func(function).call({}).completion);
  }

  std::shared_ptr<Engine> engine_ = Engine::create().value();
};

TEST_F(DataImagesTest, WritingInOneInstanceIsInvisibleInTheNext) {
  const auto module = compile(R"((module (memory (export "m") 1) (data (i32.const 8) "abc")))");
  ASSERT_EQ(num_covered(*module), 1u);
  Store living(engine_);
  Memory* first = nullptr;
  for (int i = 0; i < 2 * kInstances; ++i) {
    Store store(engine_);  // the next instance may be where this one was
    for (Store* const owner : {&living, &store}) {
      Memory* const memory = Linker(*owner).instantiate(module).instance->memory("m");
      ASSERT_EQ(std::string(memory->data() + 7, memory->data() + 12), std::string("\0abc\0", 5));
      std::ranges::fill(memory->bytes(), static_cast<uint8_t>(i + 1));
      if (first == nullptr) first = memory;
    }
  }
  EXPECT_EQ(first->data()[9], 1);
}

std::string random_module(std::mt19937& random) {
  std::string text = "(module (memory (export \"m\") 4) (memory (export \"n\") 2)";
  const auto below = [&](uint32_t limit) { return static_cast<uint32_t>(random() % limit); };
  const uint32_t segments = 1 + below(12);
  for (uint32_t i = 0; i < segments; ++i) {
    const bool is_second = below(4) == 0;
    const uint32_t size = below(3) == 0 ? below(9000) : below(40);
    const uint32_t room = (is_second ? 2 : 4) * 65536 - size;
    // Sometimes at a place that others will hit too, and sometimes at either end.
    const uint32_t places[] = {below(room + 1), below(300), 4096 - below(30), room, 0};
    text += std::string("(data (memory ") + (is_second ? "1" : "0") + ") (offset (i32.const " +
            std::to_string(places[below(5)]) + ")) \"";
    for (uint32_t j = 0; j < size; ++j) text += static_cast<char>('a' + below(26));
    text += "\")";
    if (below(5) == 0) text += "(data \"passive\")";
  }
  return text + ")";
}

TEST_F(DataImagesTest, ImagesAndCopiesGiveTheSameMemory) {
  std::mt19937 random(1);
  uint32_t covered = 0;
  for (int round = 0; round < 60; ++round) {
    const std::string text = random_module(random);
    const auto module = compile(text);
    covered += num_covered(*module);
    std::vector<uint8_t> copied[2];
    for (int i = 0; i < kInstances; ++i) {
      Store store(engine_);
      const Instance* const instance = Linker(store).instantiate(module).instance;
      ASSERT_NE(instance, nullptr);
      for (int m = 0; m < 2; ++m) {
        std::vector<uint8_t> bytes = contents(*instance->memory(m == 0 ? "m" : "n"));
        if (i == 0) {
          copied[m] = std::move(bytes);
        } else {
          ASSERT_TRUE(bytes == copied[m])
              << "memory " << m << " of instance " << i << " of " << text;
        }
      }
    }
  }
  EXPECT_GT(covered, 60u);
}

TEST_F(DataImagesTest, SegmentsBeforeOneThatTrapsStayWritten) {
  const auto module = compile(R"((module
    (import "env" "m" (memory 1))
    (data (i32.const 0) "a")
    (data (i32.const 65535) "bc")
    (data (i32.const 1) "d")))");
  EXPECT_EQ(num_covered(*module), 1u);
  for (int i = 0; i < kInstances; ++i) {
    Host host(engine_, 1);
    const Instantiation outcome = host.linker.instantiate(module);
    EXPECT_EQ(outcome.instance, nullptr);
    EXPECT_EQ(trap_of(outcome.completion), TrapCode::out_of_bounds_memory_access);
    EXPECT_EQ(host.memory->data()[0], 'a');
    EXPECT_EQ(host.memory->data()[1], 0);
    EXPECT_EQ(host.memory->data()[65535], 0);
  }
}

// The table has a function of the instance there never was; it shows what the memory holds.
TEST_F(DataImagesTest, ATrapOfElementsLeavesTheMemoryEmpty) {
  const auto module = compile(R"((module
    (import "env" "t" (table 2 funcref))
    (memory 1)
    (func $load (result i32) (i32.load8_u (i32.const 3)))
    (elem (i32.const 0) func $load)
    (elem (i32.const 2) func $load)
    (data (i32.const 3) "x")))");
  EXPECT_EQ(num_covered(*module), 0u);
  for (int i = 0; i < kInstances; ++i) {
    Store store(engine_);
    Linker linker(store);
    TableType type;
    type.element = ValType::funcref;
    type.limits = {2, std::nullopt};
    Table* const table = store.make_table(type, 0).value();
    linker.define("env", "t", table);
    const Instantiation outcome = linker.instantiate(module);
    EXPECT_EQ(trap_of(outcome.completion), TrapCode::out_of_bounds_table_access);
    const Func load = store.func(reinterpret_cast<VmFuncRef*>(table->get(0)));
    const CallResult result = load.call({});
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result.values[0].low, 0u);
  }
}

TEST_F(DataImagesTest, AnImportThatWasWrittenKeepsItsBytes) {
  const auto module = compile(R"((module
    (import "env" "m" (memory 1)) (data (i32.const 1) "b") (data (i32.const 3) "d")))");
  EXPECT_EQ(num_covered(*module), 2u);
  for (int i = 0; i < 2 * kInstances; ++i) {
    Host host(engine_, 2);
    const bool is_written = i % 2 == 1;
    if (is_written) host.memory->data()[2] = 'c';
    ASSERT_NE(host.linker.instantiate(module).instance, nullptr);
    EXPECT_EQ(std::string(host.memory->data(), host.memory->data() + 4),
              is_written ? std::string("\0bcd", 4) : std::string("\0b\0d", 4));
    // A second instance finds what the first has left.
    host.memory->data()[1] = host.memory->data()[2] = 'z';
    ASSERT_NE(host.linker.instantiate(module).instance, nullptr);
    EXPECT_EQ(std::string(host.memory->data(), host.memory->data() + 4), std::string("\0bzd", 4));
    ASSERT_EQ(host.memory->grow(1), 2u);
    EXPECT_EQ(host.memory->data()[3 * 65536 - 1], 0);
  }
}

TEST_F(DataImagesTest, OneMemoryImportedTwiceIsWrittenInOrder) {
  const auto module = compile(R"((module
    (import "env" "m" (memory $a 1)) (import "env" "m" (memory $b 1))
    (data (memory $a) (i32.const 0) "aa")
    (data (memory $b) (i32.const 0) "b")
    (data (memory $a) (i32.const 2) "c")))");
  for (int i = 0; i < kInstances; ++i) {
    Host host(engine_, 1);
    ASSERT_NE(host.linker.instantiate(module).instance, nullptr);
    EXPECT_EQ(std::string(host.memory->data(), host.memory->data() + 4), std::string("bac\0", 4));
  }
}

TEST_F(DataImagesTest, SegmentsCanBeUsedAndDroppedAsEver) {
  const auto module = compile(R"((module
    (memory (export "m") 1)
    (data $active (i32.const 0) "xy")
    (data $passive "ab")
    (func (export "init") (memory.init $passive (i32.const 4) (i32.const 0) (i32.const 2)))
    (func (export "drop") (data.drop $passive))
    (func (export "init_active") (memory.init $active (i32.const 8) (i32.const 0) (i32.const 1)))
    (func (export "init_nothing") (memory.init $active (i32.const 8) (i32.const 0) (i32.const 0)))))");
  EXPECT_EQ(num_covered(*module), 2u);
  for (int i = 0; i < kInstances; ++i) {
    Store store(engine_);
    const Instance& instance = *Linker(store).instantiate(module).instance;
    EXPECT_EQ(trap_of(instance, "init"), TrapCode::none);
    EXPECT_EQ(trap_of(instance, "init_active"), TrapCode::out_of_bounds_memory_access);
    EXPECT_EQ(trap_of(instance, "init_nothing"), TrapCode::none);
    EXPECT_EQ(trap_of(instance, "drop"), TrapCode::none);
    EXPECT_EQ(trap_of(instance, "init"), TrapCode::out_of_bounds_memory_access);
    const uint8_t* const data = instance.memory("m")->data();
    EXPECT_EQ(std::string(data, data + 8), std::string("xy\0\0ab\0\0", 8));
  }
}

TEST_F(DataImagesTest, EndBeforeWhatOnlyAnInstanceKnows) {
  EXPECT_EQ(num_covered(*compile(R"((module (import "env" "g" (global i32)) (memory 1)
    (data (i32.const 0) "a") (data (global.get 0) "b") (data (i32.const 1) "c")))")),
            1u);
  EXPECT_EQ(num_covered(*compile(R"((module (memory 1) (table 1 funcref) (func)
    (elem (i32.const 1) func 0) (data (i32.const 0) "a")))")),
            0u);
  EXPECT_EQ(num_covered(*compile(R"((module (memory 1) (table 1 funcref) (func)
    (elem (i32.const 0) func 0) (data (i32.const 0) "a")))")),
            1u);
}

TEST_F(DataImagesTest, FarSegmentsDoNotMakeAnImageOfHoles) {
  const auto module = compile(R"((module (memory 65536)
    (data (i32.const 0) "a") (data (i32.const 8192) "b") (data (i32.const -1) "c")
    (data (i32.const 1) "d")))");
  EXPECT_EQ(num_covered(*module), 2u);
  const DataImages images = images_of(*module);
  ASSERT_NE(images.find(MemoryIdx(0)), nullptr);
  EXPECT_LE(images.find(MemoryIdx(0))->file.size_bytes(), 65536u);
}

TEST_F(DataImagesTest, AreOfGuardedMemoriesAlone) {
  const auto module = compile(R"((module (memory 1) (data (i32.const 0) "a")))");
  const DataImages images = DataImages::make(module->info(), jit::BoundsMode::explicit_);
  EXPECT_EQ(to_underlying(images.end()), 0u);
  EXPECT_EQ(images.find(MemoryIdx(0)), nullptr);
}

}  // namespace
}  // namespace swoop
