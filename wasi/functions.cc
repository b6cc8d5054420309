#include "wasi/functions.h"

#include "wasi/handlers.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <type_traits>
#include <utility>

namespace swoop::wasi {
namespace {

constexpr Outcome returned(Errno error) {
  return {Outcome::errno_, static_cast<uint32_t>(error), nullptr};
}
constexpr Outcome returned(Outcome outcome) {
  return outcome;
}

template <class Arg>
constexpr char type_letter() {
  static_assert(std::is_same_v<Arg, uint32_t> || std::is_same_v<Arg, uint64_t>);
  return std::is_same_v<Arg, uint64_t> ? 'l' : 'i';
}

template <auto kHandler>
struct Adapter;

template <class Return, class... Args, Return (*kHandler)(Call&, Args...)>
struct Adapter<kHandler> {
  // As in functions.def; an Outcome is only returned by what has no result for the guest.
  static constexpr auto kSignature =
      std::to_array<char>({type_letter<Args>()..., '_', std::is_same_v<Return, Errno> ? 'i' : 'v'});

  template <Version kVersion>
  static Outcome invoke(Context& context, GuestMemory& memory, const uint64_t* args) {
    Call call = {context, memory, kVersion};
    const Outcome outcome = [&]<size_t... kIndex>(std::index_sequence<kIndex...>) {
      return returned(kHandler(call, static_cast<Args>(args[kIndex])...));
    }
    (std::index_sequence_for<Args...>());
    if (memory.faulted()) return {Outcome::trap, 0, "out of bounds memory access"};
    return outcome;
  }
};

#define FN(name, signature, since)                                                           \
  static_assert(                                                                             \
      std::ranges::equal(Adapter<&handlers::name>::kSignature, std::string_view(signature)), \
      "functions.def: the signature of " #name " is not that of its handler");               \
  static_assert(Function{#name, signature, nullptr}.parameters().size() <= kMaxParameters);
#include "wasi/functions.def"
#undef FN

struct Row {
  Function function;
  Version since;
};

template <Version kVersion>
constexpr Row kRows[] = {
#define FN(name, signature, since) \
  {{#name, signature, Adapter<&handlers::name>::invoke<kVersion>}, Version::since},
#include "wasi/functions.def"
#undef FN
};

template <Version kVersion>
constexpr auto functions_of() {
  constexpr auto kIncluded = [](const Row& row) { return row.since <= kVersion; };
  std::array<Function, std::ranges::count_if(kRows<kVersion>, kIncluded)> table = {};
  size_t count = 0;
  for (const Row& row : kRows<kVersion>) {
    if (kIncluded(row)) table[count++] = row.function;
  }
  return table;
}

constexpr auto kUnstable = functions_of<Version::unstable>();
constexpr auto kPreview1 = functions_of<Version::preview1>();
static_assert(kUnstable.size() == 45 && kPreview1.size() == 46);

}  // namespace

std::string_view to_string(Version version) {
  return version == Version::unstable ? "wasi_unstable" : "wasi_snapshot_preview1";
}

std::optional<Version> version_of(std::string_view import_module_name) {
  for (const Version version : {Version::unstable, Version::preview1}) {
    if (to_string(version) == import_module_name) return version;
  }
  return std::nullopt;
}

std::span<const Function> functions(Version version) {
  if (version == Version::unstable) return kUnstable;
  return kPreview1;
}

const Function* find_function(Version version, std::string_view name) {
  const auto table = functions(version);
  const auto found = std::ranges::find(table, name, &Function::name);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace swoop::wasi
