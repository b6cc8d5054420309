#include "text/names.h"

namespace swoop::text {

namespace {

void write(ByteWriter& out, const std::string& name) {
  out.sized(std::string_view(name));
}

template <class T>
void write(ByteWriter& out, const std::vector<std::pair<uint32_t, T>>& map) {
  out.unsigned_leb(map.size());
  for (const auto& [index, value] : map) {
    out.unsigned_leb(index);
    write(out, value);
  }
}

template <class T>
void write_subsection(ByteWriter& out, uint8_t id, const T& contents) {
  ByteWriter subsection;
  write(subsection, contents);
  out.u8(id);
  out.sized(subsection.bytes());
}

}  // namespace

ByteWriter Names::encode() const {
  ByteWriter out;
  if (module) write_subsection(out, 0, *module);
  const auto add = [&out](uint8_t id, const auto& map) {
    if (!map.empty()) write_subsection(out, id, map);
  };
  add(1, funcs);
  add(2, locals);
  add(3, labels);
  add(4, types);
  add(5, tables);
  add(6, memories);
  add(7, globals);
  add(8, elems);
  add(9, datas);
  add(10, fields);
  add(11, tags);
  return out;
}

}  // namespace swoop::text
