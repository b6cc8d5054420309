// Random sequences of calls of the C interface: in any order, from host functions too, with handles
// that are dead, of another kind or made up. A sanitizer sees what goes wrong beneath.
//   SWOOP_SEQUENCES=100 SWOOP_FIRST_SEED=1000 swoop_api_test --gtest_filter='Sequences.*'
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <swoop/swoop.h>
#include <vector>

namespace {

constexpr const char* kModules[] = {
    R"((module $uses
      (import "m" "f" (func $f (param i32) (result i32)))
      (import "m" "g" (func $g (param externref) (result externref)))
      (func (export "f") (param i32) (result i32) (i32.add (call $f (local.get 0)) (i32.const 1)))
      (func (export "g") (param externref) (result externref) (call $g (local.get 0)))))",
    R"((module $owns
      (memory (export "memory") 1 40)
      (table (export "table") 3 30 funcref)
      (table (export "refs") 3 30 externref)
      (global (export "global") (mut i64) (i64.const 7))
      (global (export "ref") (mut externref) (ref.null extern))
      (elem (table 0) (i32.const 0) func $id $dive)
      (data (i32.const 8) "abcdefgh")
      (func $id (export "id") (param i32) (result i32) (local.get 0))
      (func $dive (export "dive") (call $dive))
      (func (export "trap") (unreachable))
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "many") (param i64 f64) (result f64 i64 i32)
        (local.get 1) (local.get 0) (i32.const 3))
      (func (export "keep") (param externref) (result externref)
        (table.set 1 (i32.const 1) (local.get 0)) (global.get 1) (global.set 1 (local.get 0)))
      (func (export "indirect") (param i32) (call_indirect (local.get 0)))
      (func (export "store") (param i32) (i32.store (local.get 0) (i32.const -1)))))",
    R"((module $starts
      (import "m" "f" (func $f (param i32) (result i32)))
      (global (export "global") (mut i32) (i32.const 0))
      (func $start (global.set 0 (call $f (i32.const 5))))
      (start $start)
      (func (export "loop") (param i32)
        (loop $again (br_if $again (local.tee 0 (i32.sub (call $f (local.get 0)) (i32.const 1)))))))
    )",
    R"((module $tags (import "m" "memory" (memory 1)) (import "m" "table" (table 1 funcref))
      (tag $t (export "tag") (param i32))
      (func (export "throw") (param i32) (throw $t (local.get 0)))))",
    "(module (func (result i32)))",
    "(module (func",
};
constexpr const char* kNames[] = {
    "f",    "g",    "memory", "table",    "refs",  "global", "ref",   "id",  "dive",   "trap",
    "grow", "many", "keep",   "indirect", "store", "loop",   "throw", "tag", "nothing"};

enum Pool {
  kError,
  kEngine,
  kModule,
  kStream,
  kImports,
  kLinked,
  kStore,
  kSnapshot,
  kToken,
  kObject,
  kNumPools
};

class Sequence {
 public:
  explicit Sequence(uint64_t seed) : random_(seed) {}

  void run(int steps) {
    for (int i = 0; i < steps; ++i) step();
  }

  /// Releases what it holds. Nothing is left then: every handle there ever was is dead.
  void finish() {
    for (auto& [handle, references] : held_) {
      while (references != 0) release(handle);
    }
    // What still ran when its last handle went is destroyed when the next is made.
    swoop_object_t* const last = swoop_object_new(nullptr, nullptr, nullptr);
    EXPECT_TRUE(swoop_release(last));
    for (const auto& [handle, references] : held_) {
      EXPECT_FALSE(swoop_retain(handle)) << "somebody still holds " << handle;
    }
    EXPECT_EQ(num_environments_, 0) << "each `drop` is called once";
  }

  int num_returned() const { return num_returned_; }
  int num_failed() const { return num_failed_; }

 private:
  uint64_t below(uint64_t bound) { return random_() % bound; }
  bool one_in(uint64_t n) { return below(n) == 0; }

