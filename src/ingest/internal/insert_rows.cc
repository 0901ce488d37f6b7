#include "ingest/internal/insert_rows.h"

#include <fmt/format.h>

namespace smelt::ingest {
namespace {

constexpr std::string_view kOffer = "rows";

std::string ColumnList(const std::vector<engine::SourceColumn>& columns) {
  std::string list;
  for (const engine::SourceColumn& column : columns) {
    list += fmt::format("{}{}", list.empty() ? "" : ", ", engine::QuoteIdentifier(column.name));
  }
  return list;
}

}  // namespace

std::string TableName(std::string_view schema, std::string_view table) {
  return engine::QuoteIdentifier(schema) + "." + engine::QuoteIdentifier(table);
}

Status CreateForRows(engine::Session& session, std::string_view schema, std::string_view table,
                     const std::vector<engine::SourceColumn>& columns) {
  std::string definitions;
  for (const engine::SourceColumn& column : columns) {
    definitions += fmt::format("{} {}, ", engine::QuoteIdentifier(column.name), column.SqlType());
  }
  return session.Execute(fmt::format("create table if not exists {} ({}ingest_date date) partitioned by (ingest_date)",
                                     TableName(schema, table), definitions));
}

Status InsertRows(engine::Session& session, std::string_view schema, std::string_view table, engine::RowSource& source,
                  const LoadStamp& stamp) {
  const std::string name = TableName(schema, table);
  SMELT_TRY(CreateForRows(session, schema, table, source.columns()));
  const std::string columns = ColumnList(source.columns());
  session.Offer(std::string(kOffer), source);
  const Status inserted =
      session.Execute(fmt::format("insert into {} ({}, ingest_date) select {}, date '{}' from smelt_rows({})", name,
                                  columns, columns, stamp.ingest_date(), engine::QuoteLiteral(kOffer)));
  session.Withdraw(std::string(kOffer));
  return inserted;
}

}  // namespace smelt::ingest
