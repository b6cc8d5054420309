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

/// Enough for a worker to be worth waking, little enough to stay in its caches. Code is the same
/// for any number of threads because these alone divide it.
constexpr size_t kBatchBytes = 64 * 1024;
constexpr size_t kBatchFunctions = 512;

/// Time of the scope, added to a sum when it ends. The clock of the wall is read without a system
/// call; that of the CPU would be 4 % of the time to compile a small module.
class PhaseTimer {
 public:
  explicit PhaseTimer(double& sum_ms) : sum_ms_(sum_ms), start_(now()) {}
  ~PhaseTimer() { sum_ms_ += static_cast<double>(now() - start_) * 1e-6; }
  PhaseTimer(const PhaseTimer&) = delete;
  PhaseTimer& operator=(const PhaseTimer&) = delete;

 private:
  static uint64_t now() { return platform::clock_time_ns(platform::Clock::monotonic).value(); }
  double& sum_ms_;
  uint64_t start_;
};

/// What a header claims to come is believed up to here before there are bytes.
constexpr uint64_t kBelievedBytes = uint64_t{16} << 20;

/// Copies of bodies, which do not move.
class BodyCopies {
 public:
  std::span<const uint8_t> add(std::span<const uint8_t> body) {
    if (body.size() > bytes_left_) {
      bytes_left_ = std::max(kBatchBytes, body.size());
      free_ = blocks_.emplace_back(std::make_unique_for_overwrite<uint8_t[]>(bytes_left_)).get();
    }
    uint8_t* const copy = free_;
    std::ranges::copy(body, copy);
    free_ += body.size();
    bytes_left_ -= body.size();
    return {copy, body.size()};
  }

 private:
  std::vector<std::unique_ptr<uint8_t[]>> blocks_;
  uint8_t* free_ = nullptr;
  size_t bytes_left_ = 0;
};

struct Batch {
  std::vector<FuncJob> jobs;
  BodyCopies copies;  // of their bodies, unless these stay where they are
  size_t num_bytes = 0;
  size_t num_validated = 0;  // jobs

  /// Keeps the room for jobs.
  void clear() {
    jobs.clear();
    copies = BodyCopies();
    num_bytes = num_validated = 0;
  }
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

/// Compiles batches in the background, and links them in order while more come. Memory does not
/// depend on how far validation is ahead: beyond that the thread that adds batches compiles too.
class Workers {
 public:
  /// Starts `count` threads, or as many as the system has room for.
  Workers(const CompileOptions& options, const ModuleContext& context, Linker& linker,
          unsigned count)
      : options_(options),
        context_(context),
        linker_(linker),
        compiler_(make_compiler(options.target)) {
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

  /// Errors: those of the linker, for any batch before.
  Result<> add(Batch batch) {
    std::unique_lock lock(mutex_);
    while (queue_.size() >= kMostWaiting * threads_.size()) compile_one(lock, *compiler_, own_ms_);
    while (chunks_.size() >= kMostChunks) {
      if (queue_.empty())
        done_.wait(lock, [this] { return chunks_.front().done; });
      else
        compile_one(lock, *compiler_, own_ms_);
      TRY(link_finished(lock));
    }
    TRY(link_finished(lock));
    queue_.push_back({num_linked_ + chunks_.size(), std::move(batch)});
    chunks_.emplace_back();
    lock.unlock();
    wake_.notify_one();
    return {};
  }

  /// Links what is compiled by now. Errors: those of the linker.
  Result<> link() {
    std::unique_lock lock(mutex_);
    return link_finished(lock);
  }

  /// Compiles and links all that was added. Errors: those of the linker.
  Result<> finish() {
    std::unique_lock lock(mutex_);
    while (!chunks_.empty()) {
      if (queue_.empty())
        done_.wait(lock, [this] { return chunks_.front().done; });
      else
        compile_one(lock, *compiler_, own_ms_);
      TRY(link_finished(lock));
    }
    return {};
  }

  /// Gives up what has not been compiled, and waits for the threads. Afterwards nothing refers to
  /// the bodies.
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      queue_.clear();
    }
    wake_.notify_all();
    for (platform::Thread& thread : threads_) thread.join();
    threads_.clear();
  }

  /// CPU time, complete after stop(): of the threads, and that of the caller's in add() and
  /// finish().
  double thread_ms() const { return thread_ms_; }
  double own_ms() const { return own_ms_; }

