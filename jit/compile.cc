#include "jit/compile.h"

#include "decoder/module_decoder.h"
#include "jit/compiler.h"
#include "jit/linker.h"
#include "jit/module_context.h"
#include "jit/prescan.h"
#include "platform/clock.h"
#include "platform/thread.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

namespace swoop::jit {

namespace {

/// Enough for a worker to be worth waking, little enough to stay in its caches.
constexpr size_t kBatchBytes = 64 * 1024;

/// CPU time of this thread, added to a sum when the scope ends.
class PhaseTimer {
 public:
  explicit PhaseTimer(double& sum_ms) : sum_ms_(sum_ms), start_(now()) {}
  ~PhaseTimer() { sum_ms_ += static_cast<double>(now() - start_) * 1e-6; }
  PhaseTimer(const PhaseTimer&) = delete;
  PhaseTimer& operator=(const PhaseTimer&) = delete;

 private:
  static uint64_t now() {
    return platform::clock_time_ns(platform::Clock::thread_cpu_time).value();
  }
  double& sum_ms_;
  uint64_t start_;
};

/// A CodeChunkView that owns what it shows.
struct Chunk {
  std::vector<uint8_t> text;
  std::vector<FuncEntry> functions;
  std::vector<CodeSite> sites;
  std::vector<Reloc> relocs;
  TryTables tries;
  std::optional<uint32_t> too_large;

  Chunk() = default;
  explicit Chunk(const CodeChunkView& view)
      : text(view.text.begin(), view.text.end()),
        functions(view.functions.begin(), view.functions.end()),
        sites(view.sites.begin(), view.sites.end()),
        relocs(view.relocs.begin(), view.relocs.end()),
        tries(view.tries != nullptr ? *view.tries : TryTables()),
        too_large(view.too_large) {}
  CodeChunkView view() const { return {text, functions, sites, relocs, &tries, too_large}; }
};

/// Compiles batches in the background. The chunks come back in the order of the batches.
class Workers {
 public:
  /// Starts `count` threads, or as many as the system has room for.
  Workers(const CompileOptions& options, unsigned count) : options_(options) {
    const auto run = [](void* self) -> void* {
      static_cast<Workers*>(self)->run();
      return nullptr;
    };
    while (threads_.size() < count) {
      const std::optional<platform::Thread> thread = platform::Thread::start(run, this);
      if (!thread) break;
      threads_.push_back(*thread);
    }
  }
  ~Workers() { stop(); }

  bool any() const { return !threads_.empty(); }

  void add(const ModuleContext& context, std::vector<FuncJob> jobs) {
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back({chunks_.size(), &context, std::move(jobs)});
      chunks_.emplace_back();
    }
    wake_.notify_one();
  }

  /// Waits for all batches.
  const std::deque<Chunk>& finish() {
    stop();
    return chunks_;
  }
  double compile_ms() const { return compile_ms_; }

 private:
  struct Batch {
    size_t number = 0;
    const ModuleContext* context = nullptr;
    std::vector<FuncJob> jobs;
  };

  void run() {
    const std::unique_ptr<Compiler> compiler = x64::make_compiler(options_.cpu, options_.bounds);
    double compile_ms = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return closed_ || !queue_.empty(); });
      if (queue_.empty()) break;
      const Batch batch = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      Chunk chunk;
      {
        const PhaseTimer timer(compile_ms);
        chunk = Chunk(compiler->compile(*batch.context, batch.jobs));
      }
      lock.lock();
      chunks_[batch.number] = std::move(chunk);
    }
    compile_ms_ += compile_ms;
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    wake_.notify_all();
    for (platform::Thread& thread : threads_) thread.join();
    threads_.clear();
  }

  const CompileOptions& options_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Batch> queue_;
  std::deque<Chunk> chunks_;
  bool closed_ = false;
  double compile_ms_ = 0;
  std::vector<platform::Thread> threads_;
};

class ModuleCompiler final : public ModuleDecoder::Listener {
 public:
  ModuleCompiler(TypeRegistry& types, const CompileOptions& options)
      : types_(types), options_(options) {}

  Result<CompiledModule> compile(std::span<const uint8_t> wasm) {
    wasm_bytes_ = wasm.size();
    double total_ms = 0;
    ModuleDecoder decoder(types_, options_.features, *this);
    Result<ModuleInfo> info = [&]() -> Result<ModuleInfo> {
      const PhaseTimer timer(total_ms);
      const Result<> pushed = decoder.push(wasm);
      if (workers_ != nullptr) workers_->finish();  // they read what the decoder owns
      Result<ModuleInfo> decoded = pushed ? decoder.finish() : Result<ModuleInfo>(pushed.error());
      // Bodies that still wait lie before whatever is wrong: the first bad byte may be in one.
      if (!decoded && !batch_.empty()) TRY(validate_batch());
      return decoded;
    }();
    if (!info) return std::move(info).error();
    if (unsupported_) return unsupported_error(*info);
    times_.decode_ms = std::max(0.0, total_ms - times_.validate_ms - times_.compile_ms);
    if (workers_ != nullptr) {
      times_.compile_ms += workers_->compile_ms();
      const PhaseTimer timer(times_.compile_ms);
      for (const Chunk& chunk : workers_->finish()) TRY(linker_->add(chunk.view()));
    }
    const PhaseTimer timer(times_.compile_ms);
    CodeObject code = linker_ ? std::move(*linker_).finish() : CodeObject();
    return CompiledModule{std::move(*info), std::move(code), times_};
  }

