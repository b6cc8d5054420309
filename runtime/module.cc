#include "runtime/module.h"

#include "base/check.h"
#include "platform/clock.h"
#include "runtime/code_registry.h"
#include "runtime/module_stream.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace swoop {
namespace {

// Enough for what programs export and import; others are made when they are first needed.
constexpr size_t kMaxPreparedThunks = 256;

Result<> prepare_thunks(Engine& engine, const ModuleInfo& info) {
  std::vector<const FuncType*> entries, hosts;
  const auto add = [&](std::vector<const FuncType*>& types, uint32_t func) {
    if (types.size() < kMaxPreparedThunks) {
      types.push_back(&engine.types().func_type(info.funcs[FuncIdx(func)].type));
    }
  };
  for (const Export& exported : info.exports) {
    if (exported.kind == ExternKind::func) add(entries, exported.index);
  }
  if (info.start) add(entries, to_underlying(*info.start));
  for (uint32_t i = 0; i < info.num_imported_funcs; ++i) {
    add(hosts, i);
    add(entries, i);  // a Func has one, also of a function that only wasm calls
  }
  return engine.thunks().prepare(entries, hosts);
}

}  // namespace

Result<std::shared_ptr<const Module>> Module::compile(std::shared_ptr<Engine> engine,
                                                      std::span<const uint8_t> wasm) {
  ModuleStream stream(std::move(engine));
  TRY(stream.feed(wasm, jit::ModuleCompiler::Bytes::stay));
  return stream.finish();
}

Result<std::shared_ptr<const Module>> Module::publish(std::shared_ptr<Engine> engine,
                                                      jit::CompiledModule compiled) {
  const auto now = [] { return platform::clock_time_ns(platform::Clock::monotonic).value(); };
  const uint64_t begin = now();
  if (compiled.code.target.isa == jit::kHostIsa) {
    TRY(prepare_thunks(*engine, compiled.info));
    TRY(jit::load(compiled.code, compiled.info.types));
  }
  std::shared_ptr<Module> module(new Module(std::move(engine), std::move(compiled)));
  module->compiled_.times.publish_ms += static_cast<double>(now() - begin) * 1e-6;
  return std::shared_ptr<const Module>(std::move(module));
}

Module::Module(std::shared_ptr<Engine> engine, jit::CompiledModule compiled)
    : engine_(std::move(engine)),
      compiled_(std::move(compiled)),
      layout_(compiled_.info),
      instance_blocks_(layout_.size_bytes(), compiled_.info.funcs.size()) {
  for (uint32_t i = 0; i < info().num_defined_funcs(); ++i) {
    const FuncIdx idx = info().defined_func(i);
    if (info().funcs[idx].is_declared) declared_funcs_.push_back(idx);
  }
  exports_.reserve(info().exports.size());
  for (const Export& exported : info().exports) exports_.emplace(exported.name, &exported);
  const uintptr_t begin = reinterpret_cast<uintptr_t>(text());
  if (is_registered()) code_registry::add({begin, begin + code().text.size(), this});
}

Module::~Module() {
  if (is_registered()) code_registry::remove(reinterpret_cast<uintptr_t>(text()));
}

const DataImages& Module::data_images() const {
  static const DataImages kNone;
  if (!has_instance_.exchange(true, std::memory_order_relaxed)) return kNone;
  std::call_once(images_made_, [this] { images_ = DataImages::make(info(), engine_->bounds()); });
  return images_;
}

const Export* Module::find_export(std::string_view name) const {
  const auto found = exports_.find(name);
  return found == exports_.end() ? nullptr : found->second;
}

const jit::FuncEntry& Module::function_at(uintptr_t pc) const {
  const std::vector<jit::FuncEntry>& functions = code().functions;
  const auto after =
      std::upper_bound(functions.begin(), functions.end(), pc - reinterpret_cast<uintptr_t>(text()),
                       [](uintptr_t value, const jit::FuncEntry& f) { return value < f.offset; });
  CHECK(after != functions.begin());
  return *(after - 1);
}

uint32_t Module::try_region_at(uintptr_t pc) const {
  const std::vector<jit::TryRange>& ranges = code().tries.ranges;
  const auto after = std::upper_bound(
      ranges.begin(), ranges.end(), pc - reinterpret_cast<uintptr_t>(text()),
      [](uintptr_t value, const jit::TryRange& range) { return value < range.code_offset; });
  return after == ranges.begin() ? jit::TryTables::kNone : (after - 1)->region;
}

std::optional<Module::Site> Module::find_site(uintptr_t pc, bool is_call) const {
  const uintptr_t offset = pc - reinterpret_cast<uintptr_t>(text());
  const std::vector<jit::CodeSite>& sites = code().sites;
  auto site = std::lower_bound(
      sites.begin(), sites.end(), offset,
      [](const jit::CodeSite& s, uintptr_t value) { return s.code_offset < value; });
  const auto is_wanted = [&] { return (site->kind == jit::CodeSite::kCall) == is_call; };
  while (site != sites.end() && site->code_offset == offset && !is_wanted()) ++site;
  if (site == sites.end() || site->code_offset != offset) return std::nullopt;

  // The last function whose sites begin at or before this one. Found by site, not by address: the
  // return address of a call that does not return may be the start of the next function.
  const auto index = static_cast<uint32_t>(site - sites.begin());
  const auto after = std::upper_bound(
      code().functions.begin(), code().functions.end(), index,
      [](uint32_t value, const jit::FuncEntry& f) { return value < f.first_site; });
  CHECK(after != code().functions.begin());
  return Site{static_cast<uint32_t>(after - code().functions.begin()) - 1, *site};
}

std::optional<SourceLocation> Module::source_of(size_t module_offset) const {
  std::call_once(lines_read_, [this] { lines_ = LineTable(info().custom_sections); });
  return lines_.find(module_offset - info().code_section_offset);
}

}  // namespace swoop