 private:
  // For each thread, enough to have something to do while the caller compiles a batch itself.
  static constexpr size_t kMostWaiting = 4;
  // A function may be as large as a hundred batches: the others go on meanwhile.
  static constexpr size_t kMostChunks = 128;

  struct Queued {
    size_t number = 0;
    Batch batch;
  };
  struct Slot {
    Chunk chunk;
    bool done = false;
  };

  void run() {
    const std::unique_ptr<Compiler> compiler = make_compiler(options_.target);
    double compile_ms = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return closed_ || !queue_.empty(); });
      if (queue_.empty()) break;
      compile_one(lock, *compiler, compile_ms);
    }
    thread_ms_ += compile_ms;
  }

  /// Compiles the first batch that waits, without the lock.
  void compile_one(std::unique_lock<std::mutex>& lock, Compiler& compiler, double& sum_ms) {
    const Queued queued = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    Chunk chunk;
    {
      const PhaseTimer timer(sum_ms);
      chunk = Chunk(compiler.compile(context_, queued.batch.jobs));
    }
    lock.lock();
    Slot& slot = chunks_[queued.number - num_linked_];
    slot.chunk = std::move(chunk);
    slot.done = true;
    if (queued.number == num_linked_) done_.notify_one();
  }

  /// Links the chunks that nothing unfinished precedes; without the lock, as only one thread does.
  Result<> link_finished(std::unique_lock<std::mutex>& lock) {
    while (!chunks_.empty() && chunks_.front().done) {
      const Chunk chunk = std::move(chunks_.front().chunk);
      chunks_.pop_front();
      ++num_linked_;
      lock.unlock();
      Result<> linked;
      {
        const PhaseTimer timer(own_ms_);
        linked = linker_.add(chunk.view());
      }
      lock.lock();
      TRY(std::move(linked));
    }
    return {};
  }

  const CompileOptions& options_;
  const ModuleContext& context_;
  Linker& linker_;
  const std::unique_ptr<Compiler> compiler_;  // of the thread that adds
  double own_ms_ = 0;

  std::mutex mutex_;  // guards what follows, but for threads_
  std::condition_variable wake_;
  std::condition_variable done_;
  std::deque<Queued> queue_;
  std::deque<Slot> chunks_;  // of the batches from number num_linked_ on
  size_t num_linked_ = 0;
  bool closed_ = false;
  double thread_ms_ = 0;
  std::vector<platform::Thread> threads_;
};

}  // namespace

class ModuleCompiler::Impl final : public ModuleDecoder::Listener {
 public:
  Impl(TypeRegistry& types, const CompileOptions& options)
      : types_(types), options_(options), decoder_(types, options.features, *this) {}

  Result<> push(std::span<const uint8_t> bytes, Bytes afterwards) {
    if (error_) return *error_;
    bytes_stay_ = afterwards == Bytes::stay;
    num_bytes_ += bytes.size();
    const PhaseTimer timer(total_ms_);
    Result<> pushed = decoder_.push(bytes);
    // Bodies that still wait lie before whatever is wrong: the first bad byte may be in one.
    if (Result<> validated = validate_batch(); !validated) pushed = std::move(validated);
    if (!pushed) {
      error_ = pushed.error();
      if (workers_ != nullptr) workers_->stop();
    } else if (workers_ != nullptr && !link_error_) {
      note_link_error(workers_->link());
    }
    return pushed;
  }

  Result<CompiledModule> finish() {
    if (error_) return *error_;
    Result<ModuleInfo> info = [&]() -> Result<ModuleInfo> {
      const PhaseTimer timer(total_ms_);
      if (workers_ != nullptr) {
        if (!link_error_) note_link_error(workers_->finish());
        workers_->stop();  // they read what the decoder owns
      }
      return decoder_.finish();
    }();
    if (info && unsupported_) info = unsupported_error(*info);
    if (info && link_error_) info = std::move(*link_error_);
    if (!info) {
      error_ = info.error();
      return *error_;
    }
    if (workers_ != nullptr) times_.compile_ms += workers_->own_ms();
    times_.decode_ms = std::max(0.0, total_ms_ - times_.validate_ms - times_.compile_ms);
    if (workers_ != nullptr) times_.compile_ms += workers_->thread_ms();
    CodeObject code;
    {
      const PhaseTimer timer(times_.compile_ms);
      if (linker_) code = std::move(*linker_).finish();
    }
    code.target = options_.target;
    return CompiledModule{std::move(*info), std::move(code), times_};
  }

