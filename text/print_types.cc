#include "text/print_types.h"

#include "decoder/errors.h"

#include <string>
#include <string_view>

namespace swoop::text {

namespace {

constexpr uint8_t kFunc = 0x60;
constexpr uint8_t kStruct = 0x5f;
constexpr uint8_t kArray = 0x5e;
constexpr uint8_t kSub = 0x50;
constexpr uint8_t kSubFinal = 0x4f;
constexpr uint8_t kRec = 0x4e;

// Of numbers, vectors and packed types.
std::string_view simple_type_name(uint8_t code) {
  switch (code) {
    case 0x7f: return "i32";
    case 0x7e: return "i64";
    case 0x7d: return "f32";
    case 0x7c: return "f64";
    case 0x7b: return "v128";
    case 0x78: return "i8";
    case 0x77: return "i16";
    default: return {};
  }
}

struct AbstractNames {
  std::string_view heap_type;
  std::string_view ref_type;  // the nullable reference
};

AbstractNames abstract_names(uint8_t code) {
  switch (code) {
    case 0x69: return {"exn", "exnref"};
    case 0x6a: return {"array", "arrayref"};
    case 0x6b: return {"struct", "structref"};
    case 0x6c: return {"i31", "i31ref"};
    case 0x6d: return {"eq", "eqref"};
    case 0x6e: return {"any", "anyref"};
    case 0x6f: return {"extern", "externref"};
    case 0x70: return {"func", "funcref"};
    case 0x71: return {"none", "nullref"};
    case 0x72: return {"noextern", "nullexternref"};
    case 0x73: return {"nofunc", "nullfuncref"};
    case 0x74: return {"noexn", "nullexnref"};
    default: return {};
  }
}

}  // namespace

WrittenType read_written_heap_type(ByteReader& reader) {
  const size_t start = reader.offset();
  WrittenType type;
  if (!abstract_names(reader.peek_u8()).heap_type.empty()) {
    type.heap_code = reader.read_u8();
    return type;
  }
  const int64_t index = reader.read_s33();
  if (index < 0) reader.fail_malformed(start, errors::kHeapType);
  type.index = static_cast<uint32_t>(index);
  return type;
}

WrittenType read_written_val_type(ByteReader& reader) {
  const size_t start = reader.offset();
  const uint8_t code = reader.read_u8();
  WrittenType type;
  if (code == WrittenType::kRef || code == WrittenType::kRefNull) {
    type = read_written_heap_type(reader);
  } else if (!(code >= 0x7b && code <= 0x7f) && abstract_names(code).ref_type.empty()) {
    reader.fail_malformed(start, errors::kValType);
  }
  type.code = code;
  return type;
}

bool read_written_mutability(ByteReader& reader) {
  const size_t start = reader.offset();
  const uint8_t mutability = reader.read_u8();
  if (mutability > 1) reader.fail_malformed(start, errors::kMutability);
  return mutability == 1;
}

void WrittenTypes::read(ByteReader& reader) {
  const uint32_t count = reader.read_count();
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    Group group{1, reader.peek_u8() == kRec};
    if (group.is_explicit) {
      reader.read_u8();
      group.size = reader.read_count();
    }
    groups_.push_back(group);
    for (uint32_t j = 0; j < group.size && reader.ok(); ++j) read_def(reader);
  }
}

void WrittenTypes::read_def(ByteReader& reader) {
  WrittenTypeDef def;
  def.first_supertype = supertypes_.size();
  def.first_type = types_.size();
  if (const uint8_t form = reader.peek_u8(); form == kSub || form == kSubFinal) {
    def.sub_form = reader.read_u8();
    def.num_supertypes = reader.read_count();
    for (uint32_t i = 0; i < def.num_supertypes && reader.ok(); ++i) {
      supertypes_.push_back(reader.read_u32());
    }
  }
  const size_t start = reader.offset();
  def.form = reader.read_u8();
  switch (def.form) {
    case kFunc:
      def.num_params = read_list(reader, false);
      def.num_results = read_list(reader, false);
      break;
    case kStruct: def.num_params = read_list(reader, true); break;
    case kArray:
      def.num_params = 1;
      read_field(reader);
      break;
    default: reader.fail_malformed(start, errors::kDefType);
  }
  defs_.push_back(def);
}

