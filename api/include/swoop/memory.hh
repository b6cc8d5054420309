// Guest memory, from outside (Memory) and as parameters of host functions (GuestPtr, GuestSpan,
// GuestStr).
#pragma once

#include <swoop/value.hh>

namespace swoop {
inline namespace SWOOP_NAMESPACE {

/// What may lie in guest memory. Both sides are little-endian.
template <class T>
concept GuestPod = std::is_trivially_copyable_v<T> && alignof(T) <= 16;

/// A memory of a store. A cheap value.
class Memory {
 public:
  explicit Memory(swoop_memory_t raw) noexcept : raw_(raw) {}

  /// With the current size as minimum.
  MemoryType type() const { return detail::type_of(swoop_memory_type(raw_)); }
  /// The current size, in pages.
  std::uint64_t pages() const noexcept { return swoop_memory_type(raw_).pages.min; }
  /// The current size, in bytes.
  std::size_t size_bytes() const noexcept { return data().size(); }
  /// The previous size in pages. Errors: limit_exceeded.
  Result<std::uint64_t> grow(std::uint64_t delta_pages) const {
    std::uint64_t previous = 0;
    if (swoop_error_t* const error = swoop_memory_grow(raw_, delta_pages, &previous))
      return Error(error);
    return previous;
  }
  /// Valid until the memory grows, or its instance is reset. Empty when the store is gone.
  std::span<std::byte> data() const noexcept {
    std::uint64_t size = 0;
    std::uint8_t* const data = swoop_memory_data(raw_, &size);
    return {reinterpret_cast<std::byte*>(data), static_cast<std::size_t>(size)};
  }

  /// A copy of the value there, aligned or not. Errors, as below: a trap, memory_out_of_bounds.
  template <GuestPod T>
  Result<T> read(std::uint64_t at) const {
    const std::span<std::byte> bytes = data();
    if (!contains(bytes, at, sizeof(T))) return out_of_bounds();
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof(T));
    return value;
  }
  /// Copies a value into the memory.
  template <GuestPod T>
  Result<> write(std::uint64_t at, const T& value) const {
    const std::span<std::byte> bytes = data();
    if (!contains(bytes, at, sizeof(T))) return out_of_bounds();
    std::memcpy(bytes.data() + at, &value, sizeof(T));
    return {};
  }
  /// Copies bytes into the memory.
  Result<> write(std::uint64_t at, std::span<const std::byte> from) const {
    const std::span<std::byte> bytes = data();
    if (!contains(bytes, at, from.size())) return out_of_bounds();
    if (!from.empty()) std::memcpy(bytes.data() + at, from.data(), from.size());
    return {};
  }
  /// `count` values in place. Errors: misuse besides, if they are not aligned.
  template <GuestPod T>
  Result<std::span<T>> view(std::uint64_t at, std::uint64_t count) const {
    const std::span<std::byte> bytes = data();
    if (count > bytes.size() / sizeof(T) || !contains(bytes, at, count * sizeof(T)))
      return out_of_bounds();
    std::byte* const first = bytes.data() + at;
    if (reinterpret_cast<std::uintptr_t>(first) % alignof(T) != 0)
      return Error(ErrorKind::misuse, "memory: the address is not aligned for this type");
    return std::span<T>(reinterpret_cast<T*>(first), static_cast<std::size_t>(count));
  }
  /// So many bytes in place.
  Result<std::string_view> string(std::uint64_t at, std::uint64_t size) const {
    const std::span<std::byte> bytes = data();
    if (!contains(bytes, at, size)) return out_of_bounds();
    return std::string_view(reinterpret_cast<const char*>(bytes.data()) + at,
                            static_cast<std::size_t>(size));
  }
  /// Up to a NUL, which must come within `max` bytes.
  Result<std::string_view> c_string(std::uint64_t at,
                                    std::size_t max = std::size_t{1} << 20) const {
    const std::span<std::byte> bytes = data();
    if (at >= bytes.size()) return out_of_bounds();
    const char* const first = reinterpret_cast<const char*>(bytes.data()) + at;
    const std::size_t room = bytes.size() - static_cast<std::size_t>(at);
    const void* const end = std::memchr(first, 0, room < max ? room : max);
    if (end == nullptr && room <= max) return out_of_bounds();
    if (end == nullptr) return Error(ErrorKind::limit_exceeded, "memory: a string has no end");
    return std::string_view(first, static_cast<std::size_t>(static_cast<const char*>(end) - first));
  }

  swoop_memory_t raw() const noexcept { return raw_; }

 private:
  static bool contains(std::span<const std::byte> bytes, std::uint64_t at, std::uint64_t size) {
    return size <= bytes.size() && at <= bytes.size() - size;
  }
  Error out_of_bounds() const {
    std::uint64_t pages = 0;  // of a memory whose store is gone nothing can be asked
    if (swoop_error_t* const gone = swoop_memory_grow(raw_, 0, &pages)) return Error(gone);
    return Error::trap(TrapCode::memory_out_of_bounds);
  }

  swoop_memory_t raw_;
};

// Parameters of host functions that point into memory 0 of the calling instance. They are checked
// before the body runs: it does not run if they are out of bounds (the call traps) or not aligned
// (it traps, too). Valid until the body calls wasm, or makes the memory grow.

/// One wasm parameter: the address.
template <GuestPod T>
struct GuestPtr {
  std::uint32_t address = 0;  // in guest memory
  T* host = nullptr;          // the same for the host
  /// The value in guest memory.
  T& operator*() const { return *host; }
  /// The same.
  T* operator->() const { return host; }
};
/// Two wasm parameters: the address, and how many.
template <GuestPod T>
struct GuestSpan : std::span<T> {
  using std::span<T>::span;
};
/// Two wasm parameters: the address, and how many bytes. Any bytes, not only UTF-8.
struct GuestStr : std::string_view {
  using std::string_view::string_view;
};

}  // namespace SWOOP_NAMESPACE
}  // namespace swoop
