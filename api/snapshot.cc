// Snapshots of the C ABI.
#include "runtime/snapshot.h"

#include "api/store.h"

using namespace swoop;
using namespace swoop::api;

namespace {

class SnapshotObject final : public Shared {
 public:
  static constexpr HandleKind kKind = HandleKind::snapshot;
  explicit SnapshotObject(std::shared_ptr<const Snapshot> snapshot)
      : snapshot_(std::move(snapshot)) {}
  const Snapshot& snapshot() const { return *snapshot_; }

 private:
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace

swoop_error_t* swoop_instance_snapshot(swoop_instance_t instance, swoop_snapshot_t** snapshot) {
  const InstanceThing thing(instance);
  if (!thing) return misuse("snapshot: the instance is of no store, or that is gone");
  Result<std::shared_ptr<const Snapshot>> made = thing->snapshot();
  if (!made) return make_error(made.error());
  return give(std::make_unique<SnapshotObject>(std::move(made).value()), snapshot);
}

swoop_error_t* swoop_instance_reset(swoop_instance_t instance, swoop_snapshot_t* snapshot) {
  const InstanceThing thing(instance);
  if (!thing) return misuse("reset: the instance is of no store, or that is gone");
  const Borrowed<SnapshotObject> object(snapshot);
  if (!object) return misuse("reset: not a snapshot");
  const Result<> done = thing->reset(object->snapshot());
  if (done) return nullptr;
  // It does not fit, which is no matter of linking here.
  if (done.error().kind == ErrorKind::unlinkable) return misuse("reset: " + done.error().message);
  return make_error(done.error());
}
