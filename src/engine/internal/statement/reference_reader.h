#pragma once

#include <duckdb/parser/query_node.hpp>
#include <duckdb/parser/statement/list.hpp>
#include <set>
#include <string>
#include <vector>

#include "engine/internal/duck.h"
#include "engine/statement_info.h"

namespace smelt::engine {

/// Reads off parsed SQL what it refers to, and looks the names up in the catalogue: views and macros are followed into
/// what they are made of. Nothing is bound, because binding opens files. Confined to one thread, within a transaction.
/// Errors are thrown, as DuckDB does.
class ReferenceReader {
 public:
  ReferenceReader(duckdb::ClientContext& context, StatementInfo& info) : context_(context), info_(info) {}

  /// A name where a statement wants a relation to write to: it is looked up as the statement will.
  struct Target {
    std::string catalog, schema, name;
  };

  void ReadQuery(duckdb::QueryNode& node);
  void ReadRef(duckdb::TableRef& ref);
  void ReadExpression(const duckdb::ParsedExpression& expression);
  void ReadExpressions(const duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>>& expressions);
  /// Common table expressions of a statement that is no query; they stay in scope until the reader goes.
  void ReadTableExpressions(duckdb::CommonTableExpressionMap& map);
  /// CALL, or a function in FROM.
  void ReadTableFunction(const duckdb::ParsedExpression& expression);
  /// Notes a relation that is written: made, changed or dropped.
  void Write(Target target, bool temporary);
  /// The relation that a DELETE, UPDATE or MERGE is for; it is read, too.
  void WriteRef(duckdb::TableRef& ref);
  void Outside(std::string what);

 private:
  using Names = std::set<std::string>;

  void ReadSelect(duckdb::QueryNode& node);
  void ReadModifiers(duckdb::QueryNode& node);
  void ReadBase(const std::string& catalog, const std::string& schema, const std::string& name);
  void ReadRelation(duckdb::CatalogEntry& entry);
  void ReadMissing(const std::string& catalog, const std::string& schema, const std::string& name);
  void ReadShown(duckdb::TableRef& ref);
  void ReadPivot(duckdb::TableRef& ref);
  void ReadColumn(const duckdb::ParsedExpression& expression);
  void ReadFunction(const duckdb::ParsedExpression& expression);
  void ReadMacro(duckdb::CatalogEntry& entry);
  void ReadNamedTable(const std::string& function, const duckdb::ParsedExpression& argument, bool reads, bool writes);
  void ReadTextArguments(const std::string& function, const duckdb::ParsedExpression& call, std::size_t first);
  void ReadTextArgument(const std::string& function, const duckdb::ParsedExpression& argument);
  void ReadText(const std::string& text);
  bool IsTableExpression(const std::string& name) const;
  duckdb::optional_ptr<duckdb::CatalogEntry> Find(duckdb::CatalogType type, const std::string& catalog,
                                                  const std::string& schema, const std::string& name);

  duckdb::ClientContext& context_;
  StatementInfo& info_;
  std::vector<Names> scopes_ = {{}};                 ///< of common table expressions, the innermost last
  duckdb::vector<duckdb::CatalogSearchEntry> path_;  ///< of the view that is read; empty: the session's
  std::set<const void*> seen_;                       ///< views and macros, which may refer to each other
};

}  // namespace smelt::engine
