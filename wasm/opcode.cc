#include "wasm/opcode.h"

namespace swoop {

const char* to_string(Opcode opcode) {
  const OpInfo* info = find_op_info(opcode);
  return info ? info->text : "(no instruction)";
}

}  // namespace swoop