  // --- Handles

  template <class T>
  void keep(Pool pool, T* handle) {
    if (handle == nullptr) return;
    ++held_[handle];
    pools_[pool].push_back(handle);
    if (pools_[pool].size() > 40) {
      release(pools_[pool].front());
      pools_[pool].erase(pools_[pool].begin());
    }
  }
  void release(const void* handle) {
    const auto found = held_.find(handle);
    const bool is_ours = found != held_.end() && found->second != 0;
    if (!is_ours) return;  // perhaps somebody else's
    EXPECT_TRUE(swoop_release(handle)) << "we hold " << handle;
    --found->second;
  }
  /// Mostly one of the pool, which may be dead.
  template <class T>
  T* some(Pool pool) {
    if (one_in(60)) return reinterpret_cast<T*>(static_cast<uintptr_t>(random_()));
    if (one_in(60)) return nullptr;
    if (one_in(30)) pool = static_cast<Pool>(below(kNumPools));
    const std::vector<void*>& handles = pools_[pool];
    return handles.empty() ? nullptr : static_cast<T*>(handles[below(handles.size())]);
  }
  swoop_error_t* error() { return some<swoop_error_t>(kError); }
  swoop_engine_t* engine() { return some<swoop_engine_t>(kEngine); }
  swoop_module_t* module() { return some<swoop_module_t>(kModule); }
  swoop_imports_t* imports() { return some<swoop_imports_t>(kImports); }
  swoop_linked_t* linked() { return some<swoop_linked_t>(kLinked); }
  swoop_store_t* store() { return some<swoop_store_t>(kStore); }
  swoop_object_t* object() { return some<swoop_object_t>(kObject); }

  // --- Things in stores, which are values

  template <class T>
  T one_of(const std::vector<T>& things) {
    T thing = {};
    if (!things.empty()) thing = things[below(things.size())];
    if (one_in(40)) thing.store = random_();
    if (one_in(40)) thing.id += 8 * below(4);
    return thing;
  }
  swoop_instance_t instance() { return one_of(instances_); }
  swoop_func_t func() { return one_of(funcs_); }
  swoop_memory_t memory() { return one_of(memories_); }
  swoop_table_t table() { return one_of(tables_); }
  swoop_global_t global() { return one_of(globals_); }
  template <class T>
  static void remember(std::vector<T>& things, const T& thing) {
    things.push_back(thing);
    if (things.size() > 60) things.erase(things.begin());
  }
  void remember(const swoop_extern_t& thing) {
    switch (thing.kind) {
      case SWOOP_FUNC: return remember(funcs_, thing.of.func);
      case SWOOP_TABLE: return remember(tables_, thing.of.table);
      case SWOOP_MEMORY: return remember(memories_, thing.of.memory);
      case SWOOP_GLOBAL: return remember(globals_, thing.of.global);
      default: return remember(tags_, thing.of.tag);
    }
  }
  swoop_extern_t some_extern() {
    swoop_extern_t thing = {};
    thing.kind = static_cast<swoop_extern_kind_t>(one_in(50) ? random_() : below(5));
    switch (thing.kind) {
      case SWOOP_FUNC: thing.of.func = func(); break;
      case SWOOP_TABLE: thing.of.table = table(); break;
      case SWOOP_MEMORY: thing.of.memory = memory(); break;
      case SWOOP_GLOBAL: thing.of.global = global(); break;
      default: thing.of.tag = one_of(tags_); break;
    }
    return thing;
  }

  // --- Values

  swoop_value_t value_of(swoop_val_kind_t kind) {
    swoop_value_t value = {};
    value.kind = kind;
    switch (kind) {
      case SWOOP_I32: value.of.i32 = static_cast<int32_t>(one_in(4) ? random_() : below(4)); break;
      case SWOOP_FUNCREF: value.of.func = func(); break;
      case SWOOP_EXTERNREF: value.of.object = one_in(4) ? nullptr : object(); break;
      default: value.of.i64 = static_cast<int64_t>(random_()); break;
    }
    return value;
  }
  swoop_value_t value() {
    return value_of(static_cast<swoop_val_kind_t>(below(one_in(20) ? 256 : 7)));
  }
  void take(const swoop_value_t& value) {
    if (value.kind == SWOOP_EXTERNREF) keep(kObject, value.of.object);
    if (value.kind == SWOOP_FUNCREF) remember(funcs_, value.of.func);
  }

