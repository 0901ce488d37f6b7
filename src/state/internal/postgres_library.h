#pragma once

#include <postgresql/libpq-fe.h>

namespace smelt::state::internal {

/// The functions of libpq that smelt calls.
struct PostgresLibrary {
  decltype(&PQconnectdbParams) connect;
  decltype(&PQfinish) finish;
  decltype(&PQstatus) status;
  decltype(&PQsocket) socket;
  decltype(&PQerrorMessage) error_message;
  decltype(&PQserverVersion) server_version;
  decltype(&PQconnectionNeedsPassword) needs_password;
  decltype(&PQconnectionUsedPassword) used_password;
  decltype(&PQsetNoticeProcessor) set_notice_processor;
  decltype(&PQexec) execute;
  decltype(&PQprepare) prepare;
  decltype(&PQexecPrepared) execute_prepared;
  decltype(&PQresultStatus) result_status;
  decltype(&PQresultErrorMessage) result_error_message;
  decltype(&PQresultErrorField) result_error_field;
  decltype(&PQcmdStatus) command_status;
  decltype(&PQcmdTuples) command_rows;
  decltype(&PQntuples) rows;
  decltype(&PQgetvalue) value;
  decltype(&PQgetlength) length;
  decltype(&PQclear) clear;
  decltype(&PQconsumeInput) consume_input;
  decltype(&PQnotifies) notifies;
  decltype(&PQfreemem) free_memory;
};

/// The library, loaded by the first call; null: this machine has none. Thread-safe.
const PostgresLibrary* LoadPostgres();

}  // namespace smelt::state::internal
