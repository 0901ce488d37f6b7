#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "app/internal/metrics/commands.h"
#include "app/internal/metrics/layer_command.h"
#include "app/internal/result_writer.h"
#include "app/internal/sql_runner.h"
#include "app/internal/terminal/text.h"

namespace smelt::app {
namespace {

struct QueryRequest {
  transform::MetricQuery query;
  std::string saved_query, compare;
  std::string format = "table";
  std::int64_t limit = -1, rows_max = 200;
  bool explain = false;
};

/// The query that was asked for: a saved one with what the options say besides.
Result<transform::MetricQuery> WholeQuery(const QueryRequest& request, const transform::SemanticLayer& layer) {
  transform::MetricQuery query = request.query;
  if (!request.saved_query.empty()) {
    const auto& saved = layer.saved_queries();
    const auto found = std::ranges::find(saved, request.saved_query, &transform::SavedMetricQuery::name);
    if (found == saved.end()) {
      return Fail(Error(ErrorCode::kMetricUnknown, fmt::format("there is no saved query '{}'", request.saved_query))
                      .Hint("smelt metrics list shows them"));
    }
    query = found->query;
    query.where.insert(query.where.end(), request.query.where.begin(), request.query.where.end());
    query.start = request.query.start;
    query.end = request.query.end;
    query.fill_nulls = request.query.fill_nulls;
    if (!request.query.order_by.empty()) query.order_by = request.query.order_by;
  }
  if (request.limit >= 0) query.limit = request.limit;
  if (request.compare == "previous") query.compare = transform::MetricComparison::kPreviousPeriod;
  if (request.compare == "year") query.compare = transform::MetricComparison::kYearBefore;
  return query;
}

Result<int> RunQuery(DbtInvocation& invocation, const transform::SemanticLayer& layer, const QueryRequest& request) {
  SMELT_ASSIGN(const OutputFormat format, ParseOutputFormat(invocation.context.json ? "ndjson" : request.format));
  SMELT_ASSIGN(const transform::MetricQuery query, WholeQuery(request, layer));
  SMELT_ASSIGN(const transform::MetricStatement statement, layer.Compile(query));
  if (request.explain) {
    std::cout << statement.sql << "\n";
    return 0;
  }
  SMELT_ASSIGN(const auto engine, OpenEngine(invocation, engine::MissingLake::kRefuse));
  SMELT_ASSIGN(const auto session, engine->Connect());
  session->ObserveStop(invocation.context.stop);
  const auto writer = MakeResultWriter(format, std::cout, TerminalWidth(STDOUT_FILENO), request.rows_max);
  SMELT_TRY(session->Stream(statement.sql, *writer));
  SMELT_TRY(writer->Finish());
  SMELT_TRY(CheckWritten(std::cout));
  return 0;
}

}  // namespace

void AddMetricQueryCommand(CLI::App& metrics, CommandContext& context) {
  auto* command = metrics.add_subcommand("query", "Ask for metrics by dimensions, time and conditions");
  command->footer(
      "Example: smelt metrics query --metrics revenue,orders --group-by metric_time__month --compare year\n"
      "Example: smelt metrics query --metrics revenue --group-by customer__customer_state --order -revenue --limit 5");
  const auto request = std::make_shared<QueryRequest>();
  transform::MetricQuery& query = request->query;
  auto* names = command->add_option("--metrics", query.metrics, "The metrics, separated by commas");
  names->delimiter(',')->type_name("NAMES");
  command->add_option("--saved-query", request->saved_query, "A query of the project instead")
      ->type_name("NAME")
      ->excludes(names);
  command->add_option("--group-by", query.group_by, "Dimensions, entities and times: metric_time__month")
      ->delimiter(',')
      ->type_name("NAMES");
  command->add_option("--where", query.where, "A condition: \"{{ Dimension('order__status') }} = 'sent'\"")
      ->type_name("SQL")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--order", query.order_by, "Columns of the answer, -revenue: the largest first")
      ->delimiter(',')
      ->type_name("COLUMNS");
  command->add_option("--limit", request->limit, "So many rows at most")->type_name("ROWS");
  command->add_option("--start", query.start, "The first day of metric_time, or the time")->type_name("DATE");
  command->add_option("--end", query.end, "The last one, included")->type_name("DATE");
  command->add_option("--compare", request->compare, "With the period before, or the year before")
      ->check(CLI::IsMember({"previous", "year"}));
  command->add_flag("--fill-nulls", query.fill_nulls, "0 where there is nothing, also in periods without rows");
  command->add_flag("--explain", request->explain, "Show the SQL instead of running it");
  command->add_option("--format", request->format, "table, csv, json or ndjson")->capture_default_str();
  command->add_option("--max-rows", request->rows_max, "Rows that a table shows")->capture_default_str();
  OnSemanticLayer(*command, context,
                  [request](DbtInvocation& invocation, const transform::SemanticLayer& layer) -> Result<int> {
                    return RunQuery(invocation, layer, *request);
                  });
}

}  // namespace smelt::app
