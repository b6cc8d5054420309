// Inlining that must not be left to the compiler's judgement.
#pragma once

/// For the few functions on which the speed of compiling hangs: leaves of the loop over operators
/// and writers of machine code. Without it, a cold caller decides how the only copy that the linker
/// keeps of such a function is compiled.
#define SWOOP_INLINE [[gnu::always_inline]] inline

/// The same for a lambda: `[&](int x) SWOOP_INLINE_LAMBDA { ... }`.
#define SWOOP_INLINE_LAMBDA __attribute__((always_inline))
