#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/session.h"
#include "quality/internal/failing_rows.h"
#include "quality/internal/scratch_file.h"
#include "quality/internal/table_name.h"

/// Rows on their way from a table that is being written to quarantine.<schema>_<table>.
///
/// Two tables take part, and commits are atomic per table. The rows are committed to quarantine first, under the id of
/// their batch; the commit of the table carries that id as a mark. A batch whose table has no such mark is one whose
/// writer failed, or has not finished: the commit of the next writer moves the mark kQuarantineMark, which a writer
/// from before would then conflict with, and so settles which it is. Thus no row is lost, and none is in both places
/// for longer than until the next write.
namespace smelt::quality {

inline constexpr std::string_view kQuarantineSchema = "quarantine";
/// Moved by every write of a table that has to do with quarantine.
inline constexpr std::string_view kQuarantineMark = "smelt.quarantine";

/// "silver_orders".
std::string QuarantineOf(const TableName& table);
/// `quarantine.silver_orders`, for SQL.
std::string QuarantineSql(const TableName& table);
/// The condition on rows of QuarantineSql that says which come from suites of the table.
std::string HeldBySuites(const TableName& table);
/// `json_object('id', CAST(id AS VARCHAR), …)`: a row as it is kept, every value as text.
std::string RowText(const std::vector<Column>& columns);

/// One batch. Confined to a thread.
class QuarantineBatch {
 public:
  QuarantineBatch(TableName table, std::string run_id);

  /// Takes the rows that break rules out of the table, within the session's open transaction. Errors: the engine's.
  Status TakeOut(engine::Session& session, std::span<const RowRule> rules);
  /// Finds what earlier writers left. `replaces`: what was held of the table before goes with its old rows.
  Status FindEarlier(engine::Session& session, bool replaces);
  /// Whether there is something to hold or to settle.
  bool has_work() const { return rows_ > 0 || !open_.empty() || replaces_; }

  /// Commits the rows to quarantine, and has the session's coming commit of the table carry the marks.
  Status Hold(engine::Engine& engine, engine::Session& session);
  /// After the commit: what is held stays held. May be repeated. Errors: the engine's.
  Status Settle(engine::Engine& engine) const;

  const TableName& table() const { return table_; }
  std::int64_t rows() const { return rows_; }
  /// Rows that broke a rule, by its index.
  std::int64_t rows_of(std::size_t rule) const { return rule < by_rule_.size() ? by_rule_[rule] : 0; }

 private:
  /// Writes the failing rows, as they will be held, into `scratch_`.
  Status Spool(engine::Session& session, std::span<const RowRule> rules, const Frame& frame);

  TableName table_;
  std::string run_id_;
  std::string id_;  ///< the mark of this batch, "smelt.quarantine/<uuid>"
  ScratchFile scratch_;
  std::int64_t rows_ = 0;
  std::vector<std::int64_t> by_rule_;
  std::vector<std::string> open_;  ///< ids of batches that nobody has settled
  bool replaces_ = false;          ///< and there is something to replace
};

}  // namespace smelt::quality