  /// Of all threads; complete only after compile() has returned.
  const PhaseTimes& times() const { return times_; }

  Result<> on_code_start(const ModuleInfo& module, uint32_t count) override {
    find_unsupported_constructs(module);
    context_ = make_module_context(module, types_, options_.bounds, options_.poison_upper_halves);
    prescan_.emplace(*context_);
    // What a header claims counts only as far as there are bytes.
    linker_.emplace(std::min<uint64_t>(module.code_section_size, wasm_bytes_), count);
    if (options_.jobs > 1 && count > 1) {
      workers_ = std::make_unique<Workers>(options_, std::min(options_.jobs, count));
      if (!workers_->any()) workers_.reset();
    }
    if (workers_ == nullptr) compiler_ = x64::make_compiler(options_.cpu, options_.bounds);
    return {};
  }

  Result<> on_body(const ModuleInfo& module, uint32_t defined_index, std::span<const uint8_t> body,
                   size_t body_offset) override {
    batch_.push_back({defined_index, body, body_offset, {}});
    batch_bytes_ += body.size();
    const bool is_last = defined_index + 1 == module.num_defined_funcs();
    if (batch_bytes_ < kBatchBytes && !is_last) return {};
    return finish_batch();
  }

 private:
  Result<> validate_batch() {
    const PhaseTimer timer(times_.validate_ms);
    const ModuleInfo& module = context_->module;
    for (FuncJob& job : batch_) {
      job.info = TRY(prescan_->scan(options_.features, module.defined_func(job.defined_index),
                                    job.body, job.body_offset));
    }
    if (!unsupported_) unsupported_ = prescan_->unsupported();
    return {};
  }

  Result<> finish_batch() {
    TRY(validate_batch());
    if (!unsupported_) {
      if (workers_ != nullptr) {
        workers_->add(*context_, std::move(batch_));
      } else {
        const PhaseTimer timer(times_.compile_ms);
        TRY(linker_->add(compiler_->compile(*context_, batch_)));
      }
    }
    batch_.clear();
    batch_bytes_ = 0;
    return {};
  }

  /// What no single instruction of a function shows.
  void find_unsupported_constructs(const ModuleInfo& module) {
    const auto refuse = [this](Feature feature, const char* what) {
      if (!unsupported_) unsupported_ = Unsupported{feature, what, FuncIdx(UINT32_MAX), kNoOffset};
    };
    for (const MemoryDecl& memory : module.memories) {
      if (memory.type.address_type == AddressType::i64) refuse(Feature::memory64, "64-bit memory");
      if (memory.type.is_shared) refuse(Feature::threads, "shared memory");
      if (memory.type.page_size_log2 != 16)
        refuse(Feature::custom_page_sizes, "memory with its own page size");
    }
    for (const TableDecl& table : module.tables) {
      if (table.type.address_type == AddressType::i64) refuse(Feature::memory64, "64-bit table");
    }
    for (const GlobalDecl& global : module.globals) {
      if (global.type.type.is_vec()) refuse(Feature::simd, "v128 global");
    }
    for (const TypeId type : module.types) {
      if (!types_.is_func(type)) continue;
      const FuncType& func = types_.func_type(type);
      if (std::ranges::any_of(func.params, &ValType::is_vec) ||
          std::ranges::any_of(func.results, &ValType::is_vec))
        refuse(Feature::simd, "function type with v128");
    }
  }

  Error unsupported_error(const ModuleInfo& module) const {
    std::string message =
        std::string(to_string(unsupported_->feature)) + " (" + unsupported_->what + ")";
    if (module.funcs.contains(unsupported_->func)) {
      message += " in function " + std::to_string(to_underlying(unsupported_->func));
      const std::string name = module.func_name(unsupported_->func);
      if (!name.empty()) message += " \"" + name + "\"";
    }
    return Error(ErrorKind::unsupported, unsupported_->offset, std::move(message));
  }

  TypeRegistry& types_;
  const CompileOptions& options_;
  std::unique_ptr<ModuleContext> context_;
  std::optional<Prescan> prescan_;
  std::optional<Unsupported> unsupported_;
  std::vector<FuncJob> batch_;
  size_t batch_bytes_ = 0;
  size_t wasm_bytes_ = 0;
  std::unique_ptr<Compiler> compiler_;
  std::optional<Linker> linker_;
  PhaseTimes times_;
  std::unique_ptr<Workers> workers_;  // last: stops before what it uses is gone
};

}  // namespace

Result<CompiledModule> compile_module(TypeRegistry& types, const CompileOptions& options,
                                      std::span<const uint8_t> wasm) {
  if (!options.cpu.has_baseline())
    return Error(ErrorKind::unsupported, "this CPU lacks SSE4.1 or POPCNT");
  ModuleCompiler compiler(types, options);
  Result<CompiledModule> result = compiler.compile(wasm);
  if (result) result->times = compiler.times();
  return result;
}

}  // namespace swoop::jit
