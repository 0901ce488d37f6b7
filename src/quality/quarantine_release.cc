#include "quality/quarantine_release.h"

#include <fmt/format.h>

#include "base/id.h"
#include "quality/audit.h"
#include "quality/internal/quarantine_batch.h"
#include "quality/internal/target.h"

namespace smelt::quality {
namespace {

constexpr std::string_view kReleaseMark = "smelt.release/";
constexpr std::string_view kCandidates = "smelt_candidates";
constexpr int kComplaintsMax = 5;

/// The step of a JSON pointer that leads to a member.
std::string PointerTo(std::string_view name) {
  std::string pointer = "/";
  for (const char c : name) pointer += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return engine::QuoteLiteral(pointer);
}

std::string Names(const std::vector<Column>& columns) {
  std::string list;
  for (const Column& column : columns) list += (list.empty() ? "" : ", ") + column.sql;
  return list;
}

/// One release, from what was begun earlier to taking rows out of quarantine.
class Release {
 public:
  Release(engine::Engine& engine, const RowReleaseOptions& options, TableName table, std::stop_token stop)
      : engine_(engine),
        options_(options),
        table_(std::move(table)),
        place_(QuarantineSql(table_)),
        id_(std::string(kReleaseMark) + NewUuid()),
        stop_(std::move(stop)) {}

  Result<RowReleaseReport> Run() {
    SMELT_ASSIGN(session_, engine_.Connect());
    session_->ObserveStop(stop_);
    SMELT_ASSIGN(const engine::ResultTable none,
                 session_->Query(fmt::format("select * from {} limit 0", table_.sql())));
    const Frame frame = FrameOf(table_.sql(), table_.schema, none.columns);
    SMELT_TRY(FinishEarlier());
    SMELT_TRY(MakeCandidates(frame.columns()));
    if (report_.examined == 0) return report_;
    SMELT_TRY(Judge(frame.columns(), none.columns));
    report_.kept = report_.examined - report_.released;
    if (report_.released == 0) return report_;
    SMELT_TRY(Load(frame.columns()));
    return report_;
  }

 private:
  /// What a release or a write has committed is finished; what it has not is free again, or left to the next write.
  Status FinishEarlier() {
    SMELT_ASSIGN(const engine::ResultTable open,
                 session_->Query(fmt::format("select release_id, count(*) from {} where {} and release_id is not null "
                                             "group by all",
                                             place_, HeldBySuites(table_))));
    for (std::size_t i = 0; i < open.rows.size(); ++i) {
      const std::string id = open.Text(i).value_or("");
      SMELT_ASSIGN(const auto mark, engine_.TxnVersion(table_.schema, table_.table, id));
      const std::string of_it = "release_id = " + engine::QuoteLiteral(id);
      const bool is_release = id.starts_with(kReleaseMark);
      if (is_release && mark) {
        SMELT_TRY(session_->Execute(fmt::format("delete from {} where {}", place_, of_it)));
        report_.finished += open.Int(i, 1).value_or(0);
      } else if (is_release || mark) {
        SMELT_TRY(session_->Execute(fmt::format("update {} set release_id = null where {}", place_, of_it)));
      }
    }
    return {};
  }

  /// The held rows as rows of the table. Those whose values it cannot hold are `unfit`.
  Status MakeCandidates(const std::vector<Column>& columns) {
    std::string values, unfit = "false";
    for (const Column& column : columns) {
      const std::string text = fmt::format("json_extract_string(raw_text, {})", PointerTo(column.name));
      values += fmt::format(", try_cast({} as {}) as {}", text, column.type, column.sql);
      unfit += fmt::format(" or ({0} is not null and try_cast({0} as {1}) is null)", text, column.type);
    }
    SMELT_TRY(session_->Execute(fmt::format(
        "create or replace temporary table {} as select file_hash as {}, line as {}, {} as smelt_unfit{} from {} where "
        "{} and release_id is null and ({})",
        kCandidates, kRowKeyA, kRowKeyB, unfit, values, place_, HeldBySuites(table_),
        options_.where.empty() ? "true" : options_.where)));
    SMELT_ASSIGN(const engine::ResultTable count,
                 session_->Query(fmt::format("select count(*), count_if(smelt_unfit) from {}", kCandidates)));
    report_.examined = count.Int().value_or(0);
    if (const std::int64_t unfits = count.Int(0, 1).value_or(0); unfits > 0) {
      report_.complaints.push_back(fmt::format("{}: a value does not fit the type of its column", Counted(unfits)));
    }
    return {};
  }

  static std::string Counted(std::int64_t rows) { return fmt::format("{} row{}", rows, rows == 1 ? "" : "s"); }

