#include "wast/runner.h"

#include "platform/thread.h"
#include "runtime/linker.h"
#include "text/printer.h"
#include "text/wat.h"
#include "wast/matching.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

namespace swoop::wast {
namespace {

using text::ScriptAction;
using text::ScriptCommand;
using text::ScriptModule;
using text::ScriptReader;
using text::ScriptValue;
using Kind = ScriptCommand::Kind;

// Deeper threads and scripts in each other are refused, so that hostile ones cannot exhaust the
// stack.
constexpr unsigned kMaxNesting = 64;

/// Nothing: the command passed.
using Verdict = std::optional<Failure>;

Failure wrong(std::string message) {
  return {FailureKind::wrong, {}, std::move(message)};
}

std::string describe_error(const Error& error) {
  return std::string(to_string(error.kind)) + ": " + error.message;
}

/// Why a module command left nothing behind; whoever needs its definition or instance fails for the
/// same reason.
struct Missing {
  std::string feature;
  std::string message;
};

Failure depends_on(const Missing& missing) {
  // A dependency on a dependency tells the first reason only.
  const std::string introduction = "the module it needs was not made: ";
  const bool has_it = missing.message.starts_with(introduction);
  return {FailureKind::dependency, missing.feature,
          has_it ? missing.message : introduction + missing.message};
}

/// How a call or an instantiation ended.
enum class Ending : uint8_t { returned, trap, exhaustion, exception, exit };

Ending ending_of(const Completion& completion) {
  if (completion.returned()) return Ending::returned;
  if (completion.exception() != nullptr) return Ending::exception;
  const Trap* const trap = completion.trap();
  if (trap == nullptr) return Ending::exit;
  return trap->code == TrapCode::call_stack_exhausted ? Ending::exhaustion : Ending::trap;
}

std::string describe_ending(const Completion& completion) {
  switch (ending_of(completion)) {
    case Ending::returned: return "a return";
    case Ending::trap: return "trap \"" + completion.trap()->message + "\"";
    case Ending::exhaustion: return "exhaustion \"" + completion.trap()->message + "\"";
    case Ending::exception: return completion.exception()->message;
    case Ending::exit: return "exit " + std::to_string(completion.exit()->code);
  }
  return "?";
}

struct ActionResult {
  Completion completion;
  std::vector<ValType> types;
  std::vector<Value> values;
};

/// A definition or an instance under an id, or why there is none.
template <class T>
using Named = std::variant<T, Missing>;

struct ThreadRun;

/// One flow of commands: a script, or one of its threads.
class Session {
 public:
  Session(const std::shared_ptr<Engine>& engine, const RunnerOptions& options, unsigned nesting)
      : engine_(engine), options_(options), nesting_(nesting), store_(engine), linker_(store_) {
    if (Result<> defined = define_spectest(linker_, options.print); !defined.ok()) {
      unregistered_["spectest"] = {{}, describe_error(defined.error())};
    }
  }
  ~Session() { join_threads(); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void execute(const ScriptCommand& command);
  void add_unreadable(const Error& error, size_t offset);
  /// Makes the instance `id` known as one that this session cannot use.
  void block_instance(const std::string& id, const Missing& missing) { instances_[id] = missing; }
  void join_threads();

  ScriptReport report;

 private:
  using ModulePtr = std::shared_ptr<const Module>;

  /// What came of a module of the script: as far as it got.
  struct Compiled {
    ModulePtr module;
    std::optional<Error> error;      // null module
    std::optional<size_t> offset;    // of an error of its text, in the script
    std::optional<Failure> damaged;  // by the round trip
  };

  const TypeRegistry& types() const { return engine_->types(); }

  Verdict run(const ScriptCommand& command);
  Verdict run_module(const ScriptCommand& command);
  Verdict run_instance(const ScriptCommand& command);
  Verdict run_register(const ScriptCommand& command);
  Verdict run_action(const ScriptCommand& command);
  Verdict run_assert_return(const ScriptCommand& command);
  Verdict run_assert_ending(const ScriptCommand& command, Ending ending);
  Verdict run_assert_exception(const ScriptCommand& command);
  Verdict run_assert_refused(const ScriptCommand& command, ErrorKind kind);
  Verdict run_assert_custom(const ScriptCommand& command, ErrorKind kind);
  Verdict run_assert_unlinkable(const ScriptCommand& command);
  Verdict run_thread(const ScriptCommand& command);
  Verdict run_wait(const ScriptCommand& command);
  Verdict run_script(const ScriptCommand& command);

  Verdict instantiate(const ModulePtr& module, const std::string& id);
  std::variant<Instantiation, Failure> instantiate_for_assertion(const ScriptCommand& command);
  Failure instantiation_failure(const Module& module, const Instantiation& outcome);
  std::variant<ActionResult, Failure> perform(const ScriptAction& action);
  std::variant<Instance*, Failure> find_instance(const std::string& id) const;
  std::variant<ModulePtr, Failure> find_definition(const std::string& id) const;

  Compiled compile(const ScriptModule& module);
  Result<std::vector<uint8_t>> encode(const ScriptModule& module, std::optional<Failure>& damaged);
  Failure refusal(const Error& error) const;
  template <class T>
  static void block(Named<T>& current, std::map<std::string, Named<T>>& named,
                    const std::string& id, const Missing& missing);
  void note_message(const Error& error, const std::string& expected);

  const std::shared_ptr<Engine>& engine_;
  const RunnerOptions& options_;
  unsigned nesting_;
  Store store_;
  Linker linker_;

  std::map<std::string, Named<ModulePtr>> definitions_;
  std::map<std::string, Named<Instance*>> instances_;
  Named<ModulePtr> current_definition_ = Missing{{}, "there is none yet"};
  Named<Instance*> current_instance_ = Missing{{}, "there is none yet"};
  std::optional<std::string> shown_;             // of the action that just ended
  std::optional<std::string> failed_module_;     // why the last module command left no instance
  std::map<std::string, Missing> unregistered_;  // names that a failed command would have given
  std::map<std::string, std::unique_ptr<ThreadRun>> threads_;
};

/// A thread of a script, from its start until its session has been joined.
struct ThreadRun {
  ThreadRun(const std::shared_ptr<Engine>& engine, const RunnerOptions& options, unsigned nesting,
            const std::vector<ScriptCommand>& thread_commands)
      : session(engine, options, nesting), commands(thread_commands) {}

