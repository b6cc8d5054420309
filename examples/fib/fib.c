// Functions to call by name with --invoke. No libc and no imports; the name section is kept, so
// that the trap of `percent 1 0` has a backtrace to read.
#define EXPORT(name) __attribute__((export_name(#name)))

// Recursive on purpose: it measures calls.
EXPORT(fib) long long fib(int n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

__attribute__((noinline)) static int divide(int dividend, int divisor) {
  return dividend / divisor;
}

EXPORT(percent) int percent(int part, int whole) {
  return divide(100 * part, whole);
}
