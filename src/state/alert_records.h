#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace smelt::state {

/// How an incident stands. Written as text: "open", "acknowledged", "resolved".
enum class IncidentStatus : std::uint8_t { kOpen, kAcknowledged, kResolved };

/// How one way of telling about an alert stands. Written as text: "pending", "sending", "sent", "dead", "dropped".
enum class DeliveryStatus : std::uint8_t {
  kPending,  ///< recorded, and due at its time
  kSending,  ///< a process has taken it; when that dies, another one takes it once the claim is old
  kSent,     ///< the receiver has it
  kDead,     ///< given up; stays until somebody asks to try again
  kDropped,  ///< not sent, because it was over before it was due
};

std::string_view IncidentStatusText(IncidentStatus status);
std::string_view DeliveryStatusText(DeliveryStatus status);
/// Read the texts above. Errors: kStateDamaged for any other word.
Result<IncidentStatus> ParseIncidentStatus(std::string_view text);
Result<DeliveryStatus> ParseDeliveryStatus(std::string_view text);

/// Something that is wrong for a while: from the first run that showed it to the first that does not.
struct IncidentRecord {
  std::string id = {};
  std::string grouping = {};  ///< what it is about; at most one unresolved incident has the same
  std::string pipeline = {};
  IncidentStatus status = IncidentStatus::kOpen;
  std::string severity = {};
  std::string title = {};
  std::string run_id = {};  ///< the last run that showed it
  std::int64_t runs = 0;    ///< how many runs showed it
  std::int64_t opened_us = 0;
  std::int64_t notified_us = 0;  ///< when somebody was told last
  std::int64_t resolved_us = 0;  ///< 0: it is not
  Json details = Json::object();
};

/// One thing to tell about an incident.
struct AlertRecord {
  std::string id = {};
  std::string incident_id = {};
  std::string action = {};  ///< "trigger", "update", "repeat", "acknowledge", "resolve", "test"
  std::string run_id = {};
  std::int64_t created_us = 0;
  Json body = Json::object();  ///< all that a channel needs to write it
};

/// One alert on its way to one channel.
struct DeliveryRecord {
  std::int64_t id = 0;
  std::string alert_id = {};
  std::string channel = {};
  DeliveryStatus status = DeliveryStatus::kPending;
  std::int64_t attempts = 0;
  std::int64_t due_us = 0;
  std::int64_t finished_us = 0;
  std::string error = {};  ///< of the last attempt
};

}  // namespace smelt::state
