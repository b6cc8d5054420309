// Modules whose functions are assembled by hand, by the wasm calling convention, so that the
// run-time system is tested without the compiler.
#pragma once

#include "base/check.h"
#include "runtime/engine.h"
#include "runtime/module.h"
#include "tests/jit/host_assembler.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace swoop {

/// One function under construction: an assembler with the notes a compiler would make.
class Body : public HostAssembler {
 public:
  explicit Body(std::vector<jit::CodeSite>& sites) : sites_(sites) {}

  /// As the compiler's: the frame has a place for the context, and the stack is checked after it is
  /// made.
  void prologue() {
    const asmjit::Label enough = new_label();
    enter(16);
    branch_if_stack_suffices(enough);
    trap(TrapCode::call_stack_exhausted, 0);
    bind(enough);
  }
  void epilogue() { leave(); }

  /// Notes that the next instruction may fault.
  void site(uint8_t kind, uint32_t wasm_offset) {
    sites_.push_back({static_cast<uint32_t>(offset()), wasm_offset & 0xff'ffff, kind});
  }
  void trap(TrapCode code, uint32_t wasm_offset) {
    site(static_cast<uint8_t>(code), wasm_offset);
    illegal_instruction();
  }
  /// Calls what has its code and context at [base + offset], leaving the instance and coming back.
  void call_and_return(Reg base, int32_t offset, uint32_t wasm_offset) {
    store(kFramePointer, -8, kContext);
    load(kScratch, base, offset);
    load(kContext, base, offset + 8);
    load(kMemoryBase, kContext, kVmMemory0Base);
    call(kScratch);
    site(jit::CodeSite::kCall, wasm_offset);
    load(kContext, kFramePointer, -8);
    load(kMemoryBase, kContext, kVmMemory0Base);
  }
  /// Calls the imported function `func` of the module with this layout.
  void call_import(const VmContextLayout& layout, FuncIdx func, uint32_t wasm_offset) {
    call_and_return(kContext, layout.imported_func(func), wasm_offset);
  }
  void call_builtin(Builtin builtin, uint32_t wasm_offset) {
    HostAssembler::call_builtin(static_cast<size_t>(builtin));
    site(jit::CodeSite::kCall, wasm_offset);
  }

 private:
  std::vector<jit::CodeSite>& sites_;
};

/// Builds a module. Imports first, then functions; all other parts are written into `info`
/// directly.
class AssembledModule {
 public:
  explicit AssembledModule(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}

  FuncIdx import_func(std::string module, std::string name, const FuncType& type) {
    const FuncIdx idx = add_func(type);
    add_import(std::move(module), std::move(name), ExternKind::func, to_underlying(idx));
    ++info.num_imported_funcs;
    return idx;
  }
  void import_memory(std::string module, std::string name, const MemoryType& type) {
    add_import(std::move(module), std::move(name), ExternKind::memory,
               info.num_imported_memories++);
    info.memories.push_back({type});
  }
  void import_table(std::string module, std::string name, const TableType& type) {
    add_import(std::move(module), std::move(name), ExternKind::table, info.num_imported_tables++);
    info.tables.push_back({type, std::nullopt});
  }
  GlobalIdx import_global(std::string module, std::string name, const GlobalType& type) {
    add_import(std::move(module), std::move(name), ExternKind::global, info.num_imported_globals++);
    info.globals.push_back({type, {}});
    return GlobalIdx{info.num_imported_globals - 1};
  }
  void add_export(std::string name, ExternKind kind, uint32_t index) {
    info.exports.push_back({std::move(name), kind, index});
  }

  /// `body` runs at `build`, when the layout is known. Exported under `name` unless that is empty.
  /// The body of function i is said to lie at 1000 * (i + 1) in the module.
  FuncIdx define_func(std::string name, const FuncType& type,
                      std::function<void(Body&, const VmContextLayout&)> body) {
    const FuncIdx idx = add_func(type);
    bodies_.push_back(std::move(body));
    info.bodies.push_back({1000 * static_cast<uint32_t>(bodies_.size()), 500});
    if (!name.empty()) add_export(std::move(name), ExternKind::func, to_underlying(idx));
    return idx;
  }

  std::shared_ptr<const Module> build() {
    jit::CompiledModule compiled;
    const VmContextLayout layout(info);
    jit::CodeObject& code = compiled.code;
    code.target.cpu = {};  // no landing pads
    std::vector<uint8_t> text;
    for (const auto& write : bodies_) {
      std::vector<jit::CodeSite> sites;
      Body body(sites);
      write(body, layout);
      const std::vector<uint8_t> bytes = body.take();
      const auto offset = static_cast<uint32_t>(text.size());
      code.functions.push_back({offset, static_cast<uint32_t>(bytes.size()),
                                static_cast<uint32_t>(code.sites.size()),
                                static_cast<uint32_t>(bytes.size())});
      for (jit::CodeSite site : sites) {
        site.code_offset += offset;
        code.sites.push_back(site);
      }
      text.insert(text.end(), bytes.begin(), bytes.end());
      text.resize((text.size() + 15) & ~size_t{15});
    }
    CHECK(code.text.append(text));
    std::sort(code.sites.begin(), code.sites.end(),
              [](const auto& a, const auto& b) { return a.code_offset < b.code_offset; });
    compiled.info = info;
    Result<std::shared_ptr<const Module>> module = Module::publish(engine_, std::move(compiled));
    CHECK(module.ok());
    return *module;
  }

  ModuleInfo info;

 private:
  FuncIdx add_func(const FuncType& type) {
    const TypeId id = engine_->types().intern(type).value();
    info.types.push_back(id);
    info.funcs.push_back({TypeIdx{static_cast<uint32_t>(info.types.size()) - 1}, id, true});
    return FuncIdx{static_cast<uint32_t>(info.funcs.size()) - 1};
  }
  void add_import(std::string module, std::string name, ExternKind kind, uint32_t index) {
    info.imports.push_back({std::move(module), std::move(name), kind, index, 0});
  }

  std::shared_ptr<Engine> engine_;
  std::vector<std::function<void(Body&, const VmContextLayout&)>> bodies_;
};

inline std::shared_ptr<Engine> make_engine(const EngineConfig& config = {}) {
  Result<std::shared_ptr<Engine>> engine = Engine::create(config);
  CHECK(engine.ok());
  return *engine;
}

}  // namespace swoop