  /// Notes an error, and whether there was one.
  bool done(swoop_error_t* error) {
    ++(error == nullptr ? num_returned_ : num_failed_);
    if (error == nullptr) return true;
    EXPECT_GE(swoop_error_kind(error), 1u);
    EXPECT_STRNE(swoop_error_message(error), "");
    keep(kError, error);
    return false;
  }

  void* environment() {
    ++num_environments_;
    return this;
  }
  static void drop(void* environment) { --static_cast<Sequence*>(environment)->num_environments_; }

  /// Host functions of both types do anything at all.
  static swoop_error_t* host(void* environment, swoop_caller_t* caller,
                             const swoop_value_t* arguments, size_t num_arguments,
                             swoop_value_t* results, size_t num_results) {
    return static_cast<Sequence*>(environment)
        ->called(caller, arguments, num_arguments, results, num_results);
  }
  swoop_error_t* called(swoop_caller_t* caller, const swoop_value_t* arguments,
                        size_t num_arguments, swoop_value_t* results, size_t num_results) {
    EXPECT_EQ(num_arguments, num_results);
    swoop_instance_t instance;
    if (swoop_caller_instance(caller, &instance)) remember(instances_, instance);
    uint8_t* data = nullptr;
    uint64_t size = 0;
    if (swoop_caller_memory(caller, &data, &size) && size != 0) data[below(size)] = 1;
    (void)swoop_caller_is_stopped(caller);
    (void)swoop_caller_can_be_stopped(caller);
    if (one_in(8)) keep(kStore, swoop_caller_store(caller));
    if (one_in(8)) {
      if (swoop_error_t* const refused = swoop_caller_charge(caller, below(100))) return refused;
    }
    if (depth_ < 3) {
      ++depth_;
      for (uint64_t i = below(4); i != 0; --i) step();
      --depth_;
    }
    if (one_in(6)) {
      const char message[] = "no";
      return one_in(2)
                 ? swoop_error_new(static_cast<swoop_error_kind_t>(below(20)), message, 2, object())
             : one_in(2) ? swoop_error_new_trap(static_cast<swoop_trap_code_t>(below(20)))
                         : swoop_error_new_exit(7);
    }
    for (size_t i = 0; i < num_results; ++i) {
      results[i] = one_in(10) ? value() : arguments[i];
      // Objects in results pass to the library.
      if (results[i].kind == SWOOP_EXTERNREF && !swoop_retain(results[i].of.object))
        results[i].of.object = nullptr;
    }
    return nullptr;
  }

