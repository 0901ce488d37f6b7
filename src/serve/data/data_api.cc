#include "serve/data/data_api.h"

#include <utility>

#include "serve/data/data_service.h"
#include "serve/data/result_files.h"

namespace smelt::serve {

Result<engine::StatementInfo> DataService::Allow(const Identity& identity, engine::Session& session,
                                                 std::string_view sql) const {
  SMELT_ASSIGN(engine::StatementInfo info, engine::DescribeStatement(session, sql));
  SMELT_TRY(authority.Authorize(identity, info));
  return info;
}

bool DataService::MayRead(const Identity& identity, std::string_view schema, std::string_view table) const {
  engine::StatementInfo reading{.kind = engine::StatementKind::kSelect};
  reading.reads.push_back({std::string(schema), std::string(table)});
  return authority.Authorize(identity.Reading(), reading).has_value();
}

Json RowsSchema() {
  const Json column = {{"type", "object"},
                       {"required", {"name", "type", "kind"}},
                       {"properties",
                        {{"name", {{"type", "string"}}},
                         {"type", {{"type", "string"}, {"description", "In SQL: DECIMAL(10,2)."}}},
                         {"kind",
                          {{"enum",
                            {"boolean", "integer", "decimal", "float", "text", "binary", "date", "time", "timestamp",
                             "interval", "nested", "other"}}}}}}};
  return {{"type", "object"},
          {"required", {"columns", "rows", "row_count", "truncated"}},
          {"properties",
           {{"columns", {{"type", "array"}, {"items", column}}},
            {"rows", {{"type", "array"}, {"items", {{"type", {"array", "object"}}}}}},
            {"row_count", {{"type", "integer"}, {"description", "Of `rows`."}}},
            {"truncated", {{"type", "boolean"}, {"description", "Whether there are more rows than `limit`."}}},
            {"changed", {{"type", {"integer", "null"}}, {"description", "Rows that a change changed."}}},
            {"commits", {{"type", "array"}, {"items", {{"type", "object"}}}}},
            {"next", {{"type", {"string", "null"}}, {"description", "The address of the next page."}}}}}};
}

std::vector<RouteAnswer> RowsAnswers() {
  std::vector<RouteAnswer> answers;
  answers.push_back({.status = 200,
                     .summary = "The rows.",
                     .schema = RowsSchema(),
                     .example = {{"columns", {{{"name", "orders"}, {"type", "BIGINT"}, {"kind", "integer"}}}},
                                 {"rows", {{99441}}},
                                 {"row_count", 1},
                                 {"truncated", false}}});
  for (const DataFormat format : {DataFormat::kNdjson, DataFormat::kCsv, DataFormat::kArrow, DataFormat::kParquet}) {
    answers.push_back({.status = 200, .summary = "The rows.", .content_type = std::string(MediaTypeOf(format))});
  }
  return answers;
}

DataApi::DataApi(std::unique_ptr<DataService> service) : service_(std::move(service)) {}
DataApi::~DataApi() = default;

Result<std::unique_ptr<DataApi>> DataApi::Make(engine::Engine& engine, const Authority& authority,
                                               const DataLimits& limits) {
  SMELT_ASSIGN(auto folder, ResultFolder::Make());
  std::unique_ptr<DataService> service(new DataService{.engine = engine,
                                                       .authority = authority,
                                                       .limits = limits,
                                                       .gate{engine, limits},
                                                       .calls = ReplayedCalls(limits.keys_max),
                                                       .results{std::move(folder), limits}});
  return std::unique_ptr<DataApi>(new DataApi(std::move(service)));
}

std::size_t DataApi::at_work() const {
  return service_->gate.at_work();
}

void DataApi::AddRoutes(RouteTable& routes) {
  AddSqlRoutes(routes, *service_);
  AddKeptResultRoutes(routes, *service_);
  AddTableRoutes(routes, *service_);
}

}  // namespace smelt::serve
