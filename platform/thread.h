// Threads whose start can fail as a value: std::thread throws, and the library does not catch.
#pragma once

#include <optional>
#include <pthread.h>

namespace swoop::platform {

/// A running thread. join() must be called before it is destroyed.
class Thread {
 public:
  /// Runs `run(argument)`. Nothing when the system has no room for another thread.
  static std::optional<Thread> start(void* (*run)(void*), void* argument);
  /// The same for a thread that ends with the process: nobody joins it, and it takes none of the
  /// process's signals. False when the system has no room for it.
  static bool start_service(void* (*run)(void*), void* argument);
  void join();

 private:
  explicit Thread(pthread_t handle) : handle_(handle) {}
  pthread_t handle_;
};

}  // namespace swoop::platform
