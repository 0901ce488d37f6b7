#include "ingest/internal/quarantine.h"

#include <fmt/format.h>

#include "ingest/internal/insert_rows.h"

namespace smelt::ingest {

Result<bool> UpgradeQuarantine(engine::Session& session, std::string_view table) {
  SMELT_TRY(session.Execute(fmt::format("create schema if not exists {}", kQuarantine)));
  SMELT_ASSIGN(const auto there, session.FindRelation("", kQuarantine, table));
  if (!there) return false;
  // Older tables have no such column.
  SMELT_TRY(session.Execute(
      fmt::format("alter table {} add column if not exists category varchar", TableName(kQuarantine, table))));
  return true;
}

}  // namespace smelt::ingest
