#include "platform/thread.h"

#include "base/check.h"

namespace swoop::platform {

std::optional<Thread> Thread::start(void* (*run)(void*), void* argument) {
  pthread_t handle;
  if (pthread_create(&handle, nullptr, run, argument) != 0) return std::nullopt;
  return Thread(handle);
}

void Thread::join() {
  CHECK(pthread_join(handle_, nullptr) == 0);
}

}  // namespace swoop::platform
