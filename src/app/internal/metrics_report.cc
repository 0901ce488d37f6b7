#include "app/internal/metrics_report.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <vector>

#include "app/internal/lineage_datasets.h"
#include "app/internal/schedules.h"
#include "base/version.h"
#include "ingest/source.h"
#include "observe/metrics.h"
#include "state/alert_store.h"
#include "state/run_history.h"
#include "state/run_store.h"

namespace smelt::app {
namespace {

using observe::MetricName;
using observe::MetricSet;
using observe::MetricType;

constexpr double kMicros = 1e6;

double Seconds(std::int64_t micros) {
  return static_cast<double>(micros) / kMicros;
}

double Real(std::int64_t count) {
  return static_cast<double>(count);
}

bool IsModel(const state::StepTotal& step) {
  return step.kind == "model" || step.kind == "snapshot" || step.kind == "seed";
}

void AddRuns(MetricSet& metrics, const std::vector<state::RunTotal>& totals, const std::vector<LastRuns>& pipelines) {
  metrics.Declare("smelt_pipeline_runs_total", MetricType::kCounter, "Runs of a pipeline by how they ended.");
  for (const state::RunTotal& one : totals) {
    metrics.Add("smelt_pipeline_runs_total", Real(one.runs), {{"pipeline", one.pipeline}, {"status", one.status}});
  }
  metrics.Declare("smelt_pipeline_last_run_timestamp_seconds", MetricType::kGauge, "When the last run began.");
  metrics.Declare("smelt_pipeline_last_run_success", MetricType::kGauge, "1 when the last run that ended succeeded.");
  metrics.Declare("smelt_pipeline_last_run_duration_seconds", MetricType::kGauge,
                  "How long the last run that ended took.");
  metrics.Declare("smelt_pipeline_last_success_timestamp_seconds", MetricType::kGauge, "When the last good run ended.");
  metrics.Declare("smelt_pipeline_due_timestamp_seconds", MetricType::kGauge,
                  "When the schedule wants the next run, counted from the last good one.");
  metrics.Declare("smelt_pipeline_late_seconds", MetricType::kGauge, "How long that run is overdue; 0 when it is not.");
  for (const LastRuns& one : pipelines) {
    const observe::MetricLabels labels = {{"pipeline", one.pipeline}};
    if (one.last) metrics.Add("smelt_pipeline_last_run_timestamp_seconds", Seconds(one.last->started_us), labels);
    if (one.last_ended) {
      const bool good = one.last_ended->status == state::RunStatus::kSucceeded;
      metrics.Add("smelt_pipeline_last_run_success", good ? 1 : 0, labels);
      if (one.last_ended->finished_us > 0) {
        metrics.Add("smelt_pipeline_last_run_duration_seconds",
                    Seconds(one.last_ended->finished_us - one.last_ended->started_us), labels);
      }
    }
    if (one.last_good) {
      metrics.Add("smelt_pipeline_last_success_timestamp_seconds", Seconds(one.last_good->finished_us), labels);
    }
    if (one.due_us > 0) {
      metrics.Add("smelt_pipeline_due_timestamp_seconds", Seconds(one.due_us), labels);
      metrics.Add("smelt_pipeline_late_seconds", Seconds(one.late_us), labels);
    }
  }
}

void AddTasks(MetricSet& metrics, const std::vector<state::TaskTotal>& totals) {
  metrics.Declare("smelt_task_attempts_total", MetricType::kCounter, "Attempts at a task by how they ended.");
  metrics.Declare("smelt_task_retries_total", MetricType::kCounter, "Attempts at a task behind the first.");
  metrics.Declare("smelt_task_seconds_total", MetricType::kCounter, "Time spent in a task.");
  for (const state::TaskTotal& one : totals) {
    const observe::MetricLabels labels = {{"pipeline", one.pipeline}, {"task", one.task}, {"status", one.status}};
    metrics.Add("smelt_task_attempts_total", Real(one.attempts), labels);
    metrics.Add("smelt_task_retries_total", Real(one.repetitions), labels);
    metrics.Add("smelt_task_seconds_total", one.seconds, labels);
  }
}

void AddUsage(MetricSet& metrics, const std::vector<state::UsageTotal>& totals) {
  metrics.Declare("smelt_step_cpu_seconds_total", MetricType::kCounter, "CPU time that a step or task took.");
  metrics.Declare("smelt_step_read_bytes_total", MetricType::kCounter, "Sizes of the files that it opened.");
  metrics.Declare("smelt_step_written_bytes_total", MetricType::kCounter, "Sizes of the files that it added.");
  for (const state::UsageTotal& one : totals) {
    const observe::MetricLabels labels = {
        {"pipeline", one.pipeline}, {"task", one.task}, {"step", one.step}, {"kind", one.kind}};
    metrics.Add("smelt_step_cpu_seconds_total", one.usage.cpu_seconds, labels);
    metrics.Add("smelt_step_read_bytes_total", Real(one.usage.bytes_read), labels);
    metrics.Add("smelt_step_written_bytes_total", Real(one.usage.bytes_written), labels);
  }
}

/// Which source loads a table.
std::map<std::string, std::string> SourcesOfTables(const std::optional<ProjectConfig>& project) {
  std::map<std::string, std::string> sources;
  if (!project) return sources;
  const auto loaded = ingest::LoadSources(project->dir, project->sources);
  if (!loaded) return sources;
  for (const ingest::Source& source : *loaded) {
    for (const ingest::SourceTable& table : source.tables) sources[table.name] = source.name;
  }
  return sources;
}

struct Extraction {
  double rows = 0, seconds = 0, failures = 0, quarantined = 0;
};

void AddExtraction(MetricSet& metrics, const std::vector<state::StepTotal>& steps,
                   const std::map<std::string, std::string>& sources) {
  std::map<std::string, Extraction> by_source;
  metrics.Declare("smelt_rows_loaded_total", MetricType::kCounter, "Rows that loads have put into a table.");
  metrics.Declare("smelt_rows_quarantined_total", MetricType::kCounter, "Rows of loads that went to quarantine.");
  for (const state::StepTotal& step : steps) {
    if (step.kind != "ingest") continue;
    metrics.Add("smelt_rows_loaded_total", Real(step.rows_out), {{"table", step.name}});
    metrics.Add("smelt_rows_quarantined_total", Real(step.rows_quarantined), {{"table", step.name}});
    const auto source = sources.find(SchemaAndTable(step.name).second);
    if (source == sources.end()) continue;
    Extraction& sum = by_source[source->second];
    sum.rows += Real(step.rows_in);
    sum.seconds += step.last_seconds;
    sum.failures += Real(step.failures);
  }
  for (const auto& [source, sum] : by_source) {
    const std::string name = MetricName(source);
    metrics.Declare("records_extracted_" + name, MetricType::kGauge,
                    "Rows read so far from the source " + source + ".");
    metrics.Add("records_extracted_" + name, sum.rows);
    metrics.Declare("extraction_duration_" + name, MetricType::kGauge,
                    "Seconds that the last loads from the source " + source + " took, table by table.");
    metrics.Add("extraction_duration_" + name, sum.seconds);
    metrics.Declare("extraction_failures_" + name, MetricType::kGauge,
                    "Loads from the source " + source + " that failed.");
    metrics.Add("extraction_failures_" + name, sum.failures);
  }
}

void AddTransformation(MetricSet& metrics, const std::vector<state::StepTotal>& steps) {
  metrics.Declare("smelt_model_builds_total", MetricType::kCounter,
                  "Times that a model, snapshot or seed was worked on.");
  metrics.Declare("smelt_model_failures_total", MetricType::kCounter, "Times that this failed.");
  metrics.Declare("smelt_model_seconds_total", MetricType::kCounter, "Time spent in it.");
  std::map<std::string, double> rows_of_layer;
  for (const state::StepTotal& step : steps) {
    if (!IsModel(step)) continue;
    metrics.Add("smelt_model_builds_total", Real(step.times), {{"model", step.name}});
    metrics.Add("smelt_model_failures_total", Real(step.failures), {{"model", step.name}});
    metrics.Add("smelt_model_seconds_total", step.seconds, {{"model", step.name}});
    rows_of_layer[SchemaAndTable(step.name).first] += Real(step.rows_out);
  }
  std::map<std::string, double> by_name;
  for (const auto& [layer, rows] : rows_of_layer) by_name[MetricName(layer)] += rows;
  for (const auto& [layer, rows] : by_name) {
    metrics.Declare("records_transformed_" + layer, MetricType::kGauge,
                    "Rows written to tables of the layer " + layer + ".");
    metrics.Add("records_transformed_" + layer, rows);
  }
}

Status AddQuality(MetricSet& metrics, engine::Engine& engine) {
  SMELT_ASSIGN(const auto version, engine.TableVersion("quality", "results"));
  if (!version) return {};
  SMELT_ASSIGN(const auto session, engine.Connect());
  SMELT_ASSIGN(
      const auto table,
      session->Query("select suite, avg(success::int), count(*) filter (not success and severity = 'error'), "
                     "count(*) filter (not success and severity <> 'error'), epoch(max(validated_at)) from "
                     "(from quality.results qualify validated_at = max(validated_at) over (partition by suite)) "
                     "group by suite order by suite"));
  metrics.Declare("smelt_suite_pass_ratio", MetricType::kGauge, "Share of a suite's expectations that held last time.");
  metrics.Declare("smelt_suite_failures", MetricType::kGauge, "Expectations that did not hold last time.");
  metrics.Declare("smelt_suite_timestamp_seconds", MetricType::kGauge, "When a suite was last stored.");
  double critical = 0;
  std::set<std::string> names;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const std::string suite = table.Text(row, 0).value_or("");
    const double failures = table.Real(row, 2).value_or(0);
    critical += failures;
    const double rate = table.Real(row, 1).value_or(0);
    metrics.Add("smelt_suite_pass_ratio", rate, {{"suite", suite}});
    metrics.Add("smelt_suite_failures", failures, {{"suite", suite}, {"severity", "error"}});
    metrics.Add("smelt_suite_failures", table.Real(row, 3).value_or(0), {{"suite", suite}, {"severity", "warning"}});
    metrics.Add("smelt_suite_timestamp_seconds", table.Real(row, 4).value_or(0), {{"suite", suite}});
    const std::string name = "dq_pass_rate_" + MetricName(suite);
    if (!names.insert(name).second) continue;
    metrics.Declare(name, MetricType::kGauge, "Share of the expectations of " + suite + " that held last time.");
    metrics.Add(name, rate);
  }
  metrics.Declare("dq_critical_failures", MetricType::kGauge,
                  "Expectations of severity error that did not hold last time.");
  metrics.Add("dq_critical_failures", critical);
  return {};
}

Status AddTables(MetricSet& metrics, engine::Engine& engine) {
  SMELT_ASSIGN(const std::vector<engine::TableInfo> tables, engine.Tables());
  metrics.Declare("smelt_table_rows", MetricType::kGauge, "Rows of a table.");
  metrics.Declare("smelt_table_bytes", MetricType::kGauge, "Bytes of a table's data files.");
  metrics.Declare("smelt_table_files", MetricType::kGauge, "Data files of a table.");
  metrics.Declare("smelt_table_version", MetricType::kGauge, "Newest version of a table.");
  metrics.Declare("smelt_table_commit_timestamp_seconds", MetricType::kGauge, "When a table was last written.");
  double revenue = -1;
  for (const engine::TableInfo& table : tables) {
    if (table.is_view) continue;
    const observe::MetricLabels labels = {{"schema", table.schema}, {"table", table.table}};
    if (table.rows >= 0) metrics.Add("smelt_table_rows", Real(table.rows), labels);
    metrics.Add("smelt_table_bytes", Real(table.bytes), labels);
    metrics.Add("smelt_table_files", Real(table.files), labels);
    metrics.Add("smelt_table_version", Real(table.version), labels);
    metrics.Add("smelt_table_commit_timestamp_seconds", Real(table.timestamp_ms) / 1e3, labels);
    if (table.schema != "gold" || table.rows < 0) continue;
    if (table.table == "customer_360") {
      metrics.Declare("customer_360_records", MetricType::kGauge, "Rows of gold.customer_360.");
      metrics.Add("customer_360_records", Real(table.rows));
    }
    if (table.table.starts_with("revenue_")) revenue = std::max(revenue, 0.0) + Real(table.rows);
  }
  if (revenue >= 0) {
    metrics.Declare("revenue_aggregations", MetricType::kGauge, "Rows of the tables gold.revenue_*.");
    metrics.Add("revenue_aggregations", revenue);
  }
  return {};
}

Status AddAlerts(MetricSet& metrics, const state::StoreAddress& address) {
  SMELT_ASSIGN(const auto alerts, state::AlertStore::Open(address));
  SMELT_ASSIGN(const auto open, alerts->Unresolved(""));
  metrics.Declare("smelt_incidents", MetricType::kGauge, "Incidents that are not resolved.");
  std::map<std::string, double> by_severity = {{"error", 0}, {"warning", 0}, {"info", 0}};
  for (const state::IncidentRecord& incident : open) by_severity[incident.severity] += 1;
  for (const auto& [severity, count] : by_severity) metrics.Add("smelt_incidents", count, {{"severity", severity}});
  SMELT_ASSIGN(const auto dead, alerts->Deliveries({.statuses = {state::DeliveryStatus::kDead}, .limit = -1}));
  metrics.Declare("smelt_alerts_undelivered", MetricType::kGauge, "Alerts that were given up.");
  metrics.Add("smelt_alerts_undelivered", Real(std::ssize(dead)));
  return {};
}

}  // namespace

