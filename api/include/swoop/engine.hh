// Engines and modules.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <swoop/value.hh>

namespace swoop {
inline namespace SWOOP_NAMESPACE {

/// Bytes that are owned, such as those of a module.
using Bytes = std::vector<std::byte>;
/// Bytes of somebody else's.
using BytesView = std::span<const std::byte>;

/// Which instructions and types modules may have: those of a version of the spec.
enum class Features : std::uint32_t {
  all = SWOOP_FEATURES_ALL,  // everything this library knows
  wasm1 = SWOOP_FEATURES_WASM1,
  wasm2 = SWOOP_FEATURES_WASM2,
  wasm3 = SWOOP_FEATURES_WASM3,
};

/// For designated initialisers: Engine({.fuel = true}). Zero and empty choose.
struct Config {
  Features features = Features::all;  // what modules may have
  unsigned compile_threads = 0;       // for one module, with that of the caller; 0: one
  std::string target = {};  // "x86_64" or "aarch64"; other machines' modules have no instances
  std::string cpu = {};     // "host", "baseline", or optional features with commas
  bool explicit_bounds =
      false;                 // check bounds in code: without large reservations of address space
  bool interruption = true;  // loops can be ended by stop tokens and timeouts
  bool fuel = false;         // code counts what it executes
  /// Fuel for one executed operator, by its opcode: its byte, or prefix << 12 | number. Default: 1,
  /// but 0 for those that only mark a place, as `block` and `end`, or drop a value. Bulk operations
  /// and growth pay it again for each 64 bytes.
  std::function<std::uint32_t(std::uint32_t opcode)> cost = {};
  bool sign_return_addresses = false;    // AArch64
  std::uint64_t stack_bytes = 0;         // of wasm, for one outermost call; 0: 1 MiB
  std::uint64_t max_module_bytes = 0;    // 0, and at most: 1 GiB
  std::uint64_t max_memory_bytes = 0;    // of one memory
  std::uint64_t max_table_elements = 0;  // of one table
  std::uint64_t max_heap_bytes = 0;      // of one store's structs, arrays and exceptions
};

/// What modules and stores share. Copies are the same engine; any thread may use it.
class Engine {
 public:
  /// Errors: unsupported, out_of_memory; misuse when the header is newer than the library.
  static Result<Engine> make(const Config& config = {}) {
    swoop_config_t raw = swoop_config_default();
    raw.features = static_cast<std::uint32_t>(config.features);
    raw.compile_threads = config.compile_threads;
    if (!config.target.empty()) raw.c_target = config.target.c_str();
    if (!config.cpu.empty()) raw.c_cpu = config.cpu.c_str();
    raw.explicit_bounds = config.explicit_bounds;
    raw.interruption = config.interruption;
    raw.fuel = config.fuel;
    raw.sign_return_addresses = config.sign_return_addresses;
    raw.stack_bytes = config.stack_bytes;
    raw.max_module_bytes = config.max_module_bytes;
    raw.max_memory_bytes = config.max_memory_bytes;
    raw.max_table_elements = config.max_table_elements;
    raw.max_heap_bytes = config.max_heap_bytes;
    if (config.cost) {
      raw.cost = [](std::uint32_t opcode, void* cost) {
        return (*static_cast<const decltype(Config::cost)*>(cost))(opcode);
      };
      raw.cost_environment = const_cast<decltype(Config::cost)*>(&config.cost);
    }
    swoop_engine_t* engine = nullptr;
    if (swoop_error_t* const error = swoop_engine_new(&raw, &engine)) return Error(error);
    return Engine(engine);
  }
  /// The same; an error is raised.
  explicit Engine(const Config& config = {}) : Engine(make(config).value()) {}
  /// Takes a handle of the C interface over.
  explicit Engine(swoop_engine_t* raw) noexcept : handle_(raw) {}

  /// Of the library that runs; SWOOP_VERSION is that of the header.
  static std::string_view version() noexcept { return swoop_version(); }
  swoop_engine_t* raw() const noexcept { return handle_.get(); }

 private:
  detail::Handle<swoop_engine_t> handle_;
};

/// The binary of a text module. Errors: malformed.
inline Result<Bytes> wat2wasm(std::string_view text) {
  swoop_bytes_t raw = {};
  if (swoop_error_t* const error = swoop_wat2wasm(text.data(), text.size(), &raw))
    return Error(error);
  const auto* const first = reinterpret_cast<const std::byte*>(raw.data);
  Bytes wasm(first, first + raw.size);
  swoop_bytes_delete(&raw);
  return wasm;
}

/// What a module imports. The strings belong to the module.
struct ImportType {
  std::string_view module;  // where from
  std::string_view name;    // of what
  ExternType type;          // which it must have
};
/// What a module exports. The string belongs to the module.
struct ExportType {
  std::string_view name;  // unique in the module
  ExternType type;        // which it has
};

/// A compiled module: immutable. Copies are the same module; any thread may use it.
class Module {
 public:
  /// Decodes, validates and compiles; the bytes are not kept. Errors: malformed, invalid,
  /// unsupported, limit_exceeded, out_of_memory.
  static Result<Module> compile(const Engine& engine, BytesView wasm) {
    swoop_module_t* module = nullptr;
    if (swoop_error_t* const error = swoop_module_compile(
            engine.raw(), reinterpret_cast<const std::uint8_t*>(wasm.data()), wasm.size(), &module))
      return Error(error);
    return Module(module);
  }
  /// The same of a text module. Offsets of errors are of its characters.
  static Result<Module> compile_wat(const Engine& engine, std::string_view text) {
    swoop_module_t* module = nullptr;
    if (swoop_error_t* const error =
            swoop_module_compile_text(engine.raw(), text.data(), text.size(), &module))
      return Error(error);
    return Module(module);
  }
  /// Binary or text, by what is in the file. Errors: io besides.
  static Result<Module> load(const Engine& engine, const std::filesystem::path& path) {
    swoop_module_t* module = nullptr;
    if (swoop_error_t* const error = swoop_module_load(engine.raw(), path.c_str(), &module))
      return Error(error);
    return Module(module);
  }
  /// Without compiling.
  static Result<> validate(const Engine& engine, BytesView wasm) {
    return detail::result_of(swoop_module_validate(
        engine.raw(), reinterpret_cast<const std::uint8_t*>(wasm.data()), wasm.size()));
  }

  /// From the name section, else empty.
  std::string_view name() const {
    std::size_t length = 0;
    const char* const name = swoop_module_name(raw(), &length);
    return {name, length};
  }
  /// What it imports, in the order of the module.
  std::vector<ImportType> imports() const {
    const swoop_import_type_t* raw_imports = nullptr;
    const std::size_t count = swoop_module_imports(raw(), &raw_imports);
    std::vector<ImportType> result;
    for (std::size_t i = 0; i < count; ++i) {
      const swoop_import_type_t& import = raw_imports[i];
      result.push_back({{import.module, import.module_length},
                        {import.name, import.name_length},
                        detail::type_of(import.type)});
    }
    return result;
  }
  /// What it exports, in the order of the module.
  std::vector<ExportType> exports() const {
    const swoop_export_type_t* raw_exports = nullptr;
    const std::size_t count = swoop_module_exports(raw(), &raw_exports);
    std::vector<ExportType> result;
    for (std::size_t i = 0; i < count; ++i) {
      const swoop_export_type_t& item = raw_exports[i];
      result.push_back({{item.name, item.name_length}, detail::type_of(item.type)});
    }
    return result;
  }
  /// The contents of its custom sections of this name, in the order of the module. They belong to
  /// the module; nothing about them was checked. Spec: appendix/custom.
  std::vector<BytesView> custom_sections(std::string_view name) const {
    const swoop_custom_section_t* raw_sections = nullptr;
    const std::size_t count = swoop_module_custom_sections(raw(), &raw_sections);
    std::vector<BytesView> result;
    for (std::size_t i = 0; i < count; ++i) {
      const swoop_custom_section_t& section = raw_sections[i];
      if (std::string_view(section.name, section.name_length) == name)
        result.emplace_back(reinterpret_cast<const std::byte*>(section.bytes), section.size);
    }
    return result;
  }

  /// Takes a handle of the C interface over.
  explicit Module(swoop_module_t* raw) noexcept : handle_(raw) {}
  swoop_module_t* raw() const noexcept { return handle_.get(); }

 private:
  detail::Handle<swoop_module_t> handle_;
};

/// Compiles a module while its bytes arrive. One thread at a time.
class ModuleStream {
 public:
  /// Errors: misuse, out_of_memory.
  static Result<ModuleStream> make(const Engine& engine) {
    swoop_module_stream_t* stream = nullptr;
    if (swoop_error_t* const error = swoop_module_stream_new(engine.raw(), &stream))
      return Error(error);
    return ModuleStream(stream);
  }
  /// The same; an error is raised.
  explicit ModuleStream(const Engine& engine) : ModuleStream(make(engine).value()) {}
  ModuleStream(ModuleStream&&) noexcept = default;
  ModuleStream& operator=(ModuleStream&&) noexcept = default;

  /// The next bytes, which are not kept. Errors as of Module::compile, as soon as they are certain;
  /// every later call gives the error again.
  Result<> feed(BytesView bytes) {
    return detail::result_of(swoop_module_stream_feed(
        handle_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
  }
  /// When all bytes were fed.
  Result<Module> finish() && {
    swoop_module_t* module = nullptr;
    if (swoop_error_t* const error = swoop_module_stream_finish(handle_.get(), &module))
      return Error(error);
    return Module(module);
  }

 private:
  explicit ModuleStream(swoop_module_stream_t* raw) noexcept : handle_(raw) {}
  detail::Handle<swoop_module_stream_t> handle_;
};

}  // namespace SWOOP_NAMESPACE
}  // namespace swoop
