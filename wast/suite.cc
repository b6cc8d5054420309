#include "wast/suite.h"

namespace swoop::wast {
namespace {

bool is_below(std::string_view path, std::string_view folder) {
  const size_t at = path.find(folder);
  return at != std::string_view::npos && (at == 0 || path[at - 1] == '/');
}

}  // namespace

SuiteRules rules_for(std::string_view path) {
  SuiteRules rules;
  if (is_below(path, "proposals/threads/")) {
    // A snapshot of 2020, before there could be more than one memory or table.
    rules.features = Features::wasm2().without(Feature::reference_types).with(Feature::threads);
  } else if (is_below(path, "threads-proposal/")) {
    rules.features = rules.features.without(Feature::multi_memory);
  } else if (is_below(path, "custom-descriptors/")) {
    rules.missing_proposal = "custom-descriptors";
  } else if (is_below(path, "stack-switching-proposal/")) {
    rules.missing_proposal = "stack-switching";
  } else if (is_below(path, "compact-import-section/")) {
    rules.missing_proposal = "compact-import-section";
  }
  return rules;
}

}  // namespace swoop::wast
