#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "engine/row_stream.h"
#include "engine/session.h"
#include "serve/http_message.h"

namespace smelt::serve {

/// Of which table, and of which state of it, rows are asked for.
struct TableSource {
  std::string schema;
  std::string table;
  std::vector<std::pair<std::string, std::string>> columns;  ///< name and SQL type
  std::optional<std::int64_t> version{};                     ///< nothing: as it is, for a view
  std::string timestamp{};                                   ///< goes before `version`
};

/// Which rows and columns of it, in which order.
struct TableQuery {
  std::string select{};                                        ///< names with commas; empty: all
  std::string order{};                                         ///< "price.desc,name"; empty: that of the table
  std::vector<std::pair<std::string, std::string>> filters{};  ///< column, "gte.10"; all must hold
  std::int64_t limit = 0;
  std::int64_t offset = 0;
};

/// One statement with values for its parameters.
struct TableStatement {
  std::string sql;
  engine::ParameterValues parameters;
};

/// The statement that gives the rows. Values of filters become parameters; names are those of the table's columns,
/// quoted, so that no text of a client's becomes SQL. Returns every mistake, by the name of its parameter.
std::expected<TableStatement, std::vector<FieldProblem>> CompileTableQuery(const TableSource& source,
                                                                           const TableQuery& query);

/// What a filter may say, for documents.
std::string_view FilterLanguage();

}  // namespace smelt::serve