  static void* run(void* self) {
    auto& thread = *static_cast<ThreadRun*>(self);
    for (const ScriptCommand& command : thread.commands) thread.session.execute(command);
    thread.session.join_threads();
    return nullptr;
  }

  Session session;
  std::vector<ScriptCommand> commands;  // its own: the command that started it is gone by then
  std::optional<platform::Thread> thread;
};

void Session::execute(const ScriptCommand& command) {
  // Before those of the commands inside it.
  const size_t at = report.commands.size();
  report.commands.push_back({command.kind, command.offset, std::nullopt});
  Verdict verdict;
  {
    const CallScope scope(store_, options_.limits);
    verdict = scope.obstacle() == nullptr ? run(command) : wrong(scope.obstacle());
  }
  const bool is_of_current = command.action && command.action->instance.empty();
  if (verdict && verdict->kind == FailureKind::wrong && is_of_current && failed_module_) {
    // The instance it used is not the one that was meant.
    verdict->kind = FailureKind::dependency;
    verdict->message += "; the module before it failed: " + *failed_module_;
  }
  if (command.kind == Kind::module || command.kind == Kind::instance) {
    failed_module_.reset();
    if (verdict) failed_module_ = verdict->message;
  }
  report.commands[at].failure = std::move(verdict);
  report.commands[at].shown = std::exchange(shown_, std::nullopt);
}

void Session::add_unreadable(const Error& error, size_t offset) {
  Failure failure = refusal(error);
  report.commands.push_back({std::nullopt, offset, std::move(failure)});
}

Verdict Session::run(const ScriptCommand& command) {
  switch (command.kind) {
    case Kind::module: return run_module(command);
    case Kind::instance: return run_instance(command);
    case Kind::register_: return run_register(command);
    case Kind::action: return run_action(command);
    case Kind::assert_return: return run_assert_return(command);
    case Kind::assert_trap: return run_assert_ending(command, Ending::trap);
    case Kind::assert_exhaustion: return run_assert_ending(command, Ending::exhaustion);
    case Kind::assert_exception: return run_assert_exception(command);
    case Kind::assert_suspension:
      return Failure{FailureKind::unsupported, "stack-switching", "unsupported: stack-switching"};
    case Kind::assert_malformed: return run_assert_refused(command, ErrorKind::malformed);
    case Kind::assert_invalid: return run_assert_refused(command, ErrorKind::invalid);
    case Kind::assert_malformed_custom: return run_assert_custom(command, ErrorKind::malformed);
    case Kind::assert_invalid_custom: return run_assert_custom(command, ErrorKind::invalid);
    case Kind::assert_unlinkable: return run_assert_unlinkable(command);
    case Kind::thread: return run_thread(command);
    case Kind::wait: return run_wait(command);
    case Kind::script: return run_script(command);
    case Kind::input:
    case Kind::output: return wrong("scripts do not read or write files here");
  }
  return wrong("unknown command");
}

// Modules and instances.

Verdict Session::run_module(const ScriptCommand& command) {
  const ScriptModule& source = *command.module;
  Compiled compiled = compile(source);
  if (compiled.error) {
    Failure failure = refusal(*compiled.error);
    failure.offset = compiled.offset;
    const Missing missing{failure.missing, failure.message};
    block(current_definition_, definitions_, source.id(), missing);
    if (!source.is_definition()) block(current_instance_, instances_, source.id(), missing);
    // The text is at fault whatever can be compiled.
    return compiled.damaged && failure.kind == FailureKind::unsupported
               ? std::move(compiled.damaged)
               : failure;
  }
  current_definition_ = compiled.module;
  if (!source.id().empty()) definitions_[source.id()] = compiled.module;
  if (!source.is_definition()) {
    if (Verdict verdict = instantiate(compiled.module, source.id())) return verdict;
  }
  return std::move(compiled.damaged);
}

Verdict Session::run_instance(const ScriptCommand& command) {
  auto definition = find_definition(command.target);
  if (Failure* const failure = std::get_if<Failure>(&definition)) {
    block(current_instance_, instances_, command.id, {failure->missing, failure->message});
    return std::move(*failure);
  }
  return instantiate(std::get<ModulePtr>(definition), command.id);
}

Verdict Session::instantiate(const ModulePtr& module, const std::string& id) {
  const Instantiation outcome = linker_.instantiate(module);
  if (outcome.instance == nullptr) {
    Failure failure = instantiation_failure(*module, outcome);
    block(current_instance_, instances_, id, {failure.missing, failure.message});
    return failure;
  }
  current_instance_ = outcome.instance;
  if (!id.empty()) instances_[id] = outcome.instance;
  return std::nullopt;
}

/// Why there is no instance where there should be one.
Failure Session::instantiation_failure(const Module& module, const Instantiation& outcome) {
  if (!outcome.error)
    return wrong("expected an instance, got " + describe_ending(outcome.completion));
  if (outcome.error->kind == ErrorKind::unlinkable) {
    for (const Import& import : module.info().imports) {
      const auto missing = unregistered_.find(import.module);
      if (missing != unregistered_.end() && linker_.find(import.module, import.name) == nullptr) {
        return depends_on(missing->second);
      }
    }
  }
  return refusal(*outcome.error);
}

/// A failed command leaves what there was, unless the reason is a feature we lack: commands after
/// it mean the module that every complete implementation has.
template <class T>
void Session::block(Named<T>& current, std::map<std::string, Named<T>>& named,
                    const std::string& id, const Missing& missing) {
  const bool is_ours = !missing.feature.empty();
  if (is_ours) current = missing;
  if (!id.empty() && (is_ours || !named.contains(id))) named[id] = missing;
}

Failure Session::refusal(const Error& error) const {
  std::string message = describe_error(error);
  if (error.kind == ErrorKind::unsupported) {
    // The message begins with the feature's name.
    return {FailureKind::unsupported, error.message.substr(0, error.message.find(' ')),
            std::move(message)};
  }
  const bool may_be_unknown =
      error.kind == ErrorKind::malformed || error.kind == ErrorKind::invalid;
  if (may_be_unknown && !options_.missing_proposal.empty()) {
    return {FailureKind::unsupported, options_.missing_proposal, std::move(message)};
  }
  return wrong(std::move(message));
}

Session::Compiled Session::compile(const ScriptModule& source) {
  Compiled compiled;
  const Result<std::vector<uint8_t>> wasm = encode(source, compiled.damaged);
  if (!wasm) {
    compiled.error = wasm.error();
    if (source.form() == ScriptModule::Form::text) compiled.offset = wasm.error().offset;
    return compiled;
  }
  Result<ModulePtr> module = Module::compile(engine_, *wasm);
  if (module.ok()) {
    compiled.module = *std::move(module);
  } else {
    compiled.error = std::move(module).error();
  }
  return compiled;
}

Result<std::vector<uint8_t>> Session::encode(const ScriptModule& source,
                                             std::optional<Failure>& damaged) {
  std::vector<uint8_t> wasm = TRY(source.encode());
  if (!options_.round_trip || source.form() == ScriptModule::Form::binary) return wasm;

  const Result<std::string> text = text::wasm_to_wat(wasm);
  if (!text) {
    damaged = wrong("round trip: the binary cannot be printed: " + describe_error(text.error()));
    return wasm;
  }
  Result<std::vector<uint8_t>> again = text::wat_to_wasm(*text);
  if (!again) {
    damaged =
        wrong("round trip: what was printed cannot be read: " + describe_error(again.error()));
    return wasm;
  }
  if (*again != wasm) {
    const auto [first, second] = std::ranges::mismatch(wasm, *again);
    damaged = wrong("round trip: binaries of " + std::to_string(wasm.size()) + " and " +
                    std::to_string(again->size()) + " bytes differ from byte " +
                    std::to_string(first - wasm.begin()) + " on");
  }
  return again;
}

std::variant<Instance*, Failure> Session::find_instance(const std::string& id) const {
  const Named<Instance*>* named = &current_instance_;
  if (!id.empty()) {
    const auto found = instances_.find(id);
    if (found == instances_.end()) return wrong("there is no instance " + id);
    named = &found->second;
  }
  if (const Missing* const missing = std::get_if<Missing>(named)) return depends_on(*missing);
  return std::get<Instance*>(*named);
}

std::variant<Session::ModulePtr, Failure> Session::find_definition(const std::string& id) const {
  const Named<ModulePtr>* named = &current_definition_;
  if (!id.empty()) {
    const auto found = definitions_.find(id);
    if (found == definitions_.end()) return wrong("there is no module " + id);
    named = &found->second;
  }
  if (const Missing* const missing = std::get_if<Missing>(named)) return depends_on(*missing);
  return std::get<ModulePtr>(*named);
}

Verdict Session::run_register(const ScriptCommand& command) {
  const auto instance = find_instance(command.target);
  if (const Failure* const failure = std::get_if<Failure>(&instance)) {
    unregistered_[command.name] = {failure->missing, failure->message};
    return *failure;
  }
  unregistered_.erase(command.name);
  linker_.define_instance(command.name, *std::get<Instance*>(instance));
  return std::nullopt;
}

// Actions and what is said of them.

std::variant<ActionResult, Failure> Session::perform(const ScriptAction& action) {
  auto found = find_instance(action.instance);
  if (Failure* const failure = std::get_if<Failure>(&found)) return std::move(*failure);
  Instance& instance = *std::get<Instance*>(found);

  ActionResult result;
  if (action.kind == ScriptAction::Kind::get) {
    const Global* const global = instance.global(action.name);
    if (global == nullptr) return wrong("the instance exports no global of this name");
    result.types.push_back(global->type().type);
    result.values.push_back(global->get());
    return result;
  }

  const Func func = instance.func(action.name);
  if (!func) return wrong("the instance exports no function of this name");
  const FuncType& type = func.type();
  if (type.params.size() != action.args.size()) {
    return wrong("the function has " + std::to_string(type.params.size()) + " parameters, not " +
                 std::to_string(action.args.size()));
  }
  std::vector<Value> arguments;
  for (size_t i = 0; i < action.args.size(); ++i) {
    const Result<Value> argument = to_argument(types(), action.args[i], type.params[i]);
    if (!argument) return wrong(argument.error().message);
    arguments.push_back(*argument);
  }
  CallResult called = func.call(arguments);
  result.completion = std::move(called.completion);
  result.values = std::move(called.values);
  result.types = type.results;
  return result;
}

Verdict Session::run_action(const ScriptCommand& command) {
  auto outcome = perform(*command.action);
  if (Failure* const failure = std::get_if<Failure>(&outcome)) return std::move(*failure);
  const auto& [completion, result_types, values] = std::get<ActionResult>(outcome);
  if (options_.show_actions) {
    std::string shown = completion.returned() ? "" : describe_ending(completion);
    for (size_t i = 0; i < values.size(); ++i) {
      shown += (i == 0 ? "" : " ") + describe(types(), result_types[i], values[i]);
    }
    shown_ = std::move(shown);
    return std::nullopt;
  }
  if (completion.returned()) return std::nullopt;
  return wrong("expected a return, got " + describe_ending(completion));
}

Verdict Session::run_assert_return(const ScriptCommand& command) {
  auto outcome = perform(*command.action);
  if (Failure* const failure = std::get_if<Failure>(&outcome)) return std::move(*failure);
  const auto& [completion, result_types, values] = std::get<ActionResult>(outcome);
  if (!completion.returned()) return wrong("expected a return, got " + describe_ending(completion));
  const std::vector<ScriptValue>& expected = command.results;
  if (values.size() != expected.size()) {
    return wrong("expected " + std::to_string(expected.size()) + " results, got " +
                 std::to_string(values.size()));
  }
  for (size_t i = 0; i < expected.size(); ++i) {
    if (matches(types(), expected[i], result_types[i], values[i])) continue;
    const bool is_vector = expected[i].kind == ScriptValue::Kind::v128;
    const text::VectorShape shape = is_vector ? expected[i].shape : text::VectorShape::i32x4;
    std::string message = expected.size() == 1 ? "" : "result " + std::to_string(i + 1) + ": ";
    return wrong(message + "expected " + describe(expected[i]) + ", got " +
                 describe(types(), result_types[i], values[i], shape));
  }
  return std::nullopt;
}

/// A trap or exhaustion, of an action or of the instantiation of a module.
Verdict Session::run_assert_ending(const ScriptCommand& command, Ending ending) {
  Completion completion;
  if (command.action) {
    auto outcome = perform(*command.action);
    if (Failure* const failure = std::get_if<Failure>(&outcome)) return std::move(*failure);
    completion = std::move(std::get<ActionResult>(outcome).completion);
  } else {
    auto outcome = instantiate_for_assertion(command);
    if (Failure* const failure = std::get_if<Failure>(&outcome)) return std::move(*failure);
    Instantiation& instantiation = std::get<Instantiation>(outcome);
    if (instantiation.error) {
      return wrong("expected trap \"" + command.message + "\", got " +
                   describe_error(*instantiation.error));
    }
    completion = std::move(instantiation.completion);
  }
  if (ending_of(completion) == ending &&
      matches_trap_message(command.message, completion.trap()->message)) {
    return std::nullopt;
  }
  return wrong(std::string("expected ") + (ending == Ending::trap ? "trap" : "exhaustion") + " \"" +
               command.message + "\", got " + describe_ending(completion));
}

Verdict Session::run_assert_exception(const ScriptCommand& command) {
  auto outcome = perform(*command.action);
  if (Failure* const failure = std::get_if<Failure>(&outcome)) return std::move(*failure);
  const Completion& completion = std::get<ActionResult>(outcome).completion;
  if (ending_of(completion) == Ending::exception) return std::nullopt;
  return wrong("expected an exception, got " + describe_ending(completion));
}

/// Instantiates the module that must not become an instance. A failure when not even its
/// instantiation could begin, or a dependency is to blame.
std::variant<Instantiation, Failure> Session::instantiate_for_assertion(
    const ScriptCommand& command) {
  ModulePtr module;
  if (command.module) {
    Compiled compiled = compile(*command.module);
    if (compiled.error) return refusal(*compiled.error);
    if (compiled.damaged) return *std::move(compiled.damaged);
    module = std::move(compiled.module);
  } else {
    auto definition = find_definition(command.target);
    if (Failure* const failure = std::get_if<Failure>(&definition)) return std::move(*failure);
    module = std::get<ModulePtr>(definition);
  }
  Instantiation outcome = linker_.instantiate(module);
  if (outcome.error) {
    Failure failure = instantiation_failure(*module, outcome);
    if (failure.kind != FailureKind::wrong) return failure;
  }
  return outcome;
}

Verdict Session::run_assert_unlinkable(const ScriptCommand& command) {
  auto outcome = instantiate_for_assertion(command);
  if (Failure* const failure = std::get_if<Failure>(&outcome)) return std::move(*failure);
  const Instantiation& instantiation = std::get<Instantiation>(outcome);
  const std::optional<Error>& error = instantiation.error;
  if (error && error->kind == ErrorKind::unlinkable &&
      error->message.starts_with(command.message)) {
    return std::nullopt;
  }
  std::string got = "an instance";
  if (error) {
    got = describe_error(*error);
  } else if (!instantiation.completion.returned()) {
    got = describe_ending(instantiation.completion);
  }
  return wrong("expected unlinkable \"" + command.message + "\", got " + got);
}

// Modules that must be refused.

void Session::note_message(const Error& error, const std::string& expected) {
  if (!error.message.starts_with(expected)) ++report.other_messages;
}

Verdict Session::run_assert_refused(const ScriptCommand& command, ErrorKind kind) {
  const Compiled compiled = compile(*command.module);
  if (compiled.error && compiled.error->kind == kind) {
    note_message(*compiled.error, command.message);
    return std::nullopt;
  }
  const std::string expected =
      std::string("expected ") + to_string(kind) + " \"" + command.message + "\", got ";
  Failure failure = wrong(expected + "a valid module");
  // That a feature is missing can be why a module is refused otherwise, or not refused.
  if (compiled.error) failure = refusal(*compiled.error);
  if (failure.kind == FailureKind::wrong && !options_.missing_proposal.empty()) {
    failure.kind = FailureKind::unsupported;
    failure.missing = options_.missing_proposal;
  }
  if (compiled.error) failure.message = expected + describe_error(*compiled.error);
  return failure;
}

/// Annotations that make no sense. They are written in text, and what is wrong with them is found
/// when their custom sections are made.
Verdict Session::run_assert_custom(const ScriptCommand& command, ErrorKind kind) {
  const Result<std::vector<uint8_t>> wasm = command.module->encode();
  if (!wasm && wasm.error().kind == kind) {
    note_message(wasm.error(), command.message);
    return std::nullopt;
  }
  return wrong(std::string("expected ") + to_string(kind) + " \"" + command.message + "\", got " +
               (wasm.ok() ? "a module" : describe_error(wasm.error())));
}

// Threads and scripts inside scripts.

Verdict Session::run_thread(const ScriptCommand& command) {
  Verdict verdict;
  auto thread = std::make_unique<ThreadRun>(engine_, options_, nesting_ + 1, command.commands);
  if (!command.target.empty()) {
    auto shared = find_instance(command.target);
    if (Failure* const failure = std::get_if<Failure>(&shared)) {
      verdict = std::move(*failure);
    } else {
      verdict = Failure{FailureKind::unsupported, "threads",
                        "unsupported: threads (a memory belongs to one store)"};
    }
    thread->session.block_instance(command.target, {verdict->missing, verdict->message});
  }
  const bool is_too_deep = nesting_ + 1 >= kMaxNesting;
  if (!is_too_deep) thread->thread = platform::Thread::start(&ThreadRun::run, thread.get());
  if (!thread->thread) {
    verdict = wrong(is_too_deep ? "threads are nested too deeply" : "no room for another thread");
    // What it does not do has failed.
    for (const ScriptCommand& inner : command.commands) {
      report.commands.push_back({inner.kind, inner.offset, wrong("its thread did not start")});
    }
    return verdict;
  }
  std::unique_ptr<ThreadRun>& slot = threads_[command.id];
  if (slot) join_threads();  // one of the same name: nobody can wait for it any more
  threads_[command.id] = std::move(thread);
  return verdict;
}

Verdict Session::run_wait(const ScriptCommand& command) {
  const auto found = threads_.find(command.id);
  if (found == threads_.end()) return wrong("there is no thread " + command.id);
  ThreadRun& thread = *found->second;
  thread.thread->join();
  ScriptReport& done = thread.session.report;
  std::ranges::move(done.commands, std::back_inserter(report.commands));
  report.other_messages += done.other_messages;
  threads_.erase(found);
  return std::nullopt;
}

void Session::join_threads() {
  while (!threads_.empty()) {
    ScriptCommand wait;
    wait.id = threads_.begin()->first;
    (void)run_wait(wait);
  }
}

Verdict Session::run_script(const ScriptCommand& command) {
  if (nesting_ + 1 >= kMaxNesting) return wrong("scripts are nested too deeply");
  ++nesting_;
  Verdict verdict;
  for (const ScriptCommand& inner : command.commands) {
    // The script is one command, and fails with the first of its own that does.
    Verdict failed = run(inner);
    if (!verdict) verdict = std::move(failed);
  }
  --nesting_;
  return verdict;
}

}  // namespace

const char* CommandReport::name() const {
  return kind ? text::to_string(*kind) : "unreadable";
}

bool CommandReport::is_assertion() const {
  return std::string_view(name()).starts_with("assert_");
}

ScriptReport run_script(const std::shared_ptr<Engine>& engine, const RunnerOptions& options,
                        std::string_view text) {
  Session session(engine, options, 0);
  ScriptReader reader(text);
  while (std::optional<Result<ScriptCommand>> command = reader.next()) {
    if (command->ok()) {
      session.execute(**command);
    } else {
      const Error& error = command->error();
      session.add_unreadable(error, error.offset == kNoOffset ? 0 : error.offset);
    }
  }
  session.join_threads();
  std::ranges::stable_sort(session.report.commands, {}, &CommandReport::offset);
  return std::move(session.report);
}

}  // namespace swoop::wast
