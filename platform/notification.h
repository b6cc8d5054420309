// Something that has or has not happened, as a descriptor: it can be waited for beside others.
// Tests: tests/wasi/streams_test.cc.
#pragma once

#include "platform/file_descriptor.h"

namespace swoop::platform {

/// Polls as readable while it is set. Safe to use by threads.
class Notification {
 public:
  static OsResult<Notification> create();

  void set();
  void clear();
  int raw() const { return fd_.raw(); }

 private:
  explicit Notification(Fd fd) : fd_(static_cast<Fd&&>(fd)) {}

  Fd fd_;
};

}  // namespace swoop::platform
