#include "wasi/streams.h"

#include "wasi/wait.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

namespace swoop::wasi {
namespace {

// What has been read is given back to the heap once it is this much, and half of all.
constexpr size_t kWorthCompacting = 64 * 1024;

size_t total_size(std::span<const ConstBytes> buffers) {
  size_t total = 0;
  for (const ConstBytes buffer : buffers) total += buffer.size();
  return total;
}

// What a guest cannot tell from a pipe.
class Stream : public Descriptor {
 public:
  ErrnoOr<platform::FileStatus> status() override { return platform::FileStatus{.links = 1}; }

  ErrnoOr<> set_flags(uint16_t flags) override {
    if (((flags ^ flags_) & fdflags::kAnySync) != 0) return Errno::notsup;
    flags_ = flags;
    return {};
  }

 protected:
  explicit Stream(uint64_t direction) : direction_(direction) {}
  bool is_nonblocking() const { return (flags_ & fdflags::kNonblock) != 0; }

 private:
  DescriptorInfo full_info() const override {
    constexpr uint64_t kNeither = rights::kStream & ~(rights::kFdRead | rights::kFdWrite);
    return {.flags = flags_, .rights_base = kNeither | direction_};
  }

  const uint64_t direction_;
  std::atomic<uint16_t> flags_ = 0;
};

class InputStream final : public Stream {
 public:
  explicit InputStream(std::shared_ptr<Source> source)
      : Stream(rights::kFdRead), source_(std::move(source)) {}

  ErrnoOr<size_t> read(std::span<const MutableBytes> buffers) override {
    return source_->read(buffers, /*may_wait=*/!is_nonblocking());
  }
  int poll_raw() override { return source_->poll_raw(); }
  uint64_t readable_bytes() override { return source_->readable_bytes(); }

 private:
  const std::shared_ptr<Source> source_;
};

class OutputStream final : public Stream {
 public:
  using Write = std::function<ErrnoOr<size_t>(std::span<const ConstBytes> buffers)>;

  explicit OutputStream(Write write) : Stream(rights::kFdWrite), write_(std::move(write)) {}

  ErrnoOr<size_t> write(std::span<const ConstBytes> buffers) override { return write_(buffers); }

 private:
  const Write write_;
};

}  // namespace

ErrnoOr<size_t> Sink::write(std::span<const ConstBytes> buffers) {
  const std::lock_guard lock(mutex_);
  size_t total = 0;
  bool full = false;
  for (const ConstBytes buffer : buffers) {
    const size_t size = std::min(buffer.size(), limit_bytes_ - bytes_.size());
    bytes_.append(buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(size));
    total += size;
    full = size < buffer.size();
    if (full) break;
  }
  if (full && total == 0) return Errno::nospc;
  return total;
}

std::string Sink::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(bytes_, {});
}

std::string Sink::text() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

void Source::write(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  if (is_closed_ || bytes.empty()) return;
  bytes_.append(bytes);
  if (ready_) ready_->set();
}

void Source::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  if (ready_) ready_->set();
}

ErrnoOr<size_t> Source::read(std::span<const MutableBytes> buffers, bool may_wait) {
  if (std::ranges::all_of(buffers, &MutableBytes::empty)) return size_t{0};
  std::unique_lock lock(mutex_);
  while (!is_ready()) {
    if (!may_wait) return Errno::again;
    const int raw = TRY(make_notification());
    lock.unlock();
    TRY(wait_until_ready(raw, /*for_writing=*/false, platform::kWaitForever));
    lock.lock();
  }

  size_t total = 0;
  for (const MutableBytes buffer : buffers) {
    const size_t size = std::min(buffer.size(), bytes_.size() - position_);
    if (size == 0) continue;
    std::memcpy(buffer.data(), bytes_.data() + position_, size);
    position_ += size;
    total += size;
  }
  if (position_ >= kWorthCompacting && position_ >= bytes_.size() / 2) {
    bytes_.erase(0, position_);
    position_ = 0;
  }
  if (ready_ && !is_ready()) ready_->clear();
  return total;
}

int Source::poll_raw() {
  const std::lock_guard lock(mutex_);
  if (is_ready()) return -1;
  // Where there is no descriptor left for it, a read says so.
  const auto raw = make_notification();
  return raw.ok() ? *raw : -1;
}

uint64_t Source::readable_bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_.size() - position_;
}

ErrnoOr<int> Source::make_notification() {
  if (!ready_) ready_.emplace(TRY(from_os(platform::Notification::create())));
  return ready_->raw();
}

std::shared_ptr<Descriptor> make_input(std::shared_ptr<Source> source) {
  return std::make_shared<InputStream>(std::move(source));
}

std::shared_ptr<Descriptor> make_output(std::shared_ptr<Sink> sink) {
  return std::make_shared<OutputStream>(
      [sink = std::move(sink)](std::span<const ConstBytes> buffers) {
        return sink->write(buffers);
      });
}

std::shared_ptr<Descriptor> make_output(OutputCallback callback) {
  return std::make_shared<OutputStream>(
      [callback = std::move(callback)](std::span<const ConstBytes> buffers) {
        for (const ConstBytes buffer : buffers) {
          if (!buffer.empty()) callback(buffer);
        }
        return ErrnoOr<size_t>(total_size(buffers));
      });
}

std::shared_ptr<Descriptor> make_null_output() {
  return std::make_shared<OutputStream>(
      [](std::span<const ConstBytes> buffers) { return ErrnoOr<size_t>(total_size(buffers)); });
}

}  // namespace swoop::wasi