uint32_t WrittenTypes::read_list(ByteReader& reader, bool is_fields) {
  const uint32_t count = reader.read_count();
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    if (is_fields) {
      read_field(reader);
    } else {
      types_.push_back(read_written_val_type(reader));
    }
  }
  return count;
}

void WrittenTypes::read_field(ByteReader& reader) {
  WrittenType field;
  if (const uint8_t code = reader.peek_u8(); code == 0x78 || code == 0x77) {
    field.code = reader.read_u8();
  } else {
    field = read_written_val_type(reader);
  }
  field.is_mutable = read_written_mutability(reader);
  types_.push_back(field);
}

void TypePrinter::put_heap(uint8_t code, uint32_t index) {
  if (code == WrittenType::kIndex) {
    type_ids_.put_reference(out_, index);
  } else {
    out_.put(abstract_names(code).heap_type);
  }
}

// A nullable reference to an abstract type has a short form, whichever is in the bytes.
void TypePrinter::put_val_type(const WrittenType& type) {
  const bool is_long = type.code == WrittenType::kRef || type.code == WrittenType::kRefNull;
  const bool is_nullable = type.code != WrittenType::kRef;
  if (is_long && !(is_nullable && type.heap_code != WrittenType::kIndex)) {
    out_.put(is_nullable ? "(ref null " : "(ref ");
    put_heap(type.heap_code, type.index);
    out_.put(')');
    return;
  }
  const uint8_t code = is_long ? type.heap_code : type.code;
  const std::string_view simple = simple_type_name(code);
  out_.put(simple.empty() ? abstract_names(code).ref_type : simple);
}

void TypePrinter::put_list(std::string_view keyword, std::span<const WrittenType> types) {
  if (types.empty()) return;
  out_.put(" (");
  out_.put(keyword);
  for (const WrittenType& type : types) {
    out_.put(' ');
    put_val_type(type);
  }
  out_.put(')');
}

void TypePrinter::put_field(const WrittenType& type) {
  if (type.is_mutable) out_.put("(mut ");
  put_val_type(type);
  if (type.is_mutable) out_.put(')');
}

void TypePrinter::put_section(const WrittenTypes& types, const FieldIdentifiers& field_ids) {
  uint32_t index = 0;
  for (const WrittenTypes::Group& group : types.groups()) {
    if (!group.is_explicit) {
      out_.put_line(1);
      put_def(types, index++, field_ids);
      continue;
    }
    out_.put_line(1);
    out_.put("(rec");
    for (uint32_t i = 0; i < group.size; ++i) {
      out_.put_line(2);
      put_def(types, index++, field_ids);
    }
    if (group.size != 0) out_.put_line(1);
    out_.put(')');
  }
}

void TypePrinter::put_def(const WrittenTypes& types, uint32_t index,
                          const FieldIdentifiers& field_ids) {
  const WrittenTypeDef& def = types[index];
  out_.put("(type");
  put_definition_id(out_, type_ids_[index]);
  out_.put(" (;");
  out_.put_unsigned(index);
  out_.put(";) ");
  if (def.sub_form != 0) {
    out_.put(def.sub_form == kSub ? "(sub " : "(sub final ");
    for (const uint32_t supertype : types.supertypes(def)) {
      type_ids_.put_reference(out_, supertype);
      out_.put(' ');
    }
  }
  if (def.form == kFunc) {
    out_.put("(func");
    put_list("param", types.params(index));
    put_list("result", types.results(index));
  } else if (def.form == kStruct) {
    out_.put("(struct");
    const Identifiers& ids = field_ids.of(index);
    const std::span<const WrittenType> fields = types.fields(index);
    for (size_t i = 0; i < fields.size(); ++i) {
      out_.put(" (field");
      put_definition_id(out_, ids[i]);
      out_.put(' ');
      put_field(fields[i]);
      out_.put(')');
    }
  } else {
    out_.put("(array ");
    put_field(types.element(def));
  }
  out_.put(def.sub_form != 0 ? ")))" : "))");
}

}  // namespace swoop::text
