#include "state/alert_store.h"

#include <fmt/format.h>

#include <utility>

#include "base/clock.h"
#include "state/internal/state_database.h"

namespace smelt::state {
namespace {

using internal::Database;
using internal::Row;

constexpr std::string_view kIncidentColumns =
    "id, grouping, pipeline, status, severity, title, run_id, runs, opened_us, notified_us, resolved_us, details";
constexpr std::string_view kDeliveryColumns =
    "d.id, d.alert_id, d.channel, d.status, d.attempts, d.due_us, d.finished_us, d.error, "
    "a.incident_id, a.action, a.run_id, a.created_us, a.body";

Result<IncidentRecord> ReadIncident(const Row& row) {
  IncidentRecord incident;
  incident.id = row.Text(0);
  incident.grouping = row.Text(1);
  incident.pipeline = row.Text(2);
  SMELT_ASSIGN(incident.status, ParseIncidentStatus(row.Text(3)));
  incident.severity = row.Text(4);
  incident.title = row.Text(5);
  incident.run_id = row.Text(6);
  incident.runs = row.Int(7);
  incident.opened_us = row.Int(8);
  incident.notified_us = row.Int(9);
  incident.resolved_us = row.Int(10);
  SMELT_ASSIGN(incident.details, ParseJson(row.Text(11), "state database: incidents.details"));
  return incident;
}

Result<AlertDelivery> ReadDelivery(const Row& row) {
  AlertDelivery read;
  DeliveryRecord& delivery = read.delivery;
  delivery.id = row.Int(0);
  delivery.alert_id = row.Text(1);
  delivery.channel = row.Text(2);
  SMELT_ASSIGN(delivery.status, ParseDeliveryStatus(row.Text(3)));
  delivery.attempts = row.Int(4);
  delivery.due_us = row.Int(5);
  delivery.finished_us = row.Int(6);
  delivery.error = row.Text(7);
  AlertRecord& alert = read.alert;
  alert.id = delivery.alert_id;
  alert.incident_id = row.Text(8);
  alert.action = row.Text(9);
  alert.run_id = row.Text(10);
  alert.created_us = row.Int(11);
  SMELT_ASSIGN(alert.body, ParseJson(row.Text(12), "state database: alerts.body"));
  return read;
}

}  // namespace

AlertStore::AlertStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
AlertStore::~AlertStore() = default;

Result<std::unique_ptr<AlertStore>> AlertStore::Open(const StoreAddress& address, std::int64_t busy_timeout_ms) {
  SMELT_ASSIGN(std::unique_ptr<Database> database, internal::OpenStateDatabase(address, busy_timeout_ms));
  return std::unique_ptr<AlertStore>(new AlertStore(std::move(database)));
}

Result<bool> AlertStore::IsJudged(std::string_view run_id) {
  bool judged = false;
  SMELT_TRY(database_->Select("SELECT 1 FROM judged_runs WHERE run_id = ?", {run_id}, [&](const Row&) -> Status {
    judged = true;
    return {};
  }));
  return judged;
}

Result<std::vector<IncidentRecord>> AlertStore::SelectIncidents(const std::string& rest, std::string_view argument,
                                                                std::int64_t limit) {
  std::vector<IncidentRecord> incidents;
  SMELT_TRY(database_->Select(fmt::format("SELECT {} FROM incidents WHERE {} LIMIT ?2", kIncidentColumns, rest),
                              {argument, limit < 0 ? internal::kNoLimit : limit}, [&](const Row& row) -> Status {
                                SMELT_ASSIGN(IncidentRecord incident, ReadIncident(row));
                                incidents.push_back(std::move(incident));
                                return {};
                              }));
  return incidents;
}

Result<std::vector<IncidentRecord>> AlertStore::Unresolved(std::string_view pipeline) {
  return SelectIncidents("status <> 'resolved' AND (?1 = '' OR pipeline = ?1) ORDER BY opened_us, rowid", pipeline,
                         internal::kNoLimit);
}

Result<std::vector<IncidentRecord>> AlertStore::Incidents(std::int64_t limit) {
  return SelectIncidents("?1 = '' ORDER BY rowid DESC", "", limit);
}

Result<std::vector<std::string>> AlertStore::ChannelsTold(std::string_view incident_id) {
  std::vector<std::string> channels;
  SMELT_TRY(database_->Select(
      "SELECT DISTINCT d.channel FROM deliveries d JOIN alerts a ON a.id = d.alert_id "
      "WHERE a.incident_id = ? AND (d.status IN ('sending', 'sent') OR (d.status = 'pending' AND d.attempts > 0)) "
      "ORDER BY d.channel",
      {incident_id}, [&](const Row& row) -> Status {
        channels.push_back(row.Text(0));
        return {};
      }));
  return channels;
}

Status AlertStore::Write(const AlertBatch& batch) {
  for (const std::string& incident : batch.withdrawn) {
    SMELT_TRY(
        database_->Run("UPDATE deliveries SET status = 'dropped', finished_us = ? WHERE status = 'pending' AND "
                       "alert_id IN (SELECT id FROM alerts WHERE incident_id = ?)",
                       {NowMicros(), incident}));
  }
  for (const IncidentRecord& one : batch.incidents) {
    const std::string details = JsonText(one.details);
    SMELT_TRY(database_->Run(
        fmt::format("INSERT INTO incidents ({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
                    "SET status = excluded.status, severity = excluded.severity, title = excluded.title, "
                    "run_id = excluded.run_id, runs = excluded.runs, notified_us = excluded.notified_us, "
                    "resolved_us = excluded.resolved_us, details = excluded.details",
                    kIncidentColumns),
        {one.id, one.grouping, one.pipeline, IncidentStatusText(one.status), one.severity, one.title, one.run_id,
         one.runs, one.opened_us, one.notified_us, one.resolved_us, details}));
  }
  for (const AlertRecord& one : batch.alerts) {
    const std::string body = JsonText(one.body);
    SMELT_TRY(database_->Run(
        "INSERT INTO alerts (id, incident_id, action, run_id, created_us, body) VALUES (?, ?, ?, ?, ?, ?)",
        {one.id, one.incident_id, one.action, one.run_id, one.created_us, body}));
  }
  for (const DeliveryRecord& one : batch.deliveries) {
    SMELT_TRY(database_->Run(
        "INSERT INTO deliveries (alert_id, channel, status, attempts, due_us, claimed_us, finished_us, "
        "error) VALUES (?, ?, ?, ?, ?, 0, 0, ?)",
        {one.alert_id, one.channel, DeliveryStatusText(one.status), one.attempts, one.due_us, one.error}));
  }
  return {};
}

Result<bool> AlertStore::Record(const AlertBatch& batch) {
  bool is_new = true;
  SMELT_TRY(database_->Transaction([&]() -> Status {
    if (!batch.judged_run.empty()) {
      SMELT_ASSIGN(
          const std::int64_t added,
          database_->Run("INSERT INTO judged_runs (run_id) VALUES (?) ON CONFLICT DO NOTHING", {batch.judged_run}));
      is_new = added == 1;
    }
    return is_new ? Write(batch) : Status();
  }));
  return is_new;
}

Result<std::optional<AlertDelivery>> AlertStore::Claim(std::int64_t now_us, std::int64_t lease_us) {
  std::optional<AlertDelivery> claimed;
  SMELT_TRY(database_->Transaction([&]() -> Status {
    SMELT_TRY(database_->Select(
        fmt::format("SELECT {} FROM deliveries d JOIN alerts a ON a.id = d.alert_id WHERE "
                    "(d.status = 'pending' AND d.due_us <= ?1) OR (d.status = 'sending' AND d.claimed_us < ?2) "
                    "ORDER BY d.due_us, d.id LIMIT 1",
                    kDeliveryColumns),
        {now_us, now_us - lease_us}, [&](const Row& row) -> Status {
          SMELT_ASSIGN(claimed, ReadDelivery(row));
          return {};
        }));
    if (!claimed) return {};
    claimed->delivery.status = DeliveryStatus::kSending;
    ++claimed->delivery.attempts;
    SMELT_TRY(database_->Run("UPDATE deliveries SET status = 'sending', claimed_us = ?, attempts = ? WHERE id = ?",
                             {now_us, claimed->delivery.attempts, claimed->delivery.id}));
    return {};
  }));
  return claimed;
}

Status AlertStore::Finish(const DeliveryRecord& delivery) {
  SMELT_TRY(database_->Run(
      "UPDATE deliveries SET status = ?, attempts = ?, due_us = ?, finished_us = ?, error = ? WHERE id = ?",
      {DeliveryStatusText(delivery.status), delivery.attempts, delivery.due_us, NowMicros(), delivery.error,
       delivery.id}));
  return {};
}

Result<bool> AlertStore::Revive(std::int64_t delivery_id, std::int64_t now_us) {
  SMELT_ASSIGN(const std::int64_t changed,
               database_->Run("UPDATE deliveries SET status = 'pending', attempts = 0, due_us = ? "
                              "WHERE id = ? AND status = 'dead'",
                              {now_us, delivery_id}));
  return changed == 1;
}

Result<std::vector<AlertDelivery>> AlertStore::Deliveries(const DeliveryFilter& filter) {
  std::string condition = "1 = 1";
  for (const DeliveryStatus status : filter.statuses) {
    condition += fmt::format("{}'{}'", condition == "1 = 1" ? " AND d.status IN (" : ", ", DeliveryStatusText(status));
  }
  if (!filter.statuses.empty()) condition += ')';
  std::vector<AlertDelivery> deliveries;
  SMELT_TRY(database_->Select(fmt::format("SELECT {} FROM deliveries d JOIN alerts a ON a.id = d.alert_id WHERE {} "
                                          "ORDER BY d.id DESC LIMIT ?",
                                          kDeliveryColumns, condition),
                              {filter.limit < 0 ? internal::kNoLimit : filter.limit}, [&](const Row& row) -> Status {
                                SMELT_ASSIGN(AlertDelivery delivery, ReadDelivery(row));
                                deliveries.push_back(std::move(delivery));
                                return {};
                              }));
  return deliveries;
}

}  // namespace smelt::state