  swoop_call_options_t options() {
    swoop_call_options_t options = swoop_call_options_default();
    if (one_in(4)) options.stop = some<swoop_stop_token_t>(kToken);
    if (one_in(8)) options.timeout_ns = below(1'000'000'000);
    if (one_in(4)) options.fuel = below(1000);
    if (one_in(60)) options.size += below(3) - 1;
    return options;
  }

  // --- One call

  void step() {
    switch (below(40)) {
      case 0: return make_engine();
      case 1:
      case 2: return compile();
      case 3: return stream();
      case 4: return make_imports();
      case 5:
      case 6: return define();
      case 7:
      case 8: return link();
      case 9:
      case 10: return make_store();
      case 11:
      case 12:
      case 13: return instantiate();
      case 14:
      case 15:
      case 16:
      case 17: return look_up();
      case 18:
      case 19:
      case 20:
      case 21:
      case 22:
      case 23: return call();
      case 24: return use_memory();
      case 25:
      case 26: return use_table();
      case 27: return use_global();
      case 28: return snapshot();
      case 29:
      case 30: return reset();
      case 31: return use_token();
      case 32: return use_fuel();
      case 33: return use_error();
      case 34: return use_object();
      case 35: return make_func();
      case 36: return ask();
      case 37: return (void)retain();
      default: return release_some();
    }
  }

  void make_engine() {
    swoop_config_t config = swoop_config_default();
    config.stack_bytes = 64 << 10;
    config.compile_threads = 1;
    config.fuel = one_in(2);
    config.interruption = one_in(2);
    // An emulator would not forget a reservation.
#if defined(__x86_64__)
    config.explicit_bounds = one_in(2);
#else
    config.explicit_bounds = true;
#endif
    if (one_in(10)) config.c_target = "aarch64";
    if (one_in(30)) config.features = 77;
    if (one_in(30)) config.size += below(3) - 1;
    swoop_engine_t* made = nullptr;
    if (done(swoop_engine_new(one_in(8) ? nullptr : &config, &made))) keep(kEngine, made);
  }
  void compile() {
    const std::string text = kModules[below(std::size(kModules))];
    swoop_module_t* made = nullptr;
    const size_t size = one_in(20) ? below(text.size()) : text.size();
    if (done(swoop_module_compile_text(engine(), text.data(), size, &made))) keep(kModule, made);
  }
  void stream() {
    if (one_in(2)) {
      swoop_module_stream_t* made = nullptr;
      if (!done(swoop_module_stream_new(engine(), &made))) return;
      keep(kStream, made);
    }
    auto* const stream = some<swoop_module_stream_t>(kStream);
    const std::string text = kModules[below(4)];
    swoop_bytes_t wasm = {};
    if (!done(swoop_wat2wasm(text.data(), text.size(), &wasm))) return;
    if (one_in(5)) wasm.data[below(wasm.size)] = static_cast<uint8_t>(random_());
    size_t at = 0;
    while (at < wasm.size) {
      const size_t size = std::min<size_t>(wasm.size - at, 1 + below(200));
      if (!done(swoop_module_stream_feed(stream, wasm.data + at, size))) break;
      at += size;
    }
    swoop_bytes_delete(&wasm);
    swoop_module_t* made = nullptr;
    if (!one_in(4) && done(swoop_module_stream_finish(stream, &made))) keep(kModule, made);
  }
  void make_imports() {
    keep(kImports, one_in(3) ? swoop_imports_copy(imports()) : swoop_imports_new());
    if (one_in(2)) swoop_imports_unknown_as_traps(imports(), one_in(2));
    if (one_in(2)) swoop_imports_allow_shadowing(imports(), one_in(2));
  }
  void define() {
    const std::string module = "m", name = kNames[below(6)];
    if (one_in(3)) {
      done(swoop_imports_define_instance(imports(), module.data(), 1, instance()));
    } else if (one_in(2)) {
      done(swoop_imports_define_extern(imports(), module.data(), 1, name.data(), name.size(),
                                       some_extern()));
    } else {
      const swoop_val_kind_t kind = one_in(2) ? SWOOP_I32 : SWOOP_EXTERNREF;
      const swoop_func_type_t type = {&kind, 1, &kind, 1};
      const char* const it = kind == SWOOP_I32 ? "f" : "g";
      done(swoop_imports_define_func(imports(), module.data(), 1, it, 1, &type, host, environment(),
                                     drop));
    }
  }
  void link() {
    swoop_linked_t* made = nullptr;
    if (done(swoop_link(imports(), module(), &made))) keep(kLinked, made);
  }
  void make_store() {
    swoop_store_limits_t limits = swoop_store_limits_default();
    limits.memory_bytes = 4 << 20;
    limits.instances = static_cast<uint32_t>(below(30));
    swoop_store_t* made = nullptr;
    if (done(swoop_store_new(engine(), &limits, environment(), drop, &made))) {
      EXPECT_EQ(swoop_store_data(made), this);
      keep(kStore, made);
    }
  }
  void instantiate() {
    swoop_instance_t made;
    const swoop_call_options_t limits = options();
    if (done(swoop_linked_instantiate(linked(), store(), one_in(2) ? &limits : nullptr, &made)))
      remember(instances_, made);
  }
  void look_up() {
    const std::string name = kNames[below(std::size(kNames))];
    swoop_extern_t found;
    if (done(swoop_instance_export(instance(), name.data(), name.size(), &found))) remember(found);
  }
  void call() {
    if (depth_ > 3) return;
    const swoop_func_t callee = func();
    const swoop_func_type_t type = swoop_func_type(callee);
    std::vector<swoop_value_t> arguments, results(type.num_results);
    for (size_t i = 0; i < type.num_params; ++i)
      arguments.push_back(one_in(30) ? value() : value_of(type.params[i]));
    if (one_in(30)) arguments.push_back(value());
    if (one_in(30)) results.emplace_back();
    const swoop_call_options_t limits = options();
    ++depth_;
    if (done(swoop_func_call(callee, one_in(2) ? &limits : nullptr, arguments.data(),
                             arguments.size(), results.data(), results.size()))) {
      for (const swoop_value_t& result : results) take(result);
    }
    --depth_;
  }
  void use_memory() {
    const swoop_memory_t used = memory();
    uint64_t size = 0, previous = 0;
    if (one_in(2)) done(swoop_memory_grow(used, below(4), one_in(2) ? &previous : nullptr));
    if (uint8_t* const data = swoop_memory_data(used, &size); data != nullptr && size != 0)
      data[below(size)] = 2;
    (void)swoop_memory_type(used);
    const swoop_memory_type_t type = {{below(3), below(5)}, one_in(30), one_in(30), 16};
    swoop_memory_t made;
    if (one_in(3) && done(swoop_memory_new(store(), &type, &made))) remember(memories_, made);
  }
  void use_table() {
    const swoop_table_t used = table();
    const swoop_value_t element = one_in(2) ? value_of(SWOOP_FUNCREF) : value_of(SWOOP_EXTERNREF);
    swoop_value_t got = {};
    uint64_t previous = 0;
    (void)swoop_table_size(used);
    switch (below(4)) {
      case 0:
        if (done(swoop_table_get(used, below(5), &got))) take(got);
        break;
      case 1: done(swoop_table_set(used, below(5), &element)); break;
      case 2: done(swoop_table_grow(used, below(5), &element, &previous)); break;
      default: {
        const swoop_table_type_t type = {element.kind, {below(5), 5 + below(5)}, one_in(30)};
        swoop_table_t made;
        if (done(swoop_table_new(store(), &type, &element, &made))) remember(tables_, made);
      }
    }
  }
  void use_global() {
    const swoop_global_t used = global();
    swoop_value_t got = {};
    if (done(swoop_global_get(used, &got))) take(got);
    const swoop_value_t given = one_in(10) ? value() : value_of(swoop_global_type(used).value);
    done(swoop_global_set(used, &given));
    if (one_in(3)) {
      const swoop_value_t init = value();
      const swoop_global_type_t type = {one_in(8) ? swoop_val_kind_t{SWOOP_I32} : init.kind,
                                        one_in(2)};
      swoop_global_t made;
      if (done(swoop_global_new(store(), &type, &init, &made))) remember(globals_, made);
    }
  }
  void snapshot() {
    swoop_snapshot_t* made = nullptr;
    if (done(swoop_instance_snapshot(instance(), &made))) keep(kSnapshot, made);
  }
  void reset() {
    done(swoop_instance_reset(instance(), some<swoop_snapshot_t>(kSnapshot)));
  }
  void use_token() {
    if (one_in(2)) return keep(kToken, swoop_stop_token_new());
    auto* const token = some<swoop_stop_token_t>(kToken);
    if (one_in(3)) swoop_stop_token_stop(token);
    (void)swoop_stop_token_is_stopped(token);
  }
  void use_fuel() {
    uint64_t left = 0;
    swoop_store_t* const of = store();
    if (one_in(2)) done(swoop_store_set_fuel(of, one_in(2) ? below(5000) : UINT64_MAX));
    (void)swoop_store_fuel(of, &left);
  }
  void use_error() {
    const swoop_error_t* const asked = error();
    const swoop_frame_t* frames = nullptr;
    int32_t code = 0;
    for (size_t i = swoop_error_frames(asked, &frames); i-- > 0;)
      EXPECT_NE(frames[i].function_name, nullptr);
    EXPECT_NE(swoop_error_render(asked), nullptr);
    (void)swoop_error_offset(asked);
    (void)swoop_error_trap_code(asked);
    (void)swoop_error_exit_code(asked, &code);
    keep(kObject, swoop_error_payload(asked));
  }
  void use_object() {
    keep(kObject, swoop_object_new(environment(), this, drop));
    const swoop_object_t* const asked = object();
    if (swoop_object_tag(asked) != nullptr) {
      EXPECT_EQ(swoop_object_data(asked), this);
    }
  }
  void make_func() {
    const swoop_val_kind_t kind = one_in(2) ? SWOOP_I32 : SWOOP_EXTERNREF;
    const swoop_func_type_t type = {&kind, 1, &kind, 1};
    swoop_func_t made;
    if (done(swoop_func_new(store(), &type, host, environment(), drop, &made)))
      remember(funcs_, made);
  }
  void ask() {
    const swoop_import_type_t* needed = nullptr;
    const swoop_export_type_t* offered = nullptr;
    size_t length = 0;
    swoop_module_t* const asked = one_in(2) ? module() : nullptr;
    for (size_t i = swoop_module_imports(asked, &needed); i-- > 0;)
      EXPECT_NE(needed[i].module, nullptr);
    for (size_t i = swoop_module_exports(asked, &offered); i-- > 0;)
      EXPECT_NE(offered[i].name, nullptr);
    (void)swoop_module_name(asked, &length);
    keep(kModule, swoop_instance_module(instance()));
  }
  void* retain() {
    const auto pool = static_cast<Pool>(below(kNumPools));
    void* const handle = some<void>(pool);
    const auto found = held_.find(handle);
    const bool is_held = found != held_.end() && found->second != 0;
    const bool is_retained = swoop_retain(handle);
    if (is_held) {
      EXPECT_TRUE(is_retained) << "we hold " << handle;
    }
    if (is_retained) ++held_[handle];
    return handle;
  }
  void release_some() {
    const auto pool = static_cast<Pool>(below(kNumPools));
    std::vector<void*>& handles = pools_[pool];
    if (handles.size() < 3) return;
    const size_t i = below(handles.size());
    release(handles[i]);
    if (!one_in(4)) handles.erase(handles.begin() + static_cast<std::ptrdiff_t>(i));
  }

  std::mt19937_64 random_;
  std::array<std::vector<void*>, kNumPools> pools_;
  std::map<const void*, int> held_;  // our references
  std::vector<swoop_instance_t> instances_;
  std::vector<swoop_func_t> funcs_;
  std::vector<swoop_memory_t> memories_;
  std::vector<swoop_table_t> tables_;
  std::vector<swoop_global_t> globals_;
  std::vector<swoop_tag_t> tags_;
  int depth_ = 0;
  int num_environments_ = 0;
  int num_returned_ = 0, num_failed_ = 0;
};

uint64_t number_from(const char* variable, uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(Sequences, OfAnyKindAreDefined) {
  const uint64_t first = number_from("SWOOP_FIRST_SEED", 1);
  for (uint64_t seed = first; seed < first + number_from("SWOOP_SEQUENCES", 4); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Sequence sequence(seed);
    sequence.run(5000);
    sequence.finish();
    // Neither nearly all refused nor nearly all fine: else it would show little.
    EXPECT_GT(sequence.num_returned(), 1000);
    EXPECT_GT(sequence.num_failed(), 500);
  }
}

}  // namespace