  Result<> on_code_start(const ModuleInfo& module, uint32_t count) override {
    find_unsupported_constructs(module);
    context_ = make_module_context(module, types_, options_.target, options_.poison_upper_halves);
    if (options_.target.fuel && !options_.fuel_costs->all_are_zero())
      context_->fuel_costs = options_.fuel_costs;
    prescan_.emplace(*context_);
    const uint64_t believed = bytes_stay_ ? num_bytes_ : std::max(num_bytes_, kBelievedBytes);
    linker_.emplace(std::min<uint64_t>(module.code_section_size, believed), count,
                    options_.code_pool);
    if (options_.jobs > 1 && count > 1) {
      // This thread is one of them.
      workers_ = std::make_unique<Workers>(options_, *context_, *linker_,
                                           std::min(options_.jobs, count) - 1);
      if (!workers_->any()) workers_.reset();
    }
    if (workers_ == nullptr) compiler_ = make_compiler(options_.target);
    return {};
  }

  Result<> on_body(const ModuleInfo& module, uint32_t defined_index, std::span<const uint8_t> body,
                   size_t body_offset) override {
    if (!bytes_stay_) body = batch_.copies.add(body);
    batch_.jobs.push_back({defined_index, body, body_offset, {}});
    batch_.num_bytes += body.size();
    const bool is_last = defined_index + 1 == module.num_defined_funcs();
    if (batch_.num_bytes < kBatchBytes && batch_.jobs.size() < kBatchFunctions && !is_last)
      return {};
    return finish_batch();
  }

 private:
  /// Those of its bodies that have not been. The batch itself is the same wherever bytes were cut.
  Result<> validate_batch() {
    if (batch_.num_validated == batch_.jobs.size()) return {};
    const PhaseTimer timer(times_.validate_ms);
    const ModuleInfo& module = context_->module;
    for (FuncJob& job : std::span(batch_.jobs).subspan(batch_.num_validated)) {
      job.info = TRY(prescan_->scan(options_.features, module.defined_func(job.defined_index),
                                    job.body, job.body_offset));
      ++batch_.num_validated;
    }
    if (!unsupported_) unsupported_ = prescan_->unsupported();
    return {};
  }

  Result<> finish_batch() {
    TRY(validate_batch());
    if (!unsupported_ && !link_error_) {
      if (workers_ != nullptr) {
        note_link_error(workers_->add(std::exchange(batch_, Batch())));
      } else {
        const PhaseTimer timer(times_.compile_ms);
        note_link_error(linker_->add(compiler_->compile(*context_, batch_.jobs)));
      }
    }
    batch_.clear();
    return {};
  }

  /// Whether a module is valid comes first: when the linker finds something depends on threads.
  void note_link_error(Result<> linked) {
    if (!linked) link_error_ = std::move(linked).error();
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
  const CompileOptions options_;
  ModuleDecoder decoder_;
  std::optional<Error> error_;
  uint64_t num_bytes_ = 0;
  bool bytes_stay_ = false;
  std::unique_ptr<ModuleContext> context_;
  std::optional<Prescan> prescan_;
  std::optional<Unsupported> unsupported_;
  Batch batch_;
  std::unique_ptr<Compiler> compiler_;
  std::optional<Linker> linker_;
  std::optional<Error> link_error_;
  PhaseTimes times_;
  double total_ms_ = 0;
  std::unique_ptr<Workers> workers_;  // last: stops before what it uses is gone
};

ModuleCompiler::ModuleCompiler(TypeRegistry& types, const CompileOptions& options)
    : impl_(std::make_unique<Impl>(types, options)) {}
ModuleCompiler::~ModuleCompiler() = default;
ModuleCompiler::ModuleCompiler(ModuleCompiler&& other) noexcept = default;
ModuleCompiler& ModuleCompiler::operator=(ModuleCompiler&& other) noexcept = default;

Result<> ModuleCompiler::push(std::span<const uint8_t> bytes, Bytes afterwards) {
  return impl_->push(bytes, afterwards);
}
Result<CompiledModule> ModuleCompiler::finish() {
  return impl_->finish();
}

Result<CompiledModule> compile_module(TypeRegistry& types, const CompileOptions& options,
                                      std::span<const uint8_t> wasm) {
  ModuleCompiler compiler(types, options);
  TRY(compiler.push(wasm, ModuleCompiler::Bytes::stay));
  return compiler.finish();
}

}  // namespace swoop::jit
