#include "platform/thread.h"

#include "base/check.h"

#include <signal.h>

namespace swoop::platform {

std::optional<Thread> Thread::start(void* (*run)(void*), void* argument) {
  pthread_t handle;
  if (pthread_create(&handle, nullptr, run, argument) != 0) return std::nullopt;
  return Thread(handle);
}

bool Thread::start_service(void* (*run)(void*), void* argument) {
  // It inherits the mask of its maker.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) return false;
  pthread_t handle;
  const bool started = pthread_create(&handle, nullptr, run, argument) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (started) CHECK(pthread_detach(handle) == 0);
  return started;
}

void Thread::join() {
  CHECK(pthread_join(handle_, nullptr) == 0);
}

}  // namespace swoop::platform
