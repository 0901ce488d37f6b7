#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "notify/alert.h"
#include "notify/settings.h"
#include "state/alert_store.h"

namespace smelt::notify {

/// What became of the deliveries of one call.
struct DeliveryReport {
  std::int64_t sent = 0;
  /// Those given up, as "channel: reason".
  std::vector<std::string> dead = {};
};

/// Sends one alert over one channel, once. Thread-safe.
/// Errors: kMailUnsent, kMailRefused, kAlertDelayed, kAlertRefused, kAlertSecretMissing, kCancelled.
Status SendAlert(const Channel& channel, const Alert& alert, std::stop_token stop = {});

/// Sends every delivery that is due, one after the other, and tries those again that fail for now, as their channels
/// say. What cannot be delivered becomes a dead letter: a file in `dead_letters` with the alert and the reason, and the
/// status dead in the store. Deliveries that wait for their time stay. Several processes may do this at once: each
/// delivery is sent by one of them. One that dies in the act leaves its delivery to the others, which send it after
/// five minutes: then it may arrive twice, with the same id.
/// Errors: those of AlertStore. What is wrong with a channel is in the report.
Result<DeliveryReport> DeliverDue(const Settings& settings, state::AlertStore& store, const std::string& dead_letters,
                                  std::stop_token stop);

/// Makes dead letters due again: one by its number, or all (0). Returns how many. Errors: kAlertUnknown when the
/// number is not that of a dead one; those of AlertStore.
Result<std::int64_t> ReviveDead(state::AlertStore& store, const std::string& dead_letters, std::int64_t delivery);

}  // namespace smelt::notify
