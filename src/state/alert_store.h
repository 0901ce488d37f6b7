#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "state/alert_records.h"
#include "state/store_address.h"

namespace smelt::state {

namespace internal {
class Database;
}

/// What is to be recorded at once: the state of incidents, and what is to be told about them.
struct AlertBatch {
  std::string judged_run = {};  ///< the run that all this follows from; empty: none
  std::vector<IncidentRecord> incidents = {};
  std::vector<AlertRecord> alerts = {};
  std::vector<DeliveryRecord> deliveries = {};
  /// Incidents of which nothing that is not on its way yet is to be told any more.
  std::vector<std::string> withdrawn = {};
};

/// A delivery with what it delivers.
struct AlertDelivery {
  DeliveryRecord delivery;
  AlertRecord alert;
};

/// Which deliveries to list.
struct DeliveryFilter {
  std::vector<DeliveryStatus> statuses = {};  ///< empty: all
  std::int64_t limit = 50;
};

/// Incidents, alerts and their deliveries, in the state database of a lake. Every method is one transaction that
/// survives the death of the process. Thread-safe; several processes may share the store.
///
/// All methods return: kStateDamaged, kStateUnavailable, kStoreFull.
class AlertStore {
 public:
  /// Opens the store as RunStore::Open does, with the same errors.
  static Result<std::unique_ptr<AlertStore>> Open(const StoreAddress& address, std::int64_t busy_timeout_ms = 5'000);
  ~AlertStore();

  /// Whether a batch that follows from this run was recorded.
  Result<bool> IsJudged(std::string_view run_id);
  /// The incidents that are not resolved, oldest first. An empty name stands for all pipelines.
  Result<std::vector<IncidentRecord>> Unresolved(std::string_view pipeline);
  /// Incidents of any status, those opened last first.
  Result<std::vector<IncidentRecord>> Incidents(std::int64_t limit);
  /// The channels that were told of an incident, or may have been; in the order of names.
  Result<std::vector<std::string>> ChannelsTold(std::string_view incident_id);
  /// Records a batch. False, and nothing is recorded, when its run has been judged before.
  Result<bool> Record(const AlertBatch& batch);

  /// Takes the delivery that has been due longest, for the caller to send; nothing when none is due. A claim that is
  /// older than `lease_us` is that of a dead process: its delivery is due again.
  Result<std::optional<AlertDelivery>> Claim(std::int64_t now_us, std::int64_t lease_us);
  /// Records what became of an attempt: status, attempts, due_us, error.
  Status Finish(const DeliveryRecord& delivery);
  /// Makes a dead delivery due now. False when there is no dead one of that number.
  Result<bool> Revive(std::int64_t delivery_id, std::int64_t now_us);
  /// Deliveries, newest first.
  Result<std::vector<AlertDelivery>> Deliveries(const DeliveryFilter& filter);

 private:
  explicit AlertStore(std::unique_ptr<internal::Database> database);
  Result<std::vector<IncidentRecord>> SelectIncidents(const std::string& rest, std::string_view argument,
                                                      std::int64_t limit);
  Status Write(const AlertBatch& batch);

  std::unique_ptr<internal::Database> database_;
};

}  // namespace smelt::state
