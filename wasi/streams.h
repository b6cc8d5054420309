// Streams that end in the embedder: what it supplies as standard input, and what becomes of the
// outputs.
#pragma once

#include "platform/notification.h"
#include "wasi/descriptor.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace swoop::wasi {

/// Keeps what is written to it, up to a limit. Safe to use by threads, and may outlive the context
/// that writes.
class Sink {
 public:
  explicit Sink(size_t limit_bytes) : limit_bytes_(limit_bytes) {}
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  /// As much as there is room for; `nospc` when that is nothing.
  ErrnoOr<size_t> write(std::span<const ConstBytes> buffers);

  /// What was written since the last call, which makes room for as much.
  std::string take();
  /// The same without taking it.
  std::string text() const;

 private:
  mutable std::mutex mutex_;
  const size_t limit_bytes_;
  std::string bytes_;
};

/// What a guest reads, as far as the embedder has supplied it; a read of more waits for more. Safe
/// to use by threads, and may outlive the context that reads.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  /// Adds to what can be read; forgotten once the source is closed. Nothing bounds what is not yet
  /// read but the caller.
  void write(std::string_view bytes);
  /// When all is read, the guest is at the end of the file.
  void close();

  /// Some of the bytes, at once or after a wait; 0 at the end. `again` when there are none and the
  /// caller does not want to wait.
  ErrnoOr<size_t> read(std::span<const MutableBytes> buffers, bool may_wait);
  /// What to wait on for data or the end, or -1 when either is there.
  int poll_raw();
  uint64_t readable_bytes() const;

 private:
  bool is_ready() const { return is_closed_ || position_ < bytes_.size(); }
  // Without a descriptor to wait on for as long as nobody has to wait.
  ErrnoOr<int> make_notification();

  mutable std::mutex mutex_;
  std::string bytes_;
  size_t position_ = 0;  // what is before it has been read
  bool is_closed_ = false;
  std::optional<platform::Notification> ready_;
};

/// Called with each buffer that a guest writes, on the thread that writes it.
using OutputCallback = std::function<void(ConstBytes bytes)>;

std::shared_ptr<Descriptor> make_input(std::shared_ptr<Source> source);
std::shared_ptr<Descriptor> make_output(std::shared_ptr<Sink> sink);
std::shared_ptr<Descriptor> make_output(OutputCallback callback);
/// Accepts and forgets.
std::shared_ptr<Descriptor> make_null_output();

}  // namespace swoop::wasi
