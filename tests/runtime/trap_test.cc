#include "runtime/trap.h"

#include "runtime/linker.h"
#include "tests/runtime/assembled_module.h"
#include "tests/support/sanitizers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace swoop {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const FuncType kNullary = {};
const FuncType kToI32 = {{}, {ValType::i32}};
constexpr uint8_t kOutOfBounds = static_cast<uint8_t>(TrapCode::out_of_bounds_memory_access);

MemoryType pages(uint64_t min, std::optional<uint64_t> max = std::nullopt) {
  MemoryType type;
  type.limits = {min, max};
  return type;
}

class TrapTest : public testing::Test {
 protected:
  Instance& instantiate(AssembledModule& module) {
    const Instantiation outcome = linker_.instantiate(module.build());
    if (outcome.error) ADD_FAILURE() << outcome.error->message;
    CHECK(outcome.instance != nullptr);
    return *outcome.instance;
  }

  std::shared_ptr<Engine> engine_ = make_engine();
  Store store_{engine_};
  Linker linker_{store_};
};

std::vector<size_t> offsets(const Trap& trap) {
  std::vector<size_t> result;
  for (const Frame& frame : trap.frames) result.push_back(frame.module_offset);
  return result;
}

TEST_F(TrapTest, EveryKindArrivesWithItsMessageAndPlace) {
  for (uint8_t code = 1; code <= kNumTrapCodes; ++code) {
    // It has the same cause as an exhausted stack where nobody has ended the call.
    if (TrapCode{code} == TrapCode::interrupted) continue;
    AssembledModule module(engine_);
    module.define_func("f", kNullary, [&](Body& body, const VmContextLayout&) {
      body.prologue();
      body.trap(TrapCode{code}, 42);
    });
    module.info.names.module = "m";
    const CallResult result = instantiate(module).func("f").call({});
    ASSERT_NE(result.completion.trap(), nullptr);
    const Trap& trap = *result.completion.trap();
    EXPECT_EQ(trap.code, TrapCode{code});
    EXPECT_EQ(trap.message, to_string(TrapCode{code}));
    ASSERT_EQ(trap.frames.size(), 1u);
    EXPECT_EQ(trap.frames[0].func, FuncIdx{0});
    EXPECT_EQ(trap.frames[0].func_name, "f");
    EXPECT_EQ(trap.frames[0].module_name, "m");
    EXPECT_EQ(trap.frames[0].func_offset, 42u);
    EXPECT_EQ(trap.frames[0].module_offset, 1042u);
    EXPECT_EQ(trap.render(), std::string(to_string(TrapCode{code})) + "\n  0: m!f at 0x412");
  }
}

#if defined(__x86_64__)  // the one machine whose divisions fault
TEST_F(TrapTest, DivisionTellsZeroFromOverflow) {
  namespace x86 = asmjit::x86;
  struct Case {
    uint8_t reg;
    bool is_wide;
    uint64_t dividend;
    uint64_t divisor;
    TrapCode expected;
  };
  std::vector<Case> cases;
  for (const uint8_t reg : std::initializer_list<uint8_t>{1, 3, 6, 7, 8, 9, 11, 12, 13}) {
    // The upper half of a 32-bit divisor is no part of it.
    cases.push_back({reg, false, 1, 0xdead'0000'0000, TrapCode::integer_divide_by_zero});
    cases.push_back({reg, false, 0x8000'0000, 0xffff'ffff, TrapCode::integer_overflow});
    cases.push_back({reg, true, 1, 0, TrapCode::integer_divide_by_zero});
    cases.push_back({reg, true, uint64_t{1} << 63, ~uint64_t{0}, TrapCode::integer_overflow});
  }
  for (const Case& c : cases) {
    AssembledModule module(engine_);
    module.define_func("f", kNullary, [&](Body& body, const VmContextLayout&) {
      body.prologue();
      body.a.mov(x86::rax, asmjit::Imm(c.dividend));
      body.a.mov(x86::gpq(c.reg), asmjit::Imm(c.divisor));
      if (c.is_wide) {
        body.a.cqo();
        body.site(jit::CodeSite::kDivide | 0x10 | c.reg, 7);
        body.a.idiv(x86::gpq(c.reg));
      } else {
        body.a.cdq();
        body.site(jit::CodeSite::kDivide | c.reg, 7);
        body.a.idiv(x86::gpd(c.reg));
      }
      body.epilogue();
    });
    const CallResult result = instantiate(module).func("f").call({});
    ASSERT_NE(result.completion.trap(), nullptr);
    EXPECT_EQ(result.completion.trap()->code, c.expected);
    EXPECT_THAT(offsets(*result.completion.trap()), ElementsAre(1007));
  }
}
#endif

