#include "runtime/module_stream.h"

#include <utility>

namespace swoop {
namespace {

jit::CompileOptions compile_options(const Engine& engine) {
  jit::CompileOptions options;
  options.target = engine.config().target;
  options.jobs = engine.config().jobs;
  options.poison_upper_halves = engine.config().poison_upper_halves;
  options.features = engine.config().features;
  options.fuel_costs = &engine.config().fuel_costs;
  options.code_pool = engine.code_pool();
  return options;
}

}  // namespace

ModuleStream::ModuleStream(std::shared_ptr<Engine> engine)
    : engine_(std::move(engine)),
      compiler_(std::in_place, engine_->types(), compile_options(*engine_)) {}

Result<> ModuleStream::feed(std::span<const uint8_t> bytes) {
  return feed(bytes, jit::ModuleCompiler::Bytes::go);
}

Result<> ModuleStream::feed(std::span<const uint8_t> bytes, jit::ModuleCompiler::Bytes afterwards) {
  if (error_) return *error_;
  num_bytes_ += bytes.size();
  Result<> pushed = engine_->check_module_size(num_bytes_);
  if (pushed) pushed = compiler_->push(bytes, afterwards);
  if (!pushed) {
    error_ = pushed.error();
    compiler_.reset();
  }
  return pushed;
}

Result<std::shared_ptr<const Module>> ModuleStream::finish() {
  if (error_) return *error_;
  Result<std::shared_ptr<const Module>> module = finish_once();
  error_ =
      module ? Error(ErrorKind::unsupported, "the stream has given its module") : module.error();
  compiler_.reset();
  return module;
}

Result<std::shared_ptr<const Module>> ModuleStream::finish_once() {
  return Module::publish(engine_, TRY(compiler_->finish()));
}

}  // namespace swoop
