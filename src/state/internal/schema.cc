#include "state/internal/schema.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>

namespace smelt::state::internal {
namespace {

/// PRAGMA application_id: "SMLT".
constexpr std::int64_t kApplicationId = 0x534D4C54;

/// Entry n leads from version n to n + 1. Entries are permanent: files made by any of them are in use.
constexpr std::array<std::string_view, 8> kMigrations = {R"sql(
CREATE TABLE runs (
  id           TEXT PRIMARY KEY,
  pipeline     TEXT NOT NULL,
  project      TEXT NOT NULL,
  status       TEXT NOT NULL,
  started_us   INTEGER NOT NULL,
  finished_us  INTEGER NOT NULL,
  triggered_by TEXT NOT NULL,
  parameters   TEXT NOT NULL,
  error        TEXT NOT NULL,
  resumed_from TEXT NOT NULL,
  host         TEXT NOT NULL,
  pid          INTEGER NOT NULL
) STRICT;
CREATE INDEX runs_by_pipeline ON runs (pipeline);
CREATE TABLE tasks (
  run_id       TEXT NOT NULL REFERENCES runs (id),
  name         TEXT NOT NULL,
  attempt      INTEGER NOT NULL,
  type         TEXT NOT NULL,
  status       TEXT NOT NULL,
  started_us   INTEGER NOT NULL,
  finished_us  INTEGER NOT NULL,
  outcome      TEXT NOT NULL,
  error        TEXT NOT NULL,
  fingerprint  TEXT NOT NULL,
  reused_from  TEXT NOT NULL,
  PRIMARY KEY (run_id, name, attempt)
) STRICT;
)sql",
                                                         R"sql(
CREATE TABLE incidents (
  id          TEXT PRIMARY KEY,
  grouping    TEXT NOT NULL,
  pipeline    TEXT NOT NULL,
  status      TEXT NOT NULL,
  severity    TEXT NOT NULL,
  title       TEXT NOT NULL,
  run_id      TEXT NOT NULL,
  runs        INTEGER NOT NULL,
  opened_us   INTEGER NOT NULL,
  notified_us INTEGER NOT NULL,
  resolved_us INTEGER NOT NULL,
  details     TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX incidents_by_grouping ON incidents (grouping) WHERE status <> 'resolved';
CREATE TABLE alerts (
  id          TEXT PRIMARY KEY,
  incident_id TEXT NOT NULL REFERENCES incidents (id),
  action      TEXT NOT NULL,
  run_id      TEXT NOT NULL,
  created_us  INTEGER NOT NULL,
  body        TEXT NOT NULL
) STRICT;
CREATE INDEX alerts_by_incident ON alerts (incident_id);
CREATE TABLE deliveries (
  id          INTEGER PRIMARY KEY,
  alert_id    TEXT NOT NULL REFERENCES alerts (id),
  channel     TEXT NOT NULL,
  status      TEXT NOT NULL,
  attempts    INTEGER NOT NULL,
  due_us      INTEGER NOT NULL,
  claimed_us  INTEGER NOT NULL,
  finished_us INTEGER NOT NULL,
  error       TEXT NOT NULL
) STRICT;
CREATE INDEX deliveries_unfinished ON deliveries (due_us) WHERE status IN ('pending', 'sending');
CREATE TABLE judged_runs (
  run_id TEXT PRIMARY KEY
) STRICT;
)sql",
                                                         R"sql(
ALTER TABLE runs ADD COLUMN scheduled_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN definition TEXT NOT NULL DEFAULT '';
-- A scheduled instant begins one run, whoever is the scheduler; runs that go on with it are not begun by it.
CREATE UNIQUE INDEX runs_by_instant ON runs (pipeline, scheduled_us, triggered_by)
  WHERE triggered_by = 'schedule' AND resumed_from = '';
CREATE INDEX runs_unsettled ON runs (status) WHERE status IN ('queued', 'running', 'died', 'interrupted');
CREATE INDEX runs_by_predecessor ON runs (resumed_from) WHERE resumed_from <> '';
CREATE TABLE definitions (
  hash     TEXT PRIMARY KEY,
  pipeline TEXT NOT NULL,
  file     TEXT NOT NULL,
  content  TEXT NOT NULL,
  since_us INTEGER NOT NULL
) STRICT;
CREATE TABLE schedules (
  pipeline  TEXT PRIMARY KEY,
  paused    INTEGER NOT NULL DEFAULT 0,
  cursor_us INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE events (
  pipeline TEXT NOT NULL,
  event    TEXT NOT NULL,
  seen     TEXT NOT NULL,
  PRIMARY KEY (pipeline, event)
) STRICT;
CREATE TABLE leases (
  name       TEXT PRIMARY KEY,
  holder     TEXT NOT NULL,
  token      INTEGER NOT NULL,
  expires_us INTEGER NOT NULL
) STRICT;
CREATE TABLE approvals (
  run_id   TEXT NOT NULL,
  task     TEXT NOT NULL,
  approved INTEGER NOT NULL,
  by_whom  TEXT NOT NULL,
  comment  TEXT NOT NULL,
  at_us    INTEGER NOT NULL,
  PRIMARY KEY (run_id, task)
) STRICT;
)sql",
                                                         R"sql(
CREATE TABLE sla_misses (
  run_id     TEXT NOT NULL,
  task       TEXT NOT NULL,
  due_us     INTEGER NOT NULL,
  noticed_us INTEGER NOT NULL,
  PRIMARY KEY (run_id, task)
) STRICT;
ALTER TABLE runs ADD COLUMN parent TEXT NOT NULL DEFAULT '';
CREATE INDEX runs_by_parent ON runs (parent) WHERE parent <> '';
)sql",
                                                         R"sql(
-- How all pipelines stand is read off the index, not off a history of years.
DROP INDEX runs_by_pipeline;
CREATE INDEX runs_by_pipeline ON runs (pipeline, status);
)sql",
                                                         R"sql(
