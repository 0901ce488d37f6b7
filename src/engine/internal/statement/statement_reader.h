#pragma once

#include <duckdb/parser/sql_statement.hpp>
#include <string>

#include "engine/internal/statement/reference_reader.h"

namespace smelt::engine {

/// Reads off a parsed statement what it is about to do. Confined to one thread, within a transaction. Errors are
/// thrown, as DuckDB does.
class StatementReader {
 public:
  StatementReader(duckdb::ClientContext& context, StatementInfo& info)
      : context_(context), info_(info), references_(context, info) {}

  void Read(duckdb::SQLStatement& statement);

 private:
  void ReadInsert(duckdb::SQLStatement& statement);
  void ReadUpdate(duckdb::SQLStatement& statement);
  void ReadDelete(duckdb::SQLStatement& statement);
  void ReadMerge(duckdb::SQLStatement& statement);
  void ReadCreate(duckdb::SQLStatement& statement);
  void ReadCreateTable(duckdb::CreateInfo& info);
  void ReadCreateMacro(duckdb::CreateInfo& info);
  void ReadAlter(duckdb::SQLStatement& statement);
  void ReadDrop(duckdb::SQLStatement& statement);
  void ReadCopy(duckdb::SQLStatement& statement);
  void ReadSet(duckdb::SQLStatement& statement);
  void ReadPragma(duckdb::SQLStatement& statement);
  void ReadExecute(duckdb::SQLStatement& statement);
  void ReadMany(duckdb::SQLStatement& statement);
  void ReadSetInfo(duckdb::UpdateSetInfo* info);
  void Refuse(std::string what);

  duckdb::ClientContext& context_;
  StatementInfo& info_;
  ReferenceReader references_;
};

}  // namespace smelt::engine
