#include "engine/statement_info.h"

#include <fmt/format.h>

#include <duckdb/parser/parser.hpp>

#include "engine/internal/duck.h"
#include "engine/internal/engine_impl.h"
#include "engine/internal/error_bridge.h"
#include "engine/internal/statement/statement_reader.h"

namespace smelt::engine {

std::string_view StatementKindText(StatementKind kind) {
  switch (kind) {
    case StatementKind::kSelect: return "SELECT";
    case StatementKind::kInsert: return "INSERT";
    case StatementKind::kUpdate: return "UPDATE";
    case StatementKind::kDelete: return "DELETE";
    case StatementKind::kMerge: return "MERGE";
    case StatementKind::kDefinition: return "CREATE, ALTER or DROP";
    case StatementKind::kCopy: return "COPY";
    case StatementKind::kCall: return "CALL";
    case StatementKind::kSet: return "SET";
    case StatementKind::kTransaction: return "BEGIN, COMMIT or ROLLBACK";
    case StatementKind::kPrepare: return "PREPARE or EXECUTE";
    case StatementKind::kExplain: return "EXPLAIN";
    case StatementKind::kOther: return "a statement for the engine itself";
  }
  return "";
}

Result<StatementInfo> DescribeStatement(Session& session, std::string_view sql) {
  duckdb::ClientContext& context = *session.impl_->connection->context;
  try {
    // Not the connection's own parser: it carries out some pragmas while it parses.
    duckdb::Parser parser(context.GetParserOptions());
    parser.ParseQuery(std::string(sql));
    if (parser.statements.size() != 1) {
      return Fail(ErrorCode::kSqlSyntax, fmt::format("expected one statement, found {}", parser.statements.size()));
    }
    duckdb::SQLStatement& statement = *parser.statements[0];
    StatementInfo info;
    info.parameters = static_cast<int>(statement.named_param_map.size());
    StatementReader reader(context, info);
    if (statement.type == duckdb::StatementType::TRANSACTION_STATEMENT) {
      reader.Read(statement);  // also where a failed transaction lets nothing be looked up
    } else {
      context.RunFunctionInTransaction([&] { reader.Read(statement); });
    }
    return info;
  } catch (const std::exception& exception) {
    duckdb::ErrorData error(exception);
    error.AddErrorLocation(std::string(sql));
    return Fail(FromDuckDb(error));
  }
}

}  // namespace smelt::engine
