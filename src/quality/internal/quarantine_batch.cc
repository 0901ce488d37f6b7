#include "quality/internal/quarantine_batch.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "quality/internal/literal.h"
#include "quality/internal/target.h"

namespace smelt::quality {
namespace {

/// The columns of every quarantine table, with `release_id` for rows in motion.
constexpr std::string_view kColumns =
    "source varchar, source_file varchar, file_hash varchar, line bigint, column_name varchar, rule varchar, "
    "message varchar, raw_text varchar, run_id varchar, ingestion_timestamp timestamptz, release_id varchar, "
    "category varchar, ingest_date date";

/// `(['a', 'b'])[rules[1] + 1]` needs the texts of all rules as a list of SQL.
template <typename TextOf>
std::string TextList(std::span<const RowRule> rules, TextOf text_of) {
  std::string list;
  for (const RowRule& rule : rules) list += (list.empty() ? "" : ", ") + text_of(rule);
  return "[" + list + "]";
}

std::string ColumnOf(const RowRule& rule) {
  const auto column = rule.config->kwargs.find("column");
  return column != rule.config->kwargs.end() && column->is_string() ? engine::QuoteLiteral(column->get<std::string>())
                                                                    : "null::varchar";
}

/// The rows of a table, which are known by file and position.
Result<Frame> KeyedFrame(engine::Session& session, const TableName& table) {
  SMELT_ASSIGN(const engine::ResultTable none, session.Query(fmt::format("select * from {} limit 0", table.sql())));
  return FrameOf(
      fmt::format("(select *, file_id as {}, file_row_number as {} from {})", kRowKeyA, kRowKeyB, table.sql()),
      table.schema, none.columns);
}

}  // namespace

std::string QuarantineOf(const TableName& table) {
  return table.schema + "_" + table.table;
}

std::string QuarantineSql(const TableName& table) {
  return TableName{std::string(kQuarantineSchema), QuarantineOf(table)}.sql();
}

std::string HeldBySuites(const TableName& table) {
  return fmt::format("source like 'suite %' and source_file = {}", engine::QuoteLiteral(table.text()));
}

std::string RowText(const std::vector<Column>& columns) {
  std::string parts;
  for (const Column& column : columns) {
    parts += fmt::format("{}{}, CAST({} AS VARCHAR)", parts.empty() ? "" : ", ", engine::QuoteLiteral(column.name),
                         column.sql);
  }
  return "json_object(" + parts + ")";
}

QuarantineBatch::QuarantineBatch(TableName table, std::string run_id)
    : table_(std::move(table)),
      run_id_(std::move(run_id)),
      id_(fmt::format("{}/{}", kQuarantineMark, NewUuid())),
      scratch_(".parquet") {}

Status QuarantineBatch::TakeOut(engine::Session& session, std::span<const RowRule> rules) {
  SMELT_ASSIGN(const Frame frame, KeyedFrame(session, table_));
  SMELT_TRY(FindFailingRows(session, frame, rules));
  SMELT_ASSIGN(const engine::ResultTable counts,
               session.Query(fmt::format("select rule, count(*) from {} group by rule", kFailingRows)));
  by_rule_.assign(rules.size(), 0);
  for (std::size_t i = 0; i < counts.rows.size(); ++i) {
    by_rule_[static_cast<std::size_t>(*counts.Int(i))] = counts.Int(i, 1).value_or(0);
  }
  if (counts.rows.empty()) return {};
  SMELT_TRY(Spool(session, rules, frame));
  SMELT_ASSIGN(const engine::ResultTable taken,
               session.Query(fmt::format("delete from {} where (file_id, file_row_number) in (select ({}, {}) from {})",
                                         table_.sql(), kRowKeyA, kRowKeyB, kFailingRows)));
  rows_ = taken.Int().value_or(0);
  return session.Execute(fmt::format("drop table {}", kFailingRows));
}

Status QuarantineBatch::Spool(engine::Session& session, std::span<const RowRule> rules, const Frame& frame) {
  const std::string sources =
      TextList(rules, [](const RowRule& rule) { return engine::QuoteLiteral("suite " + rule.suite); });
  const std::string names =
      TextList(rules, [](const RowRule& rule) { return engine::QuoteLiteral(rule.config->type); });
  const std::string texts = TextList(rules, [](const RowRule& rule) { return engine::QuoteLiteral(rule.Text()); });
  const std::string now = FormatUtcMicros(NowMicros());
  // The row is told as it is stored: not-a-number is not a missing value here.
  return session.Execute(fmt::format(
      "copy (select {0}[broken[1] + 1] as source, {1} as source_file, {2} as file_hash, row_number() over () as line, "
      "{3}[broken[1] + 1] as column_name, {4}[broken[1] + 1] as rule, "
      "array_to_string(list_transform(broken, lambda r: {5}[r + 1]), '; ') as message, {6}::varchar as raw_text, "
      "{7} as run_id, timestamptz '{8}' as ingestion_timestamp, {2} as release_id, 'quality' as category, "
      "date '{9}' as ingest_date "
      "from {10} join (select {11}, {12}, list(rule order by rule) as broken from {13} group by all) using ({11}, "
      "{12})) "
      "to {14} (format parquet)",
      sources, engine::QuoteLiteral(table_.text()), engine::QuoteLiteral(id_), TextList(rules, ColumnOf), names, texts,
      RowText(frame.columns()), engine::QuoteLiteral(run_id_), now, now.substr(0, 10), frame.source(), kRowKeyA,
      kRowKeyB, kFailingRows, engine::QuoteLiteral(scratch_.path())));
}

Status QuarantineBatch::FindEarlier(engine::Session& session, bool replaces) {
  SMELT_ASSIGN(const auto stands, session.FindRelation("", kQuarantineSchema, QuarantineOf(table_)));
  if (!stands) return {};
  const std::string by_suites = HeldBySuites(table_);
  SMELT_ASSIGN(const engine::ResultTable held,
               session.Query(fmt::format("select release_id, count(*) from {} where {} group by all",
                                         QuarantineSql(table_), by_suites)));
  for (std::size_t i = 0; i < held.rows.size(); ++i) {
    const std::string id = held.Text(i).value_or("");
    if (id.starts_with(kQuarantineMark)) open_.push_back(id);
    replaces_ = replaces_ || (replaces && id.empty());
  }
  return {};
}

Status QuarantineBatch::Hold(engine::Engine& engine, engine::Session& session) {
  if (rows_ > 0) {
    SMELT_ASSIGN(const auto holding, engine.Connect());
    SMELT_TRY(holding->Execute(fmt::format("create schema if not exists {}", kQuarantineSchema)));
    SMELT_TRY(holding->Execute(fmt::format("create table if not exists {} ({}) partitioned by (ingest_date)",
                                           QuarantineSql(table_), kColumns)));
    for (const std::string_view added : {"release_id", "category"}) {
      SMELT_TRY(holding->Execute(
          fmt::format("alter table {} add column if not exists {} varchar", QuarantineSql(table_), added)));
    }
    SMELT_TRY(holding->Execute(fmt::format("insert into {} by name select * from read_parquet({})",
                                           QuarantineSql(table_), engine::QuoteLiteral(scratch_.path()))));
  }
  engine::CommitNotes notes;
  notes.txns = {{std::string(kQuarantineMark), NowMicros()}, {id_, 1}};
  notes.info = {{"rows_quarantined", rows_}};
  session.Annotate(table_.schema, table_.table, std::move(notes));
  return {};
}

Status QuarantineBatch::Settle(engine::Engine& engine) const {
  std::string held, gone;
  const auto add = [](std::string& list, const std::string& id) {
    list += (list.empty() ? "" : ", ") + engine::QuoteLiteral(id);
  };
  if (rows_ > 0) add(held, id_);
  for (const std::string& id : open_) {
    SMELT_ASSIGN(const auto mark, engine.TxnVersion(table_.schema, table_.table, id));
    add(mark ? held : gone, id);
  }
  SMELT_ASSIGN(const auto session, engine.Connect());
  const std::string place = QuarantineSql(table_);
  return session->Transaction([&]() -> Status {
    if (!gone.empty()) SMELT_TRY(session->Execute(fmt::format("delete from {} where release_id in ({})", place, gone)));
    if (replaces_) {
      SMELT_TRY(
          session->Execute(fmt::format("delete from {} where {} and release_id is null", place, HeldBySuites(table_))));
    }
    if (held.empty()) return {};
    return session->Execute(fmt::format("update {} set release_id = null where release_id in ({})", place, held));
  });
}

}  // namespace smelt::quality