Result<std::string> MetricsText(engine::Engine& engine, const state::StoreAddress& address,
                                const std::optional<ProjectConfig>& project, std::int64_t now_us) {
  SMELT_ASSIGN(const auto history, state::RunHistory::Open(address));
  SMELT_ASSIGN(const auto runs, state::RunStore::Open(address));
  MetricSet metrics;
  metrics.Declare("smelt_build_info", MetricType::kGauge, "The program that wrote these metrics.");
  metrics.Add("smelt_build_info", 1, {{"version", std::string(kSmeltVersion)}});
  SMELT_ASSIGN(const auto totals, history->Runs());
  SMELT_ASSIGN(const auto pipelines, ReadLastRuns(*runs, project, now_us));
  AddRuns(metrics, totals, pipelines);
  SMELT_ASSIGN(const state::HistoryTotals sums, history->Totals());
  AddTasks(metrics, sums.tasks);
  AddExtraction(metrics, sums.steps, SourcesOfTables(project));
  AddTransformation(metrics, sums.steps);
  AddUsage(metrics, sums.usage);
  SMELT_TRY(AddQuality(metrics, engine));
  SMELT_TRY(AddTables(metrics, engine));
  SMELT_TRY(AddAlerts(metrics, address));
  return metrics.Text();
}

}  // namespace smelt::app
