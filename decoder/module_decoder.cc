#include "decoder/module_decoder.h"

#include "decoder/byte_reader.h"
#include "decoder/errors.h"
#include "decoder/validator.h"
#include "wasm/limits.h"

#include <algorithm>
#include <string>
#include <utility>

namespace swoop {

namespace {

constexpr uint8_t kMagic[] = {0x00, 'a', 's', 'm'};
constexpr uint8_t kVersion[] = {0x01, 0x00, 0x00, 0x00};

// The place of each section in a module's order, by its id. Spec: binary/modules#binary-module.
constexpr uint8_t kRanks[] = {
    /*custom*/ 0,      /*type*/ 1,     /*import*/ 2, /*function*/ 3,
    /*table*/ 4,       /*memory*/ 5,   /*global*/ 7, /*export*/ 8,
    /*start*/ 9,       /*element*/ 10, /*code*/ 12,  /*data*/ 13,
    /*data count*/ 11, /*tag*/ 6};

Error malformed(size_t offset, std::string message) {
  return Error(ErrorKind::malformed, offset, std::move(message));
}

// By what stands in place of the magic number: a parenthesis or a comment, maybe after blanks.
bool looks_like_text(std::span<const uint8_t> bytes) {
  const auto is_blank = [](uint8_t byte) {
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
  };
  const auto first = std::ranges::find_if_not(bytes, is_blank);
  if (first == bytes.end() || (*first != '(' && *first != ';')) return false;
  return std::all_of(first, bytes.end(),
                     [&](uint8_t byte) { return byte >= ' ' || is_blank(byte); });
}

}  // namespace

ModuleDecoder::ModuleDecoder(TypeRegistry& types, const Features& features, Listener& listener)
    : types_(types),
      features_(features),
      listener_(listener),
      sections_(module_, types_, features_) {}

Result<> ModuleDecoder::push(std::span<const uint8_t> bytes) {
  if (error_) return *error_;
  Result<> result = decode(bytes);
  if (!result) error_ = result.error();
  return result;
}

Result<ModuleInfo> ModuleDecoder::finish() {
  if (error_) return *error_;
  TRY(check_complete());
  if (!has_begun_code_) TRY(listener_.on_code_start(module_, 0));
  module_.module_size = offset_;
  // The name section may come before the functions, and may name some that are not there.
  std::erase_if(module_.names.functions,
                [&](const auto& named) { return !module_.funcs.contains(named.first); });
  return std::move(module_);
}

Result<> ModuleDecoder::decode(std::span<const uint8_t> bytes) {
  if (bytes.size() > limits::kMaxModuleSize - offset_ - pending_.size()) {
    return Error(ErrorKind::limit_exceeded, limits::kMaxModuleSize,
                 "module of more than " + std::to_string(limits::kMaxModuleSize) + " bytes");
  }
  bool is_starved = false;
  while (!is_starved) TRY(decode_unit(bytes, is_starved));
  return {};
}

Result<> ModuleDecoder::decode_unit(std::span<const uint8_t>& bytes, bool& is_starved) {
  const size_t start = offset_;
  std::span<const uint8_t> unit;
  uint32_t number = 0;
  switch (state_) {
    case State::magic:
      if (is_starved = !take(sizeof(kMagic), bytes, unit); is_starved) return {};
      if (!std::ranges::equal(unit, kMagic)) {
        return malformed(start, looks_like_text(unit) ? errors::kMagicOfText : errors::kMagic);
      }
      state_ = State::version;
      return {};
    case State::version:
      if (is_starved = !take(sizeof(kVersion), bytes, unit); is_starved) return {};
      if (!std::ranges::equal(unit, kVersion)) return malformed(start, errors::kVersion);
      state_ = State::section_id;
      return {};

    case State::section_id:
      if (is_starved = !take(1, bytes, unit); is_starved) return {};
      return begin_section(unit[0]);
    case State::section_size:
      size_offset_ = start;
      is_starved = !TRY(take_u32(bytes, SIZE_MAX, number));
      return is_starved ? Result<>() : begin_contents(number);
    case State::section_contents:
      if (is_starved = !take(contents_size_, bytes, unit); is_starved) return {};
      state_ = State::section_id;
      return sections_.decode(section_, unit, start);

    case State::code_count:
      is_starved = !TRY(take_u32(bytes, section_end_, number));
      return is_starved ? Result<>() : begin_code(number);
    case State::body_size:
      size_offset_ = start;
      is_starved = !TRY(take_u32(bytes, section_end_, number));
      return is_starved ? Result<>() : begin_body(number);
    case State::body: {
      if (is_starved = !take(contents_size_, bytes, unit); is_starved) return {};
      const uint32_t index = static_cast<uint32_t>(module_.bodies.size());
      module_.bodies.push_back({static_cast<uint32_t>(start), static_cast<uint32_t>(unit.size())});
      TRY(listener_.on_body(module_, index, unit, start));
      return next_body();
    }
  }
  UNREACHABLE();
}

Result<> ModuleDecoder::begin_section(uint8_t id) {
  const size_t start = offset_ - 1;
  if (id >= std::size(kRanks)) {
    return malformed(start, std::string(errors::kSectionId) + " " + std::to_string(id));
  }
  section_ = SectionId(id);
  const auto require = [&](Feature feature) -> Result<> {
    if (features_.has(feature)) return {};
    return malformed(start, std::string(errors::kSectionId) + " " + std::to_string(id) +
                                " (feature " + to_string(feature) + " is disabled)");
  };
  if (section_ == SectionId::data_count) TRY(require(Feature::bulk_memory));
  if (section_ == SectionId::tag && !features_.has(Feature::legacy_exceptions)) {
    TRY(require(Feature::exceptions));
  }
  if (section_ != SectionId::custom) {
    if (kRanks[id] <= last_rank_) return malformed(start, errors::kSectionOrder);
    last_rank_ = kRanks[id];
  }
  state_ = State::section_size;
  return {};
}

Result<> ModuleDecoder::begin_contents(uint32_t size) {
  contents_size_ = size;
  section_end_ = offset_ + size;
  state_ = State::section_contents;
  if (section_ == SectionId::code) {
    module_.code_section_offset = offset_;
    module_.code_section_size = size;
    state_ = State::code_count;
  }
  return {};
}

Result<> ModuleDecoder::begin_code(uint32_t count) {
  if (count != module_.num_defined_funcs()) {
    return malformed(section_end_ - module_.code_section_size,
                     std::string(errors::kFunctionCount) + ": " +
                         std::to_string(module_.num_defined_funcs()) + " and " +
                         std::to_string(count));
  }
  body_count_ = count;
  has_begun_code_ = true;
  // Each body has a size and an `end` at least, whatever the count says.
  module_.bodies.reserve(std::min<size_t>(count, module_.code_section_size / 3));
  TRY(listener_.on_code_start(module_, count));
  return next_body();
}

Result<> ModuleDecoder::begin_body(uint32_t size) {
  if (size > section_end_ - offset_) return malformed(size_offset_, errors::kLengthOutOfBounds);
  if (size > limits::kMaxBodySize) {
    return Error(ErrorKind::limit_exceeded, size_offset_,
                 "function body of " + std::to_string(size) + " bytes, at most " +
                     std::to_string(limits::kMaxBodySize));
  }
  contents_size_ = size;
  state_ = State::body;
  return {};
}

Result<> ModuleDecoder::next_body() {
  if (module_.bodies.size() < body_count_) {
    state_ = State::body_size;
    return {};
  }
  if (offset_ != section_end_) {
    return malformed(offset_, std::string(errors::kSectionSize) + ", " +
                                  std::to_string(section_end_ - offset_) + " bytes are left");
  }
  state_ = State::section_id;
  return {};
}

Result<> ModuleDecoder::check_complete() const {
  const size_t end = offset_ + pending_.size();
  switch (state_) {
    case State::section_id: break;
    case State::section_contents: return malformed(size_offset_, errors::kLengthOutOfBounds);
    default: return malformed(end, errors::kUnexpectedEnd);
  }
  if (module_.bodies.size() != module_.num_defined_funcs()) {
    return malformed(end, std::string(errors::kFunctionCount) + ": " +
                              std::to_string(module_.num_defined_funcs()) + " and " +
                              std::to_string(module_.bodies.size()));
  }
  if (module_.data_count && *module_.data_count != module_.datas.size()) {
    return malformed(end, errors::kDataCount);
  }
  return {};
}

bool ModuleDecoder::take(size_t size, std::span<const uint8_t>& bytes,
                         std::span<const uint8_t>& unit) {
  if (pending_.empty() && bytes.size() >= size) {
    unit = bytes.first(size);
    bytes = bytes.subspan(size);
  } else {
    const size_t taken = std::min(size - pending_.size(), bytes.size());
    pending_.insert(pending_.end(), bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(taken));
    bytes = bytes.subspan(taken);
    if (pending_.size() < size) return false;
    complete_.swap(pending_);
    pending_.clear();
    unit = complete_;
  }
  offset_ += size;
  return true;
}

Result<bool> ModuleDecoder::take_u32(std::span<const uint8_t>& bytes, size_t limit,
                                     uint32_t& value) {
  constexpr size_t kMaxBytes = 5;
  const size_t space = limit - offset_;
  bool is_complete = pending_.size() == space;
  while (!is_complete) {
    if (bytes.empty()) return false;
    pending_.push_back(bytes.front());
    bytes = bytes.subspan(1);
    is_complete = pending_.back() < 0x80 || pending_.size() == std::min(kMaxBytes, space);
  }
  ByteReader reader(pending_, offset_);
  value = reader.read_u32();
  if (!reader.ok()) return reader.take_error();
  offset_ += pending_.size();
  pending_.clear();
  return true;
}

Result<ModuleInfo> decode_module(TypeRegistry& types, const Features& features,
                                 std::span<const uint8_t> bytes,
                                 ModuleDecoder::Listener& listener) {
  ModuleDecoder decoder(types, features, listener);
  TRY(decoder.push(bytes));
  return decoder.finish();
}

Result<ModuleInfo> validate_module(TypeRegistry& types, const Features& features,
                                   std::span<const uint8_t> bytes) {
  struct BodyValidator final : ModuleDecoder::Listener {
    BodyValidator(const TypeRegistry& registry, const Features& enabled)
        : types(registry), features(enabled) {}
    Result<> on_body(const ModuleInfo& module, uint32_t defined_index,
                     std::span<const uint8_t> body, size_t body_offset) override {
      return validate_function(module, types, features, module.defined_func(defined_index), body,
                               body_offset, scratch);
    }
    const TypeRegistry& types;
    const Features& features;
    ValidatorScratch scratch;
  };
  BodyValidator validator(types, features);
  return decode_module(types, features, bytes, validator);
}

}  // namespace swoop
