#include "api/engine.h"
#include "api/error.h"
#include "decoder/module_decoder.h"
#include "runtime/module_stream.h"
#include "text/wat.h"
#include "wasm/limits.h"

#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

using namespace swoop;
using namespace swoop::api;

namespace {

swoop_error_t* text_error(const Error& error, std::string_view text, size_t text_offset) {
  auto object = std::make_unique<ErrorObject>(error);
  object->offset = text_offset;
  const text::TextPosition at = text::position_of(text, text_offset);
  object->excerpt = "line " + std::to_string(at.line) + ", column " + std::to_string(at.column) +
                    ":\n" + text::excerpt(text, text_offset);
  return make_error(std::move(object));
}

swoop_error_t* compile(const std::shared_ptr<Engine>& engine, std::span<const uint8_t> wasm,
                       swoop_module_t** module) {
  Result<std::shared_ptr<const Module>> compiled = Module::compile(engine, wasm);
  if (!compiled) return make_error(compiled.error());
  return give(std::make_unique<ModuleObject>(std::move(compiled).value()), module);
}

swoop_error_t* compile_text(const std::shared_ptr<Engine>& engine, std::string_view text,
                            swoop_module_t** module) {
  text::SourceMap places;
  text::WatOptions options;
  options.source_map = &places;
  const Result<std::vector<uint8_t>> wasm = text::wat_to_wasm(text, options);
  if (!wasm) return text_error(wasm.error(), text, wasm.error().offset);
  Result<std::shared_ptr<const Module>> compiled = Module::compile(engine, *wasm);
  if (!compiled) {
    const std::optional<size_t> place = places.find(compiled.error().offset);
    if (compiled.error().offset == kNoOffset || !place) return make_error(compiled.error());
    return text_error(compiled.error(), text, *place);
  }
  return give(std::make_unique<ModuleObject>(std::move(compiled).value()), module);
}

Result<std::string> read_file(const char* path) {
  const auto failed = [&] {
    return Error(ErrorKind::io, "cannot read " + std::string(path) + ": " + std::strerror(errno));
  };
  std::FILE* const file = std::fopen(path, "rbe");
  if (file == nullptr) return failed();
  std::string bytes;
  size_t used = 0;
  do {
    bytes.resize(std::max<size_t>(2 * used, size_t{1} << 16));
    used += std::fread(bytes.data() + used, 1, bytes.size() - used, file);
  } while (used == bytes.size() && used <= limits::kMaxModuleSize);
  const bool is_read = std::ferror(file) == 0;
  const Error error = failed();
  std::fclose(file);
  if (!is_read) return error;
  bytes.resize(used);
  return bytes;
}

std::span<const uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

void swoop_bytes_delete(swoop_bytes_t* bytes) {
  std::free(bytes->data);
  *bytes = {};
}

swoop_error_t* swoop_wat2wasm(const char* text, size_t length, swoop_bytes_t* wasm) {
  const std::string_view source(text, length);
  const Result<std::vector<uint8_t>> made = text::wat_to_wasm(source);
  if (!made) return text_error(made.error(), source, made.error().offset);
  auto* const data = static_cast<uint8_t*>(std::malloc(made->size()));
  if (data == nullptr) return make_error(SWOOP_ERROR_OUT_OF_MEMORY, "no memory for a module");
  std::memcpy(data, made->data(), made->size());
  *wasm = {data, made->size()};
  return nullptr;
}

swoop_error_t* swoop_module_compile(swoop_engine_t* engine, const uint8_t* wasm, size_t size,
                                    swoop_module_t** module) {
  const Borrowed<EngineObject> on(engine);
  if (!on) return misuse("module: not an engine");
  return compile(on->engine(), {wasm, size}, module);
}

swoop_error_t* swoop_module_compile_text(swoop_engine_t* engine, const char* text, size_t length,
                                         swoop_module_t** module) {
  const Borrowed<EngineObject> on(engine);
  if (!on) return misuse("module: not an engine");
  return compile_text(on->engine(), {text, length}, module);
}

swoop_error_t* swoop_module_load(swoop_engine_t* engine, const char* c_path,
                                 swoop_module_t** module) {
  const Borrowed<EngineObject> on(engine);
  if (!on) return misuse("module: not an engine");
  const Result<std::string> file = read_file(c_path);
  if (!file) return make_error(file.error());
  // What begins like neither is more likely a broken module than a text.
  const size_t first = file->find_first_not_of(" \t\r\n");
  const bool is_text =
      first != std::string::npos && ((*file)[first] == '(' || (*file)[first] == ';');
  if (is_text) return compile_text(on->engine(), *file, module);
  return compile(on->engine(), as_bytes(*file), module);
}

swoop_error_t* swoop_module_validate(swoop_engine_t* engine, const uint8_t* wasm, size_t size) {
  const Borrowed<EngineObject> on(engine);
  if (!on) return misuse("module: not an engine");
  if (const Result<> fits = on->engine()->check_module_size(size); !fits)
    return make_error(fits.error());
  const Result<ModuleInfo> module =
      validate_module(on->engine()->types(), on->engine()->config().features, {wasm, size});
  return module ? nullptr : make_error(module.error());
}

const char* swoop_module_name(const swoop_module_t* module, size_t* length) {
  const Borrowed<ModuleObject> object(module);
  if (length != nullptr) *length = object ? object->module()->info().names.module.size() : 0;
  return object ? object->module()->info().names.module.c_str() : "";
}

size_t swoop_module_imports(const swoop_module_t* module, const swoop_import_type_t** imports) {
  const Borrowed<ModuleObject> object(module);
  if (!object) return 0;
  *imports = object->types().imports().data();
  return object->types().imports().size();
}

size_t swoop_module_exports(const swoop_module_t* module, const swoop_export_type_t** exports) {
  const Borrowed<ModuleObject> object(module);
  if (!object) return 0;
  *exports = object->types().exports().data();
  return object->types().exports().size();
}

size_t swoop_module_custom_sections(const swoop_module_t* module,
                                    const swoop_custom_section_t** sections) {
  const Borrowed<ModuleObject> object(module);
  if (!object) return 0;
  *sections = object->types().custom_sections().data();
  return object->types().custom_sections().size();
}

namespace {

class StreamObject final : public Shared {
 public:
  static constexpr HandleKind kKind = HandleKind::module_stream;
  explicit StreamObject(std::shared_ptr<Engine> engine) : stream(std::move(engine)) {}
  ModuleStream stream;
  bool has_given = false;
};

}  // namespace

swoop_error_t* swoop_module_stream_new(swoop_engine_t* engine, swoop_module_stream_t** stream) {
  const Borrowed<EngineObject> on(engine);
  if (!on) return misuse("stream: not an engine");
  return give(std::make_unique<StreamObject>(on->engine()), stream);
}

swoop_error_t* swoop_module_stream_feed(swoop_module_stream_t* stream, const uint8_t* bytes,
                                        size_t size) {
  const Borrowed<StreamObject> object(stream);
  if (!object) return misuse("feed: not a stream");
  if (object->has_given) return misuse("feed: the stream has given its module");
  const Result<> fed = object->stream.feed({bytes, size});
  return fed ? nullptr : make_error(fed.error());
}

swoop_error_t* swoop_module_stream_finish(swoop_module_stream_t* stream, swoop_module_t** module) {
  const Borrowed<StreamObject> object(stream);
  if (!object) return misuse("finish: not a stream");
  if (object->has_given) return misuse("finish: the stream has given its module");
  Result<std::shared_ptr<const Module>> finished = object->stream.finish();
  if (!finished) return make_error(finished.error());
  object->has_given = true;
  return give(std::make_unique<ModuleObject>(std::move(finished).value()), module);
}