// (i64 address) -> i64, through the base register like compiled code.
AssembledModule make_loader(std::shared_ptr<Engine> engine, uint64_t memory_pages) {
  AssembledModule module(std::move(engine));
  module.info.memories.push_back({pages(memory_pages)});
  module.add_export("memory", ExternKind::memory, 0);
  module.define_func("load", {{ValType::i64}, {ValType::i64}},
                     [](Body& body, const VmContextLayout&) {
                       body.prologue();
                       body.site(kOutOfBounds, 9);
                       body.load_indexed(Body::kArgs[0], Body::kMemoryBase, Body::kArgs[0]);
                       body.epilogue();
                     });
  return module;
}

TEST_F(TrapTest, AccessesPastTheMemoryTrap) {
  AssembledModule module = make_loader(engine_, 1);
  Instance& instance = instantiate(module);
  const Func load = instance.func("load");
  const auto code_at = [&](uint64_t address) {
    const Value argument = Value::i64(static_cast<int64_t>(address));
    const CallResult result = load.call({&argument, 1});
    return result.ok() ? TrapCode::none : result.completion.trap()->code;
  };
  constexpr auto kTrap = TrapCode::out_of_bounds_memory_access;
  EXPECT_EQ(code_at(0), TrapCode::none);
  EXPECT_EQ(code_at(65528), TrapCode::none);
  for (uint64_t i = 65529; i < 65540; ++i) EXPECT_EQ(code_at(i), kTrap) << i;
  EXPECT_EQ(code_at(0xffff'ffff), kTrap);
  // The farthest that a 32-bit index and an unchecked offset reach.
  EXPECT_EQ(code_at(uint64_t{0xffff'ffff} + 0x7fff'ffff + 8), kTrap);
  // A negative index, as a compiler would make it that forgot to clear the upper half.
  EXPECT_EQ(code_at(static_cast<uint64_t>(-8)), kTrap);
  EXPECT_EQ(code_at(static_cast<uint64_t>(INT32_MIN)), kTrap);

  EXPECT_EQ(instance.memory("memory")->grow(1), 1u);
  EXPECT_EQ(code_at(65536 + 65528), TrapCode::none);
  EXPECT_EQ(code_at(65536 + 65529), kTrap);
}

TEST_F(TrapTest, AnAccessOutsideOfAllMemoriesEndsTheProcess) {
  AssembledModule module = make_loader(engine_, 1);
  const Func load = instantiate(module).func("load");
  const Value far = Value::i64(int64_t{1} << 40);
  EXPECT_DEATH((void)load.call({&far, 1}), "accessed an address outside of its memories");
}

TEST_F(TrapTest, AHundredThousandTrapsLeaveNothingBehind) {
  AssembledModule module = make_loader(engine_, 1);
  const Func load = instantiate(module).func("load");
  rusage before = {};
  for (int i = 0; i < 100'000; ++i) {
    Value value = Value::i64(70'000);
    const Completion completion = load.invoke({&value, 1});
    ASSERT_NE(completion.trap(), nullptr);
    ASSERT_EQ(completion.trap()->frames.size(), 1u);
    if (i == 1000) getrusage(RUSAGE_SELF, &before);
  }
  rusage after = {};
  getrusage(RUSAGE_SELF, &after);
  constexpr long kSlackKiB = kAddressSanitizer ? 256 * 1024 : 4 * 1024;  // it keeps what is freed
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, kSlackKiB) << "KiB";
}

TEST_F(TrapTest, StackOverflowIsATrapAndTheProcessGoesOn) {
  AssembledModule module(engine_);
  module.define_func("recurse", kNullary, [](Body& body, const VmContextLayout&) {
    const asmjit::Label self = body.new_label();
    body.bind(self);
    body.prologue();
    body.call(self);
    body.site(jit::CodeSite::kCall, 5);
    body.epilogue();
  });
  const Func recurse = instantiate(module).func("recurse");
  const auto overflow = [&] {
    const CallResult result = recurse.call({});
    ASSERT_NE(result.completion.trap(), nullptr);
    const Trap& trap = *result.completion.trap();
    EXPECT_EQ(trap.code, TrapCode::call_stack_exhausted);
    EXPECT_EQ(trap.frames.size(), Trap::kMaxFrames);
    EXPECT_TRUE(trap.has_more_frames);
    EXPECT_EQ(trap.frames[0].func_offset, 0u);
    EXPECT_EQ(trap.frames[1].func_offset, 5u);
  };
  for (int i = 0; i < 100; ++i) overflow();
  std::thread(overflow).join();

  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  for (const size_t stack_bytes : {64, 128, 256, 1024, 16 * 1024}) {
    pthread_attr_setstacksize(&attributes, stack_bytes * 1024);
    pthread_t thread;
    const auto body = [](void* argument) -> void* {
      (*static_cast<const decltype(overflow)*>(argument))();
      return nullptr;
    };
    ASSERT_EQ(pthread_create(&thread, &attributes, body,
                             const_cast<void*>(static_cast<const void*>(&overflow))),
              0);
    pthread_join(thread, nullptr);
  }
  pthread_attr_destroy(&attributes);
  overflow();
}

TEST_F(TrapTest, ABuiltinsTrapPointsAtItsCall) {
  AssembledModule module(engine_);
  module.info.memories.push_back({pages(1)});
  module.define_func("f", kNullary, [](Body& body, const VmContextLayout&) {
    body.prologue();
    body.set(Body::kArgs[0], 65536);  // destination
    body.set(Body::kArgs[1], 0);
    body.set(Body::kArgs[2], 1);  // size
    body.set(Body::kArgs[3], 0);
    body.call_builtin(Builtin::memory_fill, 11);
    body.epilogue();
  });
  const CallResult result = instantiate(module).func("f").call({});
  ASSERT_NE(result.completion.trap(), nullptr);
  EXPECT_EQ(result.completion.trap()->code, TrapCode::out_of_bounds_memory_access);
  EXPECT_THAT(offsets(*result.completion.trap()), ElementsAre(1011));
}

class HostCallTest : public TrapTest {
 protected:
  // "f" calls import env.host at offset 20 and gives its result back.
  Instance& make(HostClosure closure) {
    CHECK(linker_.define_func("env", "host", kToI32, std::move(closure)).ok());
    AssembledModule module(engine_);
    const FuncIdx host = module.import_func("env", "host", kToI32);
    module.info.memories.push_back({pages(1)});
    module.add_export("memory", ExternKind::memory, 0);
    module.define_func("f", kToI32, [host](Body& body, const VmContextLayout& layout) {
      body.prologue();
      body.call_import(layout, host, 20);
      body.epilogue();
    });
    module.define_func("trap", kToI32, [](Body& body, const VmContextLayout&) {
      body.prologue();
      body.trap(TrapCode::unreachable, 30);
    });
    module.add_export("host", ExternKind::func, to_underlying(host));
    return instantiate(module);
  }
};

TEST_F(HostCallTest, KnowsItsCaller) {
  Instance* seen = nullptr;
  Memory* memory = nullptr;
  Instance& instance = make([&](Caller& caller, std::span<Value> values) -> HostResult {
    seen = caller.instance();
    memory = caller.memory();
    EXPECT_EQ(&caller.store(), &store_);
    values[0] = Value::i32(-5);
    return {};
  });
  const CallResult result = instance.func("f").call({});
  ASSERT_TRUE(result.ok());
  EXPECT_THAT(result.values, ElementsAre(Value::i32(-5)));
  EXPECT_EQ(seen, &instance);
  EXPECT_EQ(memory, instance.memory("memory"));
  EXPECT_NE(memory, nullptr);

  // Called by C++ through its export: no instance.
  EXPECT_TRUE(instance.func("host").call({}).ok());
  EXPECT_EQ(seen, nullptr);
}

TEST_F(HostCallTest, ATrapKeepsItsMessage) {
  Instance& instance =
      make([](Caller&, std::span<Value>) { return Completion::trap("disk is on fire"); });
  const CallResult result = instance.func("f").call({});
  ASSERT_NE(result.completion.trap(), nullptr);
  EXPECT_EQ(result.completion.trap()->code, TrapCode::host);
  EXPECT_EQ(result.completion.trap()->message, "disk is on fire");
  EXPECT_THAT(offsets(*result.completion.trap()), ElementsAre(1020));

  const CallResult direct = instance.func("host").call({});
  ASSERT_NE(direct.completion.trap(), nullptr);
  EXPECT_TRUE(direct.completion.trap()->frames.empty());
}

TEST_F(HostCallTest, AnExitUnwindsEveryActivation) {
  int depth = 0;
  Instance* instance = nullptr;
  instance = &make([&](Caller&, std::span<Value> values) -> HostResult {
    if (++depth == 10) return Completion::exit(3);
    return instance->func("f").invoke(values);
  });
  const CallResult result = instance->func("f").call({});
  ASSERT_NE(result.completion.exit(), nullptr);
  EXPECT_EQ(result.completion.exit()->code, 3);
  EXPECT_EQ(result.completion.trap(), nullptr);
}

TEST_F(HostCallTest, BacktracesGoThroughNestedActivations) {
  int depth = 0;
  Instance* instance = nullptr;
  instance = &make([&](Caller&, std::span<Value> values) -> HostResult {
    return instance->func(++depth == 3 ? "trap" : "f").invoke(values);
  });
  const CallResult result = instance->func("f").call({});
  ASSERT_NE(result.completion.trap(), nullptr);
  EXPECT_THAT(offsets(*result.completion.trap()), ElementsAre(2030, 1020, 1020, 1020));
}

TEST_F(HostCallTest, ATrapOfAnInnerCallCanBeHandled) {
  Instance* instance = nullptr;
  instance = &make([&](Caller&, std::span<Value> values) -> HostResult {
    for (int i = 0; i < 3; ++i) {
      EXPECT_NE(instance->func("trap").invoke(values).trap(), nullptr);
    }
    values[0] = Value::i32(1);
    return {};
  });
  const CallResult result = instance->func("f").call({});
  ASSERT_TRUE(result.ok());
  EXPECT_THAT(result.values, ElementsAre(Value::i32(1)));
}

TEST_F(HostCallTest, RecursionThroughTheHostIsBounded) {
  Instance* instance = nullptr;
  int depth = 0;
  instance = &make([&](Caller&, std::span<Value> values) -> HostResult {
    ++depth;
    return instance->func("f").invoke(values);
  });
  const CallResult result = instance->func("f").call({});
  ASSERT_NE(result.completion.trap(), nullptr);
  EXPECT_EQ(result.completion.trap()->code, TrapCode::call_stack_exhausted);
  EXPECT_GT(depth, 100);
}

int g_foreign = 0;

TEST_F(HostCallTest, AFaultInAHostFunctionIsNotATrap) {
  volatile char* const bad =
      static_cast<char*>(mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  Instance& instance = make([&](Caller&, std::span<Value>) -> HostResult {
    *bad = 1;
    return {};
  });
  // By the signal, or by the previous handler if there is one (AddressSanitizer's).
  EXPECT_DEATH((void)instance.func("f").call({}), "");
}

TEST_F(HostCallTest, AHandlerInstalledLaterKeepsItsFaultsAndOurs) {
  EXPECT_EXIT(
      {
        static struct sigaction ours;
        sigaction(SIGILL, nullptr, &ours);
        struct sigaction theirs = {};
        theirs.sa_flags = SA_SIGINFO | SA_ONSTACK;
        theirs.sa_sigaction = [](int signal, siginfo_t* info, void* context) {
          ++g_foreign;
          ours.sa_sigaction(signal, info, context);
        };
        sigaction(SIGILL, &theirs, nullptr);
        Instance& instance = make([](Caller&, std::span<Value>) -> HostResult { return {}; });
        const CallResult result = instance.func("trap").call({});
        _exit(result.completion.trap() != nullptr && g_foreign == 1 ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(HostCallTest, TakesAThousandArgumentsAndResults) {
  FuncType type;
  for (int i = 0; i < 1000; ++i) {
    type.params.push_back(i % 2 == 0 ? ValType::i64 : ValType::f64);
    type.results.push_back(i % 3 == 0 ? ValType::f64 : ValType::i64);
  }
  const Func func = store_
                        .make_host_func(type,
                                        [](Caller&, std::span<Value> values) -> HostResult {
                                          std::reverse(values.begin(), values.end());
                                          return {};
                                        })
                        .value();
  std::vector<Value> arguments;
  for (int i = 0; i < 1000; ++i) arguments.push_back(Value::i64(i));
  const CallResult result = func.call(arguments);
  ASSERT_TRUE(result.ok());
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(result.values[static_cast<size_t>(i)], Value::i64(999 - i));

  type.params.push_back(ValType::i32);
  EXPECT_FALSE(store_.make_host_func(type, nullptr, nullptr).ok());
}

TEST_F(HostCallTest, AWrongNumberOfArgumentsIsATrap) {
  Instance& instance = make([](Caller&, std::span<Value>) -> HostResult { return {}; });
  const Value extra;
  const CallResult result = instance.func("f").call({&extra, 1});
  ASSERT_NE(result.completion.trap(), nullptr);
  EXPECT_THAT(result.completion.trap()->message, HasSubstr("1 arguments instead of 0"));
}

}  // namespace
}  // namespace swoop
