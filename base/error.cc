#include "base/error.h"

#include "base/check.h"

namespace swoop {

const char* to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::malformed: return "malformed";
    case ErrorKind::invalid: return "invalid";
    case ErrorKind::unlinkable: return "unlinkable";
    case ErrorKind::limit_exceeded: return "limit exceeded";
    case ErrorKind::out_of_memory: return "out of memory";
    case ErrorKind::unsupported: return "unsupported";
    case ErrorKind::io: return "i/o error";
  }
  UNREACHABLE();
}

}  // namespace swoop
