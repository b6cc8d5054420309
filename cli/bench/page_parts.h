// The parts of the page that never change.
#pragma once

namespace swoop::cli::bench {

extern const char kPageStyle[];
/// Reads the figures from the element "data" and draws the charts.
extern const char kPageScript[];

}  // namespace swoop::cli::bench