-- Sums over the tasks up to a row, so that nobody reads a history of years to add an hour to it.
CREATE TABLE history_totals (
  id    INTEGER PRIMARY KEY,
  until INTEGER NOT NULL,
  body  TEXT NOT NULL
) STRICT;
)sql",
                                                         R"sql(
-- Which run of a pipeline ended last, whatever the clock did meanwhile: it grows with every end. What ended before
-- goes by its time, and what ends from now on comes behind that.
ALTER TABLE runs ADD COLUMN ended INTEGER NOT NULL DEFAULT 0;
UPDATE runs SET ended = finished_us WHERE status IN ('succeeded', 'failed');
CREATE INDEX runs_by_end ON runs (pipeline, ended) WHERE ended > 0;
-- Runs that somebody asked for from outside, as whom and under which key.
CREATE TABLE calls (
  run_id          TEXT PRIMARY KEY,
  pipeline        TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  digest          TEXT NOT NULL,
  caller          TEXT NOT NULL,
  note            TEXT NOT NULL,
  at_us           INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX calls_by_key ON calls (pipeline, idempotency_key) WHERE idempotency_key <> '';
-- Slots of pools that tasks at work have. They end with the run, whatever becomes of the rows.
CREATE TABLE pool_slots (
  pool   TEXT NOT NULL,
  run_id TEXT NOT NULL,
  task   TEXT NOT NULL,
  slots  INTEGER NOT NULL,
  PRIMARY KEY (run_id, task)
) STRICT;
CREATE INDEX pool_slots_by_pool ON pool_slots (pool);
)sql",
                                                         R"sql(
-- Runs that somebody wants to end, and nobody to go on with.
CREATE TABLE cancellations (
  run_id  TEXT PRIMARY KEY,
  by_whom TEXT NOT NULL,
  at_us   INTEGER NOT NULL
) STRICT;
)sql"};

}  // namespace

std::span<const std::string_view> Migrations() {
  return kMigrations;
}

Result<std::int64_t> SchemaVersion(SqliteDatabase& database, const std::string& path) {
  std::int64_t application = 0;
  std::int64_t version = 0;
  std::int64_t objects = 0;
  // One statement sees one state of the file, whatever other processes do to it meanwhile.
  SMELT_TRY(
      database.Select("SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) "
                      "FROM pragma_application_id, pragma_user_version",
                      {}, [&](const Row& row) -> Status {
                        application = row.Int(0);
                        version = row.Int(1);
                        objects = row.Int(2);
                        return {};
                      }));
  if (application == kApplicationId) {
    if (version <= static_cast<std::int64_t>(kMigrations.size())) return version;
    return Fail(Error(ErrorCode::kStateTooNew,
                      fmt::format("the state database {} has schema version {}; this smelt knows versions up to {}",
                                  path, version, kMigrations.size()))
                    .Hint("use the newer smelt, or delete the file: only the history of runs is lost"));
  }
  if (application == 0 && version == 0 && objects == 0) return 0;
  return Fail(Error(ErrorCode::kStateDamaged, fmt::format("{} is the database of another program, not of smelt", path))
                  .Hint("move the file away"));
}

Status MigrateSchema(SqliteDatabase& database, const std::string& path, std::int64_t found) {
  const auto current = static_cast<std::int64_t>(kMigrations.size());
  if (found == current) return {};
  return database.Transaction([&]() -> Status {
    // Another process may have been faster; inside the transaction nobody is.
    SMELT_ASSIGN(const std::int64_t from, SchemaVersion(database, path));
    for (std::int64_t version = from; version < current; ++version) {
      SMELT_TRY(database.Execute(std::string(kMigrations[static_cast<std::size_t>(version)])));
    }
    return database.Execute(
        fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId, current));
  });
}

}  // namespace smelt::state::internal
