#include "engine/internal/bound_statement.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "engine/internal/error_bridge.h"

namespace smelt::engine {
namespace {

[[noreturn]] void Refuse(std::string message, std::string hint) {
  Throw(Error(ErrorCode::kSqlBinding, std::move(message)).Hint(std::move(hint)));
}

duckdb::Value ValueOf(const std::string& name, const Json& value) {
  if (value.is_null()) return duckdb::Value();
  if (value.is_boolean()) return duckdb::Value::BOOLEAN(value.get<bool>());
  if (value.is_number_unsigned()) return duckdb::Value::UBIGINT(value.get<std::uint64_t>());
  if (value.is_number_integer()) return duckdb::Value::BIGINT(value.get<std::int64_t>());
  if (value.is_number_float()) return duckdb::Value::DOUBLE(value.get<double>());
  if (value.is_string()) return duckdb::Value(value.get<std::string>());
  if (value.is_array()) {
    duckdb::vector<duckdb::Value> elements;
    duckdb::LogicalType type = duckdb::LogicalType::VARCHAR;
    for (const Json& element : value) {
      if (element.is_structured()) Refuse(fmt::format("the parameter '{}' has lists in a list", name), "flatten it");
      elements.push_back(ValueOf(name, element));
      type = elements.size() == 1 ? elements[0].type()
                                  : duckdb::LogicalType::ForceMaxLogicalType(type, elements.back().type());
    }
    return duckdb::Value::LIST(type, std::move(elements));
  }
  Refuse(fmt::format("the parameter '{}' is an object", name),
         "give a number, a text, true, false, null or a list of these");
}

}  // namespace

duckdb::unique_ptr<duckdb::PreparedStatement> PrepareOne(duckdb::Connection& connection, std::string_view sql) {
  auto statements = connection.ExtractStatements(std::string(sql));
  if (statements.size() != 1) {
    Throw(Error(ErrorCode::kSqlSyntax, fmt::format("expected one statement, found {}", statements.size())));
  }
  auto prepared = connection.Prepare(std::move(statements[0]));
  if (prepared->HasError()) prepared->GetErrorObject().Throw();
  return prepared;
}

duckdb::case_insensitive_map_t<duckdb::BoundParameterData> BindValues(const duckdb::PreparedStatement& statement,
                                                                      const ParameterValues& values) {
  std::set<std::string> missing;
  for (const auto& [name, index] : statement.named_param_map) {
    const bool given = std::ranges::any_of(
        values, [&, &wanted = name](const auto& value) { return duckdb::StringUtil::CIEquals(value.first, wanted); });
    if (!given) missing.insert("$" + name);
  }
  if (!missing.empty()) {
    Refuse(fmt::format("the statement's parameters {} have no values", fmt::join(missing, ", ")),
           "give `parameters`: a list for $1, $2 …, an object for $name");
  }
  duckdb::case_insensitive_map_t<duckdb::BoundParameterData> bound;
  for (const auto& [name, value] : values) {
    if (statement.named_param_map.find(name) == statement.named_param_map.end()) {
      Refuse(fmt::format("the statement has no parameter '${}'", name), "leave it out, or use it in the statement");
    }
    bound.emplace(name, duckdb::BoundParameterData(ValueOf(name, value)));
  }
  return bound;
}

}  // namespace smelt::engine