  /// Leaves in kFailingRows the candidates that break a rule, among the rows of the table.
  Status Judge(const std::vector<Column>& columns, const std::vector<engine::ResultColumn>& described) {
    std::vector<Suite> resolved;
    std::vector<RowRule> rules;
    for (const Suite& suite : options_.suites) {
      const auto name = ParseTableName(suite.table);
      if (!name || name->text() != table_.text()) continue;
      SMELT_ASSIGN(Suite with_parameters, ResolveParameters(suite, options_.variables));
      resolved.push_back(std::move(with_parameters));
    }
    for (const Suite& suite : resolved) {
      for (const ExpectationConfig& config : suite.expectations) {
        if (config.quarantine) rules.push_back({&config, suite.name});
      }
    }
    const std::string both = fmt::format(
        "(select {0}, null::varchar as {2}, null::bigint as {3} from {1} union all select {0}, {2}, {3} from {4} where "
        "not smelt_unfit)",
        Names(columns), table_.sql(), kRowKeyA, kRowKeyB, kCandidates);
    SMELT_TRY(FindFailingRows(*session_, FrameOf(both, table_.schema, described), rules));
    SMELT_ASSIGN(
        const engine::ResultTable counts,
        session_->Query(fmt::format("select rule, count(*) from {} group by rule order by 2 desc, 1", kFailingRows)));
    for (std::size_t i = 0; i < counts.rows.size() && std::ssize(report_.complaints) < kComplaintsMax; ++i) {
      const RowRule& rule = rules[static_cast<std::size_t>(*counts.Int(i))];
      const Json column = rule.config->kwargs.value("column", Json());
      report_.complaints.push_back(fmt::format("{} still unexpected by suite {}: {}{}",
                                               Counted(counts.Int(i, 1).value_or(0)), rule.suite,
                                               column.is_string() ? column.get<std::string>() + " " : "", rule.Text()));
    }
    SMELT_TRY(
        session_->Execute(fmt::format("delete from {0} where smelt_unfit or ({1}, {2}) in (select ({1}, {2}) from {3})",
                                      kCandidates, kRowKeyA, kRowKeyB, kFailingRows)));
    SMELT_ASSIGN(const engine::ResultTable good, session_->Query(fmt::format("select count(*) from {}", kCandidates)));
    report_.released = good.Int().value_or(0);
    return {};
  }

  /// Marks, adds, takes out: FinishEarlier puts a crash between any two right.
  Status Load(const std::vector<Column>& columns) {
    SMELT_TRY(session_->Execute(
        fmt::format("update {0} set release_id = {1} where (file_hash, line) in (select ({2}, {3}) from {4})", place_,
                    engine::QuoteLiteral(id_), kRowKeyA, kRowKeyB, kCandidates)));
    (void)session_->TakeCommits();
    Audit audit(engine_, options_.suites, options_.variables, options_.run_id);
    engine::CommitNotes notes;
    notes.txns = {{id_, 1}};
    notes.marks_must_be_new = true;
    notes.info = {{"kind", "release"}, {"run", options_.run_id}, {"rows_out", report_.released}};
    Status added = session_->Transaction([&]() -> Status {
      session_->Annotate(table_.schema, table_.table, std::move(notes));
      SMELT_TRY(session_->Execute(fmt::format("insert into {} ({}) select {} from {}", table_.sql(), Names(columns),
                                              Names(columns), kCandidates)));
      SMELT_ASSIGN(const std::string warning, audit.Judge(*session_, table_.schema, table_.table, Staged::kAddition));
      if (!warning.empty()) report_.complaints.push_back(warning);
      return {};
    });
    if (!added) {
      (void)FinishEarlier();
      (void)audit.Store();
      return added;
    }
    for (const engine::CommitReport& commit : session_->TakeCommits()) {
      if (commit.table == table_.text()) audit.Committed(table_.schema, table_.table, commit.version);
    }
    SMELT_TRY(
        session_->Execute(fmt::format("delete from {} where release_id = {}", place_, engine::QuoteLiteral(id_))));
    return audit.Store();
  }

  engine::Engine& engine_;
  const RowReleaseOptions& options_;
  TableName table_;
  std::string place_;  ///< the quarantine, for SQL
  std::string id_;
  std::stop_token stop_;
  std::unique_ptr<engine::Session> session_;
  RowReleaseReport report_;
};

}  // namespace

Result<std::optional<std::string>> HeldTable(engine::Session& session, std::string_view quarantine) {
  SMELT_ASSIGN(const engine::ResultTable found,
               session.Query(fmt::format("select source_file from {}.{} where source like 'suite %' limit 1",
                                         kQuarantineSchema, engine::QuoteIdentifier(quarantine))));
  return found.Text();
}

Result<RowReleaseReport> ReleaseRows(engine::Engine& engine, const RowReleaseOptions& options, std::stop_token stop) {
  auto table = ParseTableName(options.table);
  if (!table) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("\"{}\" is not the name of a table", options.table))
                    .Hint("name it with its schema, like silver.orders"));
  }
  return Release(engine, options, *std::move(table), std::move(stop)).Run();
}

}  // namespace smelt::quality
