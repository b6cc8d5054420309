// Where tests find the corpus of real modules.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string_view>

namespace swoop {

/// The directory that SWOOP_CORPUS names, or the first of the usual ones; empty if there is none.
inline std::filesystem::path find_corpus() {
  const std::filesystem::path root = SWOOP_SOURCE_ROOT;
  const char* const chosen = std::getenv("SWOOP_CORPUS");
  for (const std::filesystem::path& path : {std::filesystem::path(chosen != nullptr ? chosen : ""),
                                            root / "corpus", root / "../shared/corpus"}) {
    if (!path.empty() && std::filesystem::exists(path / "origin.tsv")) return path;
  }
  return {};
}

/// Ends a test that has no corpus: loudly, and in CI as a failure.
inline void skip_without_corpus() {
  std::cout << "SKIPPED: no corpus of modules; set SWOOP_CORPUS to its directory\n";
  const char* const ci = std::getenv("CI");
  if (ci != nullptr && std::string_view(ci) == "true") FAIL() << "the corpus must be there in CI";
  GTEST_SKIP();
}

}  // namespace swoop
