#include "quality/internal/results_table.h"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>

#include "base/id.h"
#include "engine/row_source.h"
#include "quality/internal/baseline.h"
#include "quality/validate.h"

namespace smelt::quality {
namespace {

using engine::ColumnType;

constexpr std::string_view kCreate = R"(
create schema if not exists quality;
create table if not exists quality.results (
  run_id varchar, validated_at timestamptz, suite varchar, table_name varchar, table_version bigint,
  expectation varchar, column_name varchar, severity varchar, success boolean, observed_value varchar,
  unexpected_count bigint, element_count bigint, unexpected_percent double, details varchar))";

std::vector<engine::SourceColumn> ResultColumns() {
  return {{"run_id"},
          {"validated_at", ColumnType::kTimestampTz},
          {"suite"},
          {"table_name"},
          {"table_version", ColumnType::kInteger},
          {"expectation"},
          {"column_name"},
          {"severity"},
          {"success", ColumnType::kBoolean},
          {"observed_value"},
          {"unexpected_count", ColumnType::kInteger},
          {"element_count", ColumnType::kInteger},
          {"unexpected_percent", ColumnType::kReal},
          {"details"}};
}

/// The value of a row, in the order of ResultColumns: null, an integer (also for booleans and times), a real or a text.
std::vector<Json> RowOf(const SuiteResult& suite, const ExpectationResult& result) {
  const auto figure = [&](const char* name) { return result.result.value(name, Json()); };
  const auto as_text = [](const Json& value) { return value.is_null() ? Json() : Json(JsonText(value)); };
  Json details = ResultToJson(result, suite.legacy_keys);
  if (!result.kept.is_null()) details["meta"]["smelt"]["kept"] = result.kept;
  return {suite.run_id,
          suite.validated_at_us,
          suite.suite,
          suite.table,
          suite.table_version ? Json(*suite.table_version) : Json(),
          result.config.type,
          result.config.kwargs.value("column", Json()),
          SeverityText(result.config.severity),
          result.success ? 1 : 0,
          as_text(figure("observed_value")),
          figure("unexpected_count"),
          figure("element_count"),
          figure("unexpected_percent"),
          JsonText(details)};
}

/// The rows of several validations as a source for SQL.
class ResultRows : public engine::RowSource {
 public:
  explicit ResultRows(std::span<const SuiteResult> suites) : columns_(ResultColumns()) {
    for (const SuiteResult& suite : suites) {
      for (const ExpectationResult& result : suite.results) rows_.push_back(RowOf(suite, result));
    }
  }

  const std::vector<engine::SourceColumn>& columns() const override { return columns_; }

  Status Next(engine::RowBatch& batch) override {
    batch.rows = std::min(rows_.size() - next_, engine::RowBatch::kRowsMax);
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      engine::ColumnBatch& column = batch.columns[c] = {};
      for (std::size_t r = 0; r < batch.rows; ++r) Append(rows_[next_ + r][c], columns_[c].type, column);
    }
    next_ += batch.rows;
    return {};
  }

 private:
  static void Append(const Json& value, ColumnType type, engine::ColumnBatch& column) {
    const bool valid = !value.is_null();
    column.valid.push_back(valid ? 1 : 0);
    if (type == ColumnType::kText) {
      column.texts.push_back(valid ? std::string_view(value.get_ref<const std::string&>()) : std::string_view());
    } else if (type == ColumnType::kReal) {
      column.reals.push_back(valid ? value.get<double>() : 0);
    } else {
      column.integers.push_back(valid ? value.get<std::int64_t>() : 0);
    }
  }

  std::vector<engine::SourceColumn> columns_;
  std::vector<std::vector<Json>> rows_;
  std::size_t next_ = 0;
};

std::string Identity(std::string_view definition_hash, std::string_view table, const Json& state) {
  return JsonText(Json::array({definition_hash, table, state}));
}

}  // namespace

std::int64_t Fingerprint(const std::string& identity) {
  constexpr std::size_t kHexDigits = 15;
  const std::string hash = ContentHash(identity);
  std::int64_t bits = 0;
  std::from_chars(hash.data(), hash.data() + kHexDigits, bits, 16);
  return bits << 2;
}

std::string DefinitionHash(const Suite& resolved) {
  Json expectations = Json::array();
  for (const ExpectationConfig& config : resolved.expectations) {
    expectations.push_back(Json::array({config.type, config.kwargs, SeverityText(config.severity)}));
    if (config.quarantine) expectations.back().push_back("quarantine");
  }
  const Json definition = Json::array({resolved.name, resolved.gate == Gate::kHard, expectations});
  return ContentHash(JsonText(definition));
}

std::int64_t ValidationMark(const SuiteResult& result) {
  Json state = result.input_versions;
  if (state.is_null()) {
    for (const ExpectationResult& one : result.results)
      state.push_back(Json::array({one.success, one.result, one.exception}));
  }
  const std::string identity = Identity(result.definition_hash, result.table, state);
  return Fingerprint(identity) | static_cast<std::int64_t>(result.verdict());
}

std::optional<Verdict> VerdictOfMark(std::int64_t mark, std::string_view definition_hash, std::string_view table,
                                     const Json& input_versions) {
  const std::int64_t verdict = mark - Fingerprint(Identity(definition_hash, table, input_versions));
  if (verdict < 0 || verdict > static_cast<std::int64_t>(Verdict::kFail)) return std::nullopt;
  return static_cast<Verdict>(verdict);
}

std::string MarkAppId(std::string_view suite) {
  return fmt::format("smelt.suite/{}", suite);
}

namespace {

/// Marks which figures are kept; of several validations of one suite and table those of the last one.
void MarkKept(const std::vector<SuiteResult>& results, engine::CommitNotes& notes) {
  std::map<std::string, std::int64_t> marks;
  for (const SuiteResult& result : results) {
    for (const engine::TxnMark& mark : KeptMarks(result)) marks[mark.app_id] = mark.version;
  }
  for (const auto& [app_id, version] : marks) notes.txns.push_back({app_id, version});
}

}  // namespace

Status StoreResults(engine::Session& session, std::span<const SuiteResult> given) {
  if (given.empty()) return {};
  SMELT_TRY(session.Execute(kCreate));
  std::vector<SuiteResult> results(given.begin(), given.end());
  for (SuiteResult& result : results) CompleteKept(session, result);
  // Of several validations of one suite the last one counts: a commit has one mark for each name.
  std::map<std::string, const SuiteResult*> newest;
  for (const SuiteResult& result : results) newest[result.suite] = &result;
  engine::CommitNotes notes;
  for (const auto& [suite, result] : newest) {
    notes.txns.push_back({MarkAppId(suite), ValidationMark(*result)});
    notes.info["suites"][suite] = VerdictText(result->verdict());
  }
  MarkKept(results, notes);
  notes.info["run_id"] = results.front().run_id;
  session.Annotate(kResultsSchema, kResultsTable, std::move(notes));
  ResultRows rows(results);
  constexpr const char* kSource = "smelt_quality_results";
  session.Offer(kSource, rows);
  const Status stored =
      session.Execute(fmt::format("insert into quality.results select * from smelt_rows('{}')", kSource));
  session.Withdraw(kSource);
  return stored;
}

}  // namespace smelt::quality
