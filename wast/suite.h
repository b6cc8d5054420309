// What the directories of the official suite mean: most scripts are of one language, some of
// another.
#pragma once

#include "wasm/features.h"

#include <string>
#include <string_view>

namespace swoop::wast {

struct SuiteRules {
  Features features;
  std::string missing_proposal;  // RunnerOptions::missing_proposal
};

/// The rules for a script by its path, which may be relative or absolute, with slashes.
SuiteRules rules_for(std::string_view path);

}  // namespace swoop::wast
