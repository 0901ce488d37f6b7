#include "state/internal/postgres_library.h"

#include <optional>

#include "base/shared_library.h"

namespace smelt::state::internal {
namespace {

std::optional<PostgresLibrary> Load() {
  PostgresLibrary postgres{};
  SharedLibrary library("libpq.so.5");
  library.Find("PQconnectdbParams", postgres.connect)
      .Find("PQfinish", postgres.finish)
      .Find("PQstatus", postgres.status)
      .Find("PQsocket", postgres.socket)
      .Find("PQerrorMessage", postgres.error_message)
      .Find("PQserverVersion", postgres.server_version)
      .Find("PQconnectionNeedsPassword", postgres.needs_password)
      .Find("PQconnectionUsedPassword", postgres.used_password)
      .Find("PQsetNoticeProcessor", postgres.set_notice_processor)
      .Find("PQexec", postgres.execute)
      .Find("PQprepare", postgres.prepare)
      .Find("PQexecPrepared", postgres.execute_prepared)
      .Find("PQresultStatus", postgres.result_status)
      .Find("PQresultErrorMessage", postgres.result_error_message)
      .Find("PQresultErrorField", postgres.result_error_field)
      .Find("PQcmdStatus", postgres.command_status)
      .Find("PQcmdTuples", postgres.command_rows)
      .Find("PQntuples", postgres.rows)
      .Find("PQgetvalue", postgres.value)
      .Find("PQgetlength", postgres.length)
      .Find("PQclear", postgres.clear)
      .Find("PQconsumeInput", postgres.consume_input)
      .Find("PQnotifies", postgres.notifies)
      .Find("PQfreemem", postgres.free_memory);
  if (!library.is_whole()) return std::nullopt;
  return postgres;
}

}  // namespace

const PostgresLibrary* LoadPostgres() {
  static const std::optional<PostgresLibrary> kLibrary = Load();
  return kLibrary ? &*kLibrary : nullptr;
}

}  // namespace smelt::state::internal
